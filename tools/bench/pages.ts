import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = join('.cache', 'bench');

/** URL prefix under which {@link buildPage}'s folder is served, so that its own files can be told from the library's. */
export const PAGE_PREFIX = '/bench/';

/**
 * Bundles the page module `entry` (TypeScript, no Node) and writes a bare HTML page `NAME.html` that loads it.
 * Returns the folder to serve at {@link PAGE_PREFIX} and the page's path.
 */
export async function buildPage(entry: string): Promise<{ readonly folder: string; readonly path: string }> {
  const name = basename(entry, '.ts');
  await mkdir(FOLDER, { recursive: true });
  await build({
    entryPoints: [entry],
    outfile: join(FOLDER, `${name}.js`),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  const html = `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="${name}.js"></script>`;
  await writeFile(join(FOLDER, `${name}.html`), html);
  return { folder: FOLDER, path: `${PAGE_PREFIX}${name}.html` };
}
