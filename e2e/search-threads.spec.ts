import { expect, test, type Page } from '@playwright/test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DIST, ScriptTagPages } from './script-tag-pages.ts';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' blob:";

const FACES = 40_000;

const pages = new ScriptTagPages();

/** The library with a tenth of the faces from which searches use several threads: 200,000 take a minute to store. */
async function libraryFolder(): Promise<string> {
  const worker = 'gallery.worker.js';
  const folder = await pages.libraryFolder([worker]);
  const parts = (await readFile(join(DIST, worker), 'utf8')).split(/\b2e5\b/);
  expect(parts).toHaveLength(2);
  await writeFile(join(folder, worker), parts.join('2e4'));
  return folder;
}

test.afterEach(() => pages.close());

interface Found {
  readonly threads: number;
  readonly sure: boolean;
  readonly same: boolean;
}

/** Imports faces as a NumPy array and searches for one of them, in two passes and in one. */
async function searchMany(page: Page, url: string, threads: number | undefined): Promise<Found> {
  await page.goto(`${url}/index.html`);
  return page.evaluate(
    async ([count, wanted]) => {
      const { NearFace } = (window as unknown as { nearface: typeof import('../src/index.ts') }).nearface;
      const nf = await NearFace.create({ device: 'wasm', ...(wanted && { threads: wanted }) });
      const { dimension } = nf.info.embedding;
      const vectors = new Float32Array(count * dimension);
      let state = 1;
      for (let i = 0; i < vectors.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        vectors[i] = state / 2 ** 32 - 0.5;
      }
      const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dimension}), }`.padEnd(
        117,
      );
      const head = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0);
      const gallery = await nf.galleries.create('many');
      await gallery.import(new Blob([head, `${shape}\n`, vectors]));
      const row = 34_567 * dimension;
      const probe = vectors.slice(row, row + dimension);
      const length = Math.hypot(...probe);
      const embedding = probe.map((x) => x / length);
      // The helpers start on their own.
      let { searchThreads } = await gallery.stats();
      for (let i = 0; i < 50 && searchThreads === 1 && crossOriginIsolated && wanted !== 1; i++) {
        await new Promise((done) => setTimeout(done, 100));
        ({ searchThreads } = await gallery.stats());
      }
      const options = { limit: 5, threshold: { cosine: -1 } };
      const matchesOf = async (exact: boolean) => {
        const [found] = await gallery.identify(embedding, { ...options, exact });
        return found?.matches.map(({ record, cosine }) => [record.id, cosine]) ?? [];
      };
      const [quick, exact] = [await matchesOf(false), await matchesOf(true)];
      await nf.dispose();
      const sure = Math.abs((quick[0]?.[1] as number) - 1) < 1e-5;
      return { threads: searchThreads, sure, same: JSON.stringify(quick) === JSON.stringify(exact) };
    },
    [FACES, threads] as const,
  );
}

test('a strict Content-Security-Policy, page isolated: two threads', async ({ page }) => {
  const headers = { 'Content-Security-Policy': POLICY };
  const root = { '/': await pages.pageFolder('/lib'), '/lib/': await libraryFolder() };
  const url = await pages.start({ root, headers, isolated: true });
  expect(await searchMany(page, url, 2)).toEqual({ threads: 2, sure: true, same: true });
});

test('the script comes from another origin, page isolated: two threads', async ({ page }) => {
  const library = await pages.start({ root: await libraryFolder(), cors: true });
  const url = await pages.start({ root: await pages.pageFolder(library), isolated: true });
  expect(await searchMany(page, url, 2)).toEqual({ threads: 2, sure: true, same: true });
});

test('a page that is not isolated: one thread', async ({ page }) => {
  const url = await pages.start({
    root: { '/': await pages.pageFolder('/lib'), '/lib/': await libraryFolder() },
  });
  expect(await searchMany(page, url, undefined)).toEqual({ threads: 1, sure: true, same: true });
});
