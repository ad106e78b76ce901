import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright';
import { launchChromium } from './chromium.ts';
import { serve } from './serve.ts';

const FOLDER = join('.cache', 'pages');

/** URL prefix under which {@link buildPage}'s folder is served, so that its own files can be told from the library's. */
export const PAGE_PREFIX = '/page/';

/** URL prefix of the built library. */
export const LIBRARY_PREFIX = '/nearface/';

/** The folder of the built library: `dist`, or the one that `NEARFACE_DIST` names. */
export function libraryFolder(): string {
  return process.env['NEARFACE_DIST'] ?? 'dist';
}

/** Ends the program where the library is not built. */
export async function requireLibrary(): Promise<void> {
  await access(join(libraryFolder(), 'nearface.js')).catch(() => {
    console.error(`no ${libraryFolder()}/: npm run build first`);
    process.exit(1);
  });
}

/** A page that {@link buildPage} made. */
export interface BuiltPage {
  /** To be served at {@link PAGE_PREFIX}. */
  readonly folder: string;
  readonly path: string;
  /** Of the script alone. */
  readonly script: string;
}

/**
 * Bundles the page module `entry` (TypeScript, no Node; a path from the repository's root) and writes a bare HTML page that
 * loads it.
 */
export async function buildPage(entry: string): Promise<BuiltPage> {
  const name = entry.replace(/\.ts$/, '').replace(/\W+/g, '-');
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
  return { folder: FOLDER, path: `${PAGE_PREFIX}${name}.html`, script: `${PAGE_PREFIX}${name}.js` };
}

/** A page in a browser of its own, which whoever opened it closes. */
export interface OpenPage {
  readonly browser: Browser;
  readonly page: Page;
}

/** Opens a URL in a headless Chromium of its own. */
export async function openPage(url: string): Promise<OpenPage> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return { browser, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/**
 * Runs `work` with the URL of the page module `entry`, served beside the built library and `folders` (by URL prefix) as long
 * as `work` runs.
 */
export async function withPageServed<T>(
  entry: string,
  folders: Readonly<Record<string, string>>,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { folder, path } = await buildPage(entry);
  const root = { [PAGE_PREFIX]: folder, [LIBRARY_PREFIX]: libraryFolder(), ...folders };
  const server = await serve({ root });
  try {
    return await work(server.url + path);
  } finally {
    await server.close();
  }
}

/** Runs `work` with the page module `entry` open in headless Chromium; see {@link withPageServed}. */
export async function withPage<T>(
  entry: string,
  folders: Readonly<Record<string, string>>,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  return withPageServed(entry, folders, async (url) => {
    const { browser, page } = await openPage(url);
    try {
      return await work(page);
    } finally {
      await browser.close();
    }
  });
}
