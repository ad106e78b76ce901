/** A project that uses the library with one bundler. */
export interface Project {
  readonly name: string;
  /** Packages from the registry, with versions. */
  readonly packages: readonly string[];
  /** Files of the project by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The build, with the programs of the project's `node_modules/.bin`. */
  readonly build: readonly string[];
  /** The folder that the build fills. */
  readonly output: string;
  /** The page, where the bundler makes none. */
  readonly page?: string;
}

const RUN = `
  const nf = await NearFace.create({ assets: '/nearface/' });
  const { faces } = await nf.detect('/photos/sample1.jpg');
  // Its code is imported on demand.
  let last;
  for await (const { type } of nf.watch(['/photos/sample1.jpg'])) last = type;
  await nf.dispose();
  return last === 'ended' ? { faces: faces.length } : { error: 'watched in vain: ' + last };
`;

const MAIN = `import { NearFace } from 'nearface';
async function run() {${RUN}}
run()
  .catch((error) => ({ error: String(error) }))
  .then((outcome) => (document.body.dataset.outcome = JSON.stringify(outcome)));
`;

const page = (script: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>nearface</title></head>` +
  `<body><script type="module" src="${script}"></script></body></html>\n`;

const NEXT = {
  packages: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
  files: {
    'next.config.mjs': `export default { output: 'export' };\n`,
    'app/layout.jsx': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
    'app/page.jsx': `'use client';
import { NearFace } from 'nearface';
import { useEffect } from 'react';
async function run() {${RUN}}
export default function Page() {
  useEffect(() => {
    run()
      .catch((error) => ({ error: String(error) }))
      .then((outcome) => (document.body.dataset.outcome = JSON.stringify(outcome)));
  }, []);
  return <p>nearface</p>;
}
`,
  },
  output: 'out',
} as const;

export const PROJECTS: readonly Project[] = [
  {
    name: 'Vite',
    packages: ['vite@8.4.0'],
    files: { 'index.html': page('/main.js'), 'main.js': MAIN },
    build: ['vite', 'build', '--logLevel', 'warn'],
    output: 'dist',
  },
  {
    name: 'webpack',
    packages: ['webpack@5.113.0', 'webpack-cli@7.3.1'],
    files: { 'main.js': MAIN },
    build: ['webpack', '--mode', 'production', '--entry', './main.js', '--output-path', 'dist'],
    output: 'dist',
    page: page('/main.js'),
  },
  {
    name: 'esbuild',
    packages: ['esbuild@0.28.2'],
    files: { 'main.js': MAIN },
    build: ['esbuild', 'main.js', '--bundle', '--format=esm', '--minify', '--outdir=dist'],
    output: 'dist',
    page: page('/main.js'),
  },
  {
    name: 'Rollup',
    packages: ['rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3'],
    files: { 'main.js': MAIN },
    build: ['rollup', 'main.js', '--plugin', 'node-resolve', '--format', 'es', '--dir', 'dist'],
    output: 'dist',
    page: page('/main.js'),
  },
  {
    name: 'Parcel',
    packages: ['parcel@2.16.4'],
    files: { 'index.html': page('./main.js'), 'main.js': MAIN },
    build: ['parcel', 'build', 'index.html', '--dist-dir', 'dist', '--no-cache'],
    output: 'dist',
  },
  { name: 'Next.js with Turbopack', ...NEXT, build: ['next', 'build'] },
  { name: 'Next.js with webpack', ...NEXT, build: ['next', 'build', '--webpack'] },
];
