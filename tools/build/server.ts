import { build, type BuildOptions } from 'esbuild';

/** Of `server/package.json`. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Bundles the server's own files; packages stay what npm installs beside it, and the library is handed to it. */
export async function bundleServer(): Promise<void> {
  await build({ ...OPTIONS, outfile: 'server/dist/main.js', sourcemap: true });
}

const OPTIONS: BuildOptions = {
  entryPoints: ['server/src/main.ts'],
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
};

/** Packages that the bundle imports and the server's manifest does not name: they would be missing where it is installed. */
export async function undeclaredPackages({ dependencies }: Manifest): Promise<readonly string[]> {
  const { metafile } = await build({ ...OPTIONS, write: false, metafile: true, outfile: 'main.js' });
  const imports = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports);
  const names = imports
    .filter(({ path, external }) => external && !path.startsWith('node:'))
    .map(({ path }) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !Object.hasOwn(dependencies, name));
}
