import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildKernel } from '../../tools/build/kernel.ts';

/** The worker that `store-client.ts` starts. */
export const STORE_WORKER = 'bench/harness/store-worker.ts';

/**
 * Makes a folder with an `index.html` that runs the modules `pages`, with `workers`, the search worker and the kernels beside
 * it. Modules are paths from the repository's root; their scripts have their names.
 */
export async function makeSite(
  folder: string,
  pages: readonly string[],
  workers: readonly string[] = [],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [...pages, ...workers, 'src/worker/search.worker.ts'],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  for (const file of await buildKernel()) await copyFile(file, join(folder, basename(file)));
  const scripts = pages.map((path) => `<script type="module" src="/${basename(path, '.ts')}.js"></script>`);
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>bench</title>${scripts.join('')}`,
  );
}
