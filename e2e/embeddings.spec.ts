import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    // Vectors that depend on their number alone.
    window.embeddingOf = (n) =>
      Float32Array.from({ length: 192 }, (_, i) => Math.sin((n + 1) * (i + 1) * 12.9898) * 3);
  });
});

declare global {
  interface Window {
    embeddingOf(n: number): Float32Array<ArrayBuffer>;
  }
}

test('thousands of embeddings are enrolled, found, counted and listed', async ({ page }) => {
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const { nf, embeddingOf } = window;
    const gallery = await nf.galleries.get();
    const made = Array.from({ length: 5000 }, (_, n) => ({
      embedding: embeddingOf(n),
      meta: `person ${n % 50}`,
      ...(n === 3 && { id: 'the third', personId: 'p' }),
    }));
    const steps: string[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void =>
      void steps.push(`${done}/${total}`);
    const ids = await gallery.addEmbeddings(made, { cameraId: 'door', timestamp: 1e12, onProgress });
    const [found] = await gallery.search([embeddingOf(4321)], { limit: 1 });
    const metas = await gallery.metas();
    const page3 = await gallery.list({ limit: 2, skip: 2500 });
    return {
      steps,
      ids: [ids.length, new Set(ids).size, ids[3]],
      third: await gallery.get('the third'),
      found: found?.[0]?.record.meta,
      metas: [metas.length, metas.every(({ count }) => count === 100)],
      listed: page3.records.map(({ id }) => ids.indexOf(id)),
      count: await gallery.count(),
    };
  });
  expect(result).toMatchObject({
    steps: ['2000/5000', '4000/5000', '5000/5000'],
    ids: [5000, 5000, 'the third'],
    third: { meta: 'person 3', personId: 'p', cameraId: 'door', timestamp: 1e12 },
    found: 'person 21',
    metas: [50, true],
    listed: [2500, 2501],
    count: 5000,
  });
});

test('a bad embedding among many is named, and whole batches before it stay', async ({ page }) => {
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const { nf, embeddingOf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    function* items(bad: object): Generator<{ embedding: Float32Array }, void> {
      for (let n = 0; n < 3000; n++) yield { embedding: embeddingOf(n), ...(n === 2500 ? bad : {}) };
    }
    const short = await outcomeOf(() => gallery.addEmbeddings(items({ embedding: new Float32Array(5) })));
    const after = await gallery.count();
    const unknown = await outcomeOf(() => gallery.addEmbeddings(items({ surname: 'Sam' })));
    const none = await outcomeOf(() => gallery.addEmbeddings(5 as never));
    const aborted = await outcomeOf(() => gallery.addEmbeddings(items({}), { signal: AbortSignal.abort() }));
    return { short, after, unknown, none, aborted, count: await gallery.count() };
  });
  expect(result.short).toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'items[2500].embedding', added: 2000 },
  });
  expect(result.after).toBe(2000);
  expect(result.unknown).toMatchObject({ code: 'BAD_PARAM', details: { added: 2000 } });
  expect(result.unknown.message).toContain('items[2500]');
  expect(result.none).toMatchObject({ code: 'BAD_PARAM' });
  expect(result.aborted).toMatchObject({ code: 'ABORTED' });
  expect(result.count).toBe(4000);
});

test('a full disk tells what is used by what, changes nothing, and searching goes on', async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(server.url);
  // Before anything is stored: Chromium asks for the space that is left once, and then goes by what it wrote.
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 16e6 });
  await openPage(page, server);
  const fill = () =>
    page.evaluate(async () => {
      const { nf, embeddingOf, outcomeOf } = window;
      const gallery = await nf.galleries.get();
      const before = await gallery.count();
      const more = Array.from({ length: 8000 }, (_, n) => ({ embedding: embeddingOf(before + n) }));
      const outcome = await outcomeOf(() => gallery.addEmbeddings(more));
      const [found] = await gallery.search([embeddingOf(17)], { limit: 1 });
      const after = await gallery.count();
      const [last] = (await gallery.list({ skip: after - 1, limit: 1 })).records;
      return {
        outcome,
        added: after - before,
        similar: found?.[0]?.cosine,
        last: last && (await gallery.embedding(last.id)).length,
      };
    });
  const first = await fill();
  expect(first).toMatchObject({ outcome: { code: 'none' }, added: 8000 });
  const full = await fill();
  expect(full.outcome).toMatchObject({ code: 'STORAGE_FULL', details: { bytes: { pictures: 0 } } });
  expect(full.outcome.message).toMatch(/MB are in use; \d+ faces: vectors \d+(\.\d)? MB, pictures 0\.0 MB/);
  expect(full.added).toBe(full.outcome.details['added']);
  expect(full.added % 2000).toBe(0);
  expect(full.similar).toBeGreaterThan(0.999);
  expect(full.last).toBe(192);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1e9 });
  expect(await fill()).toMatchObject({ outcome: { code: 'none' }, added: 8000 });
});
