import { resolve } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** What is built from what; every output is one file, unless it is split. */
export interface Entry {
  readonly source: string;
  readonly file: string;
  readonly format: 'esm' | 'iife';
  readonly host: 'browser' | 'node';
  /** Whether what is imported on demand is a file of its own beside it, with what both need in a third one. */
  readonly isSplit?: true;
}

const ENTRIES: readonly Entry[] = [
  { source: 'src/index.ts', file: 'nearface.js', format: 'esm', host: 'browser', isSplit: true },
  { source: 'src/index.ts', file: 'nearface.iife.js', format: 'iife', host: 'browser' },
  { source: 'src/worker/vision.worker.ts', file: 'vision.worker.js', format: 'esm', host: 'browser' },
  { source: 'src/worker/gallery.worker.ts', file: 'gallery.worker.js', format: 'esm', host: 'browser' },
  { source: 'src/worker/search.worker.ts', file: 'search.worker.js', format: 'esm', host: 'browser' },
  { source: 'src/worker/video.worker.ts', file: 'video.worker.js', format: 'esm', host: 'browser' },
  { source: 'src/rest/index.ts', file: 'rest.js', format: 'esm', host: 'browser' },
  { source: 'src/service-worker/index.ts', file: 'service-worker.js', format: 'esm', host: 'browser' },
  { source: 'src/index.ts', file: 'node/nearface.js', format: 'esm', host: 'node' },
  { source: 'src/rest/index.ts', file: 'node/rest.js', format: 'esm', host: 'node' },
  { source: 'src/worker/node/vision.worker.ts', file: 'node/vision.worker.js', format: 'esm', host: 'node' },
  {
    source: 'src/worker/node/gallery.worker.ts',
    file: 'node/gallery.worker.js',
    format: 'esm',
    host: 'node',
  },
  { source: 'src/worker/node/search.worker.ts', file: 'node/search.worker.js', format: 'esm', host: 'node' },
];

/** These are fetched at run time from the folder of assets; a bundle that contains one is a mistake. */
const NEVER_BUNDLED = /^(onnxruntime-web|onnxruntime-common|@tensorflow\/)/;

const refuseRuntimes: Plugin = {
  name: 'refuse-runtimes',
  setup(build) {
    build.onResolve({ filter: NEVER_BUNDLED }, ({ path, importer }) => ({
      errors: [{ text: `${path} must be imported as a type only, or at run time (in ${importer})` }],
    }));
  },
};

/** Puts Node's host in the place of the browser's. */
const nodeHost: Plugin = {
  name: 'node-host',
  setup(build) {
    for (const name of ['host', 'open-video', 'fetch-picture']) {
      const path = resolve(`src/platform/node/${name}.ts`);
      build.onResolve({ filter: new RegExp(`/platform/${name}\\.ts$`) }, () => ({ path }));
    }
  },
};

/** Files of the other host in a bundle are a mistake. */
function checkHost({ file, host }: Entry, { inputs }: Metafile): void {
  const other = host === 'node' ? 'src/platform/browser/' : 'src/platform/node/';
  const wrong = Object.keys(inputs).filter((path) => path.startsWith(other));
  if (wrong.length > 0) throw new Error(`${file} contains what belongs to another host: ${wrong.join(', ')}`);
}

/** Bundles the scripts into `folder`; returns the npm packages that ended up inside. */
export async function bundleScripts(folder: string, version: string): Promise<ReadonlySet<string>> {
  const metafiles = await Promise.all(ENTRIES.map((entry) => bundle(entry, folder, version)));
  return new Set(metafiles.flatMap(bundledPackages));
}

async function bundle(entry: Entry, folder: string, version: string): Promise<Metafile> {
  const options: BuildOptions = {
    entryPoints: [{ in: entry.source, out: entry.file.replace(/\.js$/, '') }],
    outdir: folder,
    // Files that belong together find each other whatever is in a cache.
    splitting: entry.isSplit ?? false,
    chunkNames: 'nearface.[name]-[hash]',
    bundle: true,
    format: entry.format,
    platform: entry.host,
    target: entry.host === 'node' ? 'node20' : 'es2022',
    // Node's keep the words to bundlers that stand inside an import, and need not be small.
    minifySyntax: true,
    minifyIdentifiers: true,
    minifyWhitespace: entry.host !== 'node',
    sourcemap: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: entry.host === 'node' ? [refuseRuntimes, nodeHost] : [refuseRuntimes],
    external: entry.host === 'node' ? ['sharp', 'pg', '@electric-sql/pglite'] : [],
    banner: {
      js: `/*! nearface ${version} | Apache-2.0 | what is bundled and its licences: THIRD_PARTY-LICENSES.txt */`,
    },
  };
  if (entry.format === 'iife') {
    options.globalName = 'nearface';
    // A classic script has no import.meta; its URL is to be had only while it runs for the first time.
    options.inject = ['tools/build/script-url.ts'];
    options.define = { 'import.meta.url': 'nearfaceScriptUrl' };
  }
  const { metafile } = await build({ ...options, metafile: true });
  checkHost(entry, metafile);
  return metafile;
}

function bundledPackages(metafile: Metafile): string[] {
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1])
    .filter((name) => name !== undefined);
}
