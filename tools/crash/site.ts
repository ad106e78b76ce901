import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SITE = '.cache/crash';

/** Makes the page, with the gallery worker. Returns the folders to serve; the search kernels are the build's. */
export async function makeSite(): Promise<Readonly<Record<string, string>>> {
  await mkdir(SITE, { recursive: true });
  await build({
    entryPoints: ['page.ts', 'worker.ts'].map((name) => join('tools/crash', name)),
    outdir: SITE,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  // The worker starts while the page's own script is on its way.
  const start = `const worker = new Worker('/worker.js', { type: 'module' })`;
  const html = `<!doctype html><link rel="icon" href="data:,"><title>crash</title><script>${start}</script><script type="module" src="/page.js"></script>`;
  await writeFile(join(SITE, 'index.html'), html);
  return { '/': SITE, '/lib/': 'dist' };
}
