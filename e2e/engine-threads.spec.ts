/** Models on several threads in a page, by the built library. */
import { expect, test, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { SAMPLES, SAMPLE_NAMES } from '../tools/samples/samples.ts';
import { ScriptTagPages } from './script-tag-pages.ts';

const pages = new ScriptTagPages();

/** A page beside the library, but for the files `without`. */
async function pageUrl(isolated: boolean, without: readonly string[] = []): Promise<string> {
  const [folder, library] = [await pages.pageFolder('/lib'), await pages.libraryFolder(without)];
  const root = { '/': folder, '/lib/': library, '/samples/': fileURLToPath(SAMPLES) };
  return `${await pages.start({ root, isolated })}/index.html`;
}

test.afterEach(() => pages.close());

interface Found {
  readonly threads: number;
  readonly faces: number;
  /** Whether the embeddings are those of one thread, to the last bit. */
  readonly same: boolean;
  /** Requests for onnxruntime-web. */
  readonly runtime: number;
  readonly warnings: readonly string[];
}

/** Embeds the faces of a sample on one thread and on `threads`. */
async function embed(page: Page, url: string, threads: number): Promise<Found> {
  await page.goto(url);
  return page.evaluate(
    async ([wanted, photo]) => {
      const { NearFace } = (window as unknown as { nearface: typeof import('../src/index.ts') }).nearface;
      const embeddings: string[] = [];
      const found = { threads: 0, faces: 0, warnings: [] as readonly string[] };
      for (const count of [1, wanted]) {
        const nf = await NearFace.create({ device: 'wasm', threads: count });
        const { faces } = await nf.embed(photo, { returnDetails: { landmarks: true } });
        embeddings.push(JSON.stringify(faces.map(({ embedding }) => [...(embedding ?? [])])));
        const { threads: now, warnings } = nf.info;
        Object.assign(found, { threads: now, faces: faces.length, warnings });
        await nf.dispose();
      }
      const runtime = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/ort/'));
      return { ...found, same: embeddings[0] === embeddings[1], runtime: runtime.length };
    },
    [threads, `/samples/${SAMPLE_NAMES[0]}`] as const,
  );
}

const ONE = { threads: 1, faces: 3, same: true, runtime: 0 };

test('an isolated page: the models run on as many threads as were asked for, with the same results', async ({
  page,
}) => {
  const found = await embed(page, await pageUrl(true), 2);
  expect(found).toEqual({ threads: 2, faces: 3, same: true, runtime: 0, warnings: [] });
});

test('a page that is not isolated: one thread', async ({ page }) => {
  const found = await embed(page, await pageUrl(false), 2);
  expect(found).toEqual({ ...ONE, warnings: [expect.stringContaining('not cross-origin isolated')] });
});

test('an isolated page without the helpers’ script: one thread', async ({ page }) => {
  const found = await embed(page, await pageUrl(true, ['search.worker.js']), 4);
  expect(found).toEqual({ ...ONE, warnings: [expect.stringContaining('search.worker.js')] });
});
