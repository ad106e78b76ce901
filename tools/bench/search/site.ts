import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildKernel } from '../../build/kernel.ts';

const SOURCES = 'tools/bench/search';

/** Makes a folder with a page that runs `pages`, with `workers` and the kernels beside them; names are of sources here. */
export async function makeSite(
  folder: string,
  pages: readonly string[],
  workers: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const own = [...pages, ...workers].map((name) => join(SOURCES, `${name}.ts`));
  await build({
    entryPoints: [...own, 'src/worker/search.worker.ts'],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  for (const file of await buildKernel()) await copyFile(file, join(folder, basename(file)));
  const scripts = pages.map((name) => `<script type="module" src="/${name}.js"></script>`);
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>bench</title>${scripts.join('')}`,
  );
}
