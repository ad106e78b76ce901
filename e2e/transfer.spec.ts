import { expect, type Page, test } from '@playwright/test';
import type { NearFace } from '../src/index.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => openPage(page, server));

test('a gallery goes into another database as an encrypted archive, from a file and from a stream', async ({
  page,
}) => {
  const result = await page.evaluate(async () => {
    const { nf, library, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const photo = await (await fetch('/photos/sample1.jpg')).blob();
    await gallery.add(photo, { meta: 'Sam', keep: 'crops', returnDetails: { quality: true } });
    const passphrase = 'correct horse';
    const steps: string[] = [];
    const onProgress = ({ phase, done, total }: { phase: string; done: number; total: number }): void =>
      void steps.push(`${phase} ${done} of ${total}`);
    const file = await gallery.export({ passphrase, onProgress });
    const other = await library.NearFace.create({ assets: '/lib/', device: 'wasm', database: 'other' });
    const target = await other.galleries.create('staff');
    const locked = await outcomeOf(() => target.import(file, { passphrase: 'wrong' }));
    const imported = await target.import(file.stream(), { passphrase, onProgress });
    const skipped = await target.import(file, { passphrase, ids: 'new', duplicates: 'skip' });
    const [found] = await target.identify(photo);
    const record = found?.matches[0]?.record;
    const crop = await target.picture(record?.id ?? '', 'crop');
    return {
      steps,
      locked: locked.code,
      imported,
      skipped,
      galleries: record?.galleries,
      meta: record?.meta,
      hasQuality: record?.quality !== undefined,
      cropBytes: crop?.size,
    };
  });
  expect(result).toMatchObject({
    locked: 'LOCKED',
    imported: { imported: 1, skipped: 0 },
    skipped: { imported: 0, skipped: 1 },
    galleries: ['staff'],
    meta: 'Sam',
    hasQuality: true,
  });
  expect(result.steps).toEqual(['export 1 of 1', 'import 1 of 1']);
  expect(result.cropBytes).toBeGreaterThan(100);
});

test("errors keep their codes across the worker, and other libraries' descriptors are refused", async ({
  page,
}) => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const embedding = new Float32Array(nf.info.embedding.dimension).fill(1);
    await gallery.addEmbedding(embedding, { id: 'one' });
    const file = await gallery.export();
    const numbers = Array.from({ length: 1024 }, (_, i) => Math.sin(i));
    const human = new Blob([JSON.stringify([{ name: 'Sam', embedding: numbers }])]);
    const failing = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('no')),
    });
    return {
      taken: await outcomeOf(() => gallery.import(file)),
      human: await outcomeOf(() => gallery.import(human)),
      damaged: await outcomeOf(() => gallery.import(file.slice(0, file.size - 5))),
      failing: await outcomeOf(() => gallery.import(failing)),
      aborted: await outcomeOf(() => gallery.export({ signal: AbortSignal.abort() })),
      unknown: await outcomeOf(() => gallery.import(file, { duplicate: 'skip' } as object)),
      count: await gallery.count(),
    };
  });
  expect(outcomes).toMatchObject({
    taken: { code: 'FACE_EXISTS', details: { id: 'one' } },
    human: { code: 'MODEL_MISMATCH', details: { source: 'human' } },
    damaged: { code: 'BAD_PARAM' },
    failing: { code: 'BAD_PARAM', details: { param: 'file' } },
    aborted: { code: 'ABORTED' },
    unknown: { code: 'BAD_PARAM', details: { param: 'options.duplicate' } },
    count: 1,
  });
});

test('an import whose tab is closed is seen by no other tab, which takes it back', async ({
  page,
  context,
}) => {
  const faces = 20_000;
  const other = await context.newPage();
  await openPage(other, server);
  for (const tab of [page, other])
    await tab.evaluate(async () => {
      const options = { assets: '/lib/', device: 'wasm', database: 'tabs' } as const;
      Object.assign(window, { shared: await window.library.NearFace.create(options) });
    });
  await page.evaluate(async (count) => {
    const { nf, shared } = window as unknown as Record<'nf' | 'shared', NearFace>;
    const own = await nf.galleries.get();
    const { dimension } = nf.info.embedding;
    await own.addEmbeddings(
      Array.from({ length: count }, (_, i) => ({
        embedding: Float32Array.from({ length: dimension }, (_x, j) => Math.sin(i * 12.9898 + j * 78.233)),
      })),
    );
    const file = await own.export();
    const gallery = await shared.galleries.get();
    const onProgress = ({ done }: { done: number }): void => void Object.assign(window, { done });
    void gallery.import(file, { onProgress }).catch(() => undefined);
  }, faces);
  await page.waitForFunction(() => 'done' in window && (window.done as number) >= 1000);
  const countIn = (tab: Page): Promise<number> =>
    tab.evaluate(async () => {
      const { shared } = window as unknown as Record<'shared', NearFace>;
      return (await shared.galleries.get()).count();
    });
  expect(await countIn(other)).toBe(0);
  const isUnderWay = (): Promise<boolean> =>
    other.evaluate(async () => {
      const request = indexedDB.open('tabs');
      const db = await new Promise<IDBDatabase>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      const read = db.transaction('state').objectStore('state').get('state');
      const state = await new Promise<object>((resolve) => {
        read.onsuccess = () => resolve(read.result as object);
      });
      db.close();
      return 'importing' in state;
    });
  expect(await isUnderWay()).toBe(true);
  await page.close();
  await expect.poll(isUnderWay, { timeout: 20_000 }).toBe(false);
  expect(await countIn(other)).toBe(0);
  const used = await other.evaluate(async () => {
    const { shared } = window as unknown as Record<'shared', NearFace>;
    const { faces: left, bytes } = await shared.storage.usage();
    return { left, ...bytes };
  });
  expect(used).toEqual({ left: 0, records: 0, pictures: 0, vectors: 0 });
});
