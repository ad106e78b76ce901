import { build } from 'esbuild';

/** Bundles the server's own files; packages stay what npm installs beside it, and the library is handed to it. */
export async function bundleServer(): Promise<void> {
  await build({
    ...{ entryPoints: ['server/src/main.ts'], outfile: 'server/dist/main.js' },
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
    ...{ sourcemap: true, logLevel: 'warning' },
  });
}
