import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

/** Lets the page end its workers behind the library's back. */
const REMEMBER_WORKERS = `
  const Original = Worker;
  const started = [];
  window.Worker = class extends Original {
    constructor(url, options) {
      super(url, options);
      started.push({ url: String(url), worker: this });
    }
  };
  window.killWorker = (script) => started.findLast(({ url }) => url.endsWith(script)).worker.terminate();
`;

declare global {
  interface Window {
    /** Ends the newest worker of a script as a crash would: no event tells the library. */
    killWorker(script: string): void;
  }
}

test.beforeEach(({ page }) => page.addInitScript(REMEMBER_WORKERS));

test('a vision worker killed in mid-call: WORKER_DIED, and the next call starts another', async ({
  page,
}) => {
  await openPage(page, server);
  const outcomes = await page.evaluate(async () => {
    const photos = [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6];
    const calls = photos.map((i) => window.outcomeOf(() => window.nf.embed(`/photos/sample${i}.jpg`)));
    await Promise.race(calls);
    window.killWorker('vision.worker.js');
    return Promise.all(calls);
  });
  const died = outcomes.filter(({ code }) => code === 'WORKER_DIED');
  const done = outcomes.filter(({ code }) => code === 'none');
  // Another call or two may end before the worker does.
  expect(done.length).toBeGreaterThan(0);
  expect(died.length).toBeGreaterThan(0);
  expect(done.length + died.length).toBe(outcomes.length);
  expect(died[0]!.details).toEqual({ worker: 'vision' });
  expect(died[0]!.message).toMatch(/repeat the call/);
  const faces = await page.evaluate(async () => (await window.nf.detect('/photos/sample1.jpg')).faces.length);
  expect(faces).toBe(3);
});

test('photos are looked at by several vision workers; one that dies takes along what it was given alone', async ({
  page,
}) => {
  await openPage(page, server, false);
  const outcome = await page.evaluate(async () => {
    const options = { assets: '/lib/', device: 'wasm', visionWorkers: 2, database: 'pool' } as const;
    const nf = await window.library.NearFace.create(options);
    const { visionWorkers: atStart } = nf.info;
    const photos = [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6].map((i) => `/photos/sample${i}.jpg`);
    const calls = photos.map((photo) => window.outcomeOf(() => nf.detect(photo)));
    await Promise.race(calls);
    window.killWorker('vision.worker.js');
    const codes = (await Promise.all(calls)).map(({ code }) => code);
    const report = await (await nf.galleries.get()).addMany(photos.slice(0, 6));
    await nf.dispose();
    return { atStart, codes, added: report.added };
  });
  expect(outcome.atStart).toEqual({ running: 2, most: 2, waiting: 0 });
  const died = outcome.codes.filter((code) => code === 'WORKER_DIED');
  expect(died.length).toBeGreaterThan(0);
  expect(died.length).toBeLessThanOrEqual(2);
  expect(outcome.codes.filter((code) => code === 'none')).toHaveLength(12 - died.length);
  expect(outcome.added).toBe(6);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('a gallery worker killed in mid-call: what was stored is there', async ({ page }) => {
  await openPage(page, server);
  await page.evaluate(async () => {
    const gallery = await window.nf.galleries.create('staff');
    await gallery.add('/photos/sample1.jpg', { meta: 'Sam Berry' });
  });
  const result = await page.evaluate(async () => {
    const pending = window.outcomeOf(() => window.nf.galleries.list());
    window.killWorker('gallery.worker.js');
    const { code } = await pending;
    const gallery = await window.nf.galleries.get('staff');
    const [found] = await gallery.identify('/photos/sample1.jpg');
    return { code, count: await gallery.count(), name: found?.matches[0]?.record.meta };
  });
  expect(result).toEqual({ code: 'WORKER_DIED', count: 1, name: 'Sam Berry' });
});

test('a gallery worker that died: locked galleries can be unlocked, and no other passphrase counts', async ({
  page,
}) => {
  await openPage(page, server, false);
  const outcome = await page.evaluate(async () => {
    const options = {
      assets: '/lib/',
      device: 'wasm',
      database: 'locked',
      passphrase: 'correct horse',
    } as const;
    const nf = await window.library.NearFace.create(options);
    const gallery = await nf.galleries.get();
    await gallery.add('/photos/sample1.jpg', { faces: 'biggest' });
    // It is not locked: what is given here opens nothing, also later.
    await nf.storage.unlock('a mouse that was never here');
    window.killWorker('gallery.worker.js');
    const afterDeath = await gallery.count().catch(() => gallery.count());
    await nf.storage.lock();
    window.killWorker('gallery.worker.js');
    const wait = async (): Promise<string> => (await window.outcomeOf(() => gallery.count())).code;
    let locked = await wait();
    if (locked === 'WORKER_DIED') locked = await wait();
    const wrong = (await window.outcomeOf(() => nf.storage.unlock('wrong horse'))).code;
    await nf.storage.unlock('correct horse');
    const unlocked = await gallery.count();
    await nf.dispose();
    return { afterDeath, locked, wrong, unlocked };
  });
  expect(outcome).toEqual({ afterDeath: 1, locked: 'LOCKED', wrong: 'LOCKED', unlocked: 1 });
});

test('a gallery worker that kept galleries in memory died: they are gone, and that is told', async ({
  page,
}) => {
  await openPage(page, server, false);
  const outcome = await page.evaluate(async () => {
    const nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm', database: null });
    const gallery = await nf.galleries.get();
    await gallery.add('/photos/sample1.jpg', { faces: 'biggest' });
    const before = (await nf.storage.usage()).lost;
    const { photos } = { photos: [1, 2, 3, 4, 5, 6].map((i) => `/photos/sample${i}.jpg`) };
    let added = 0;
    const adding = window.outcomeOf(() =>
      gallery.addMany(photos, {
        concurrency: 1,
        onProgress: () => {
          if (++added === 2) window.killWorker('gallery.worker.js');
        },
      }),
    );
    const { code } = await adding;
    const usage = await nf.storage.usage();
    await nf.storage.acknowledgeLoss();
    const { lost } = await nf.storage.usage();
    const persisted = await nf.storage.persist();
    await nf.dispose();
    return { before, code, kind: usage.kind, faces: usage.faces, told: usage.lost, lost, persisted };
  });
  expect(outcome.faces).toBeLessThan(2);
  expect(outcome).toEqual({
    ...{ before: false, code: 'WORKER_DIED', kind: 'memory', faces: expect.any(Number) },
    ...{ told: true, lost: false, persisted: false },
  });
});

test('the gallery is there after a reload', async ({ page }) => {
  await openPage(page, server);
  await page.evaluate(async () => {
    await (await window.nf.galleries.get()).add('/photos/sample1.jpg', { meta: 'Sam Berry', keep: 'crops' });
  });
  await page.reload();
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    const { records } = await gallery.list();
    const [found] = await gallery.identify('/photos/sample1.jpg');
    const thumbnail = await gallery.picture(records[0]!.id, 'thumbnail');
    const photo = await gallery.picture(records[0]!.id, 'photo');
    return {
      metas: await gallery.metas(),
      hit: found?.matches[0]?.record.meta,
      confidence: found?.matches[0]?.confidence,
      picture: [thumbnail?.type, photo],
      hash: records[0]!.photoHash,
    };
  });
  expect(result).toMatchObject({
    metas: [{ meta: 'Sam Berry', count: 1 }],
    hit: 'Sam Berry',
    picture: ['image/jpeg', null],
  });
  expect(result.confidence).toBeGreaterThan(0.99);
  expect(result.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('two instances in one page do not disturb each other', async ({ page }) => {
  await openPage(page, server);
  const counts = await page.evaluate(async () => {
    const other = await window.library.NearFace.create({
      assets: '/lib/',
      device: 'wasm',
      database: 'other',
    });
    const [mine, theirs] = [await window.nf.galleries.get(), await other.galleries.get()];
    await Promise.all([mine.add('/photos/sample1.jpg'), theirs.add('/photos/sample2.jpg')]);
    await theirs.add('/photos/sample3.jpg');
    await other.dispose();
    return {
      mine: await mine.count(),
      detected: (await window.nf.detect('/photos/sample4.jpg')).faces.length,
    };
  });
  expect(counts).toEqual({ mine: 1, detected: 4 });
});

test('a folder without the workers says where they were looked for', async ({ page }) => {
  await openPage(page, server, false);
  const outcome = await page.evaluate(() =>
    window.outcomeOf(() => window.library.NearFace.create({ assets: '/nowhere/' })),
  );
  expect(outcome.code).toBe('BACKEND_UNAVAILABLE');
  expect(outcome.message).toMatch(/nowhere\/.*worker\.js.*assets/);
});

test('creation can be aborted, and leaves no worker', async ({ page }) => {
  await openPage(page, server, false);
  const outcome = await page.evaluate(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return window.outcomeOf(() =>
      window.library.NearFace.create({ assets: '/lib/', signal: controller.signal }),
    );
  });
  expect(outcome.code).toBe('ABORTED');
  await expect.poll(() => page.workers().length).toBe(0);
});
