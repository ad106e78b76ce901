import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => openPage(page, server));

test('a job is paused, survives a reload, and goes on where it stopped', async ({ page }) => {
  const paused = await page.evaluate(async () => {
    const { nf } = window;
    const files = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const response = await fetch(`/photos/sample${n}.jpg`);
        return new File([await response.blob()], `team/Person ${n}.jpg`);
      }),
    );
    files.push(new File(['no picture'], 'team/broken.jpg'));
    const listed: number[] = [];
    const job = await nf.jobs.enrol('default', files, { onListed: (photos) => void listed.push(photos) });
    const summary = await job.run({
      concurrency: 1,
      onProgress: ({ processed }) => {
        if (processed === 2) void job.pause();
      },
    });
    return { id: job.id, summary, listed };
  });
  expect(paused.listed.at(-1)).toBe(5);
  expect(paused.summary).toMatchObject({ state: 'paused', counts: { added: 2, waiting: 3 } });
  await page.reload();
  await page.waitForFunction(() => 'ready' in window);
  const ended = await page.evaluate(async (id) => {
    const nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
    const [found] = await nf.jobs.list();
    const job = await nf.jobs.get(id);
    if (job.kind !== 'enrol') throw new Error(`a job that does ${job.kind}`);
    const seen: string[] = [];
    const summary = await job.run({
      onProgress: ({ item }) => void (item && seen.push(`${item.name} ${item.status}`)),
    });
    const again = await job.retry();
    const gallery = await nf.galleries.get();
    const report = await (await job.report()).text();
    const json = JSON.parse(await (await job.report('json')).text()) as { job: unknown; items: unknown[] };
    const failed = await job.items({ status: 'failed' });
    const metas = (await gallery.metas()).map(({ meta }) => meta);
    const items = await job.items();
    return { found, summary, again, seen: seen.sort(), report, json, failed, metas, items };
  }, paused.id);
  expect(ended.found).toMatchObject({ id: paused.id, kind: 'enrol', state: 'paused', gallery: 'default' });
  expect(ended.found?.progress).toBeCloseTo(0.4);
  expect(ended.summary.progress).toBe(1);
  expect(ended.summary.timeCompleted).toBeGreaterThan(ended.summary.timeStarted!);
  expect(ended.summary).toMatchObject({ state: 'done', counts: { added: 4, failed: 1, waiting: 0 } });
  expect(ended.again).toMatchObject({ state: 'done', counts: { added: 4, failed: 1 } });
  expect(ended.seen).toEqual([
    'team/Person 3.jpg added',
    'team/Person 4.jpg added',
    'team/broken.jpg failed',
  ]);
  expect(ended.metas).toEqual(['Person 1', 'Person 2', 'Person 3', 'Person 4']);
  expect(ended.report).toContain('team/broken.jpg,broken,failed,,IMAGE_DECODING_FAILED');
  expect(ended.failed).toEqual([ended.items[4]]);
  expect(ended.json).toMatchObject({ job: { id: paused.id, counts: { added: 4 } }, items: ended.items });
  expect(ended.items[4]).toMatchObject({ status: 'failed', error: { code: 'IMAGE_DECODING_FAILED' } });
});

test('duplicates are skipped or replaced, and a cancelled job ends for good', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const gallery = await nf.galleries.get();
    const file = new File([await (await fetch('/photos/sample1.jpg')).blob()], 'a.jpg');
    const counts: object[] = [];
    for (const duplicates of ['add', 'skip', 'replace'] as const) {
      const job = await nf.jobs.enrol('default', [file], {
        duplicates,
        meta: { from: 'constant', meta: duplicates },
      });
      const { counts: now } = await job.run();
      counts.push({ ...now, metas: (await gallery.metas()).map(({ meta }) => meta) });
      await job.delete();
    }
    const job = await nf.jobs.enrol('default', [file, file, file]);
    await job.cancel();
    const cancelled = await job.info();
    const wrong = await nf.jobs.enrol('default', [], {}).catch((error: { code: string }) => error.code);
    const jobs = await nf.jobs.list();
    return { counts, cancelled, wrong, jobs: jobs.length };
  });
  expect(seen.counts).toMatchObject([
    { added: 1, metas: ['add'] },
    { skipped: 1, added: 0, metas: ['add'] },
    { added: 1, metas: ['replace'] },
  ]);
  expect(seen.cancelled.state).toBe('cancelled');
  expect(seen.wrong).toBe('BAD_PARAM');
  expect(seen.jobs).toBe(1);
});

test('photos are chosen by a pattern, and split into jobs that are made together or not at all', async ({
  page,
}) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const photo = await (await fetch('/photos/sample1.jpg')).blob();
    const names = ['a.jpg', 'x/b.JPG', 'x/c.png', 'x/y/d.jpg', 'e.jpg'];
    const files = names.map((name) => new File([photo], name));
    const jobs = await nf.jobs.enrol('default', files, { match: '**/*.jpg', split: 3, tag: 'team' });
    const items = await Promise.all(jobs.map((job) => job.items()));
    const infos = await Promise.all(jobs.map((job) => job.info()));
    const more = await nf.jobs.enrol('default', files, { match: 'x/**', split: 9 });
    const wrong = [
      await window.outcomeOf(() => nf.jobs.enrol('default', files, { match: '*.gif' })),
      await window.outcomeOf(() => nf.jobs.enrol('default', files, { match: '{a' })),
      await window.outcomeOf(() => nf.jobs.enrol('default', files, { split: 0 })),
      await window.outcomeOf(() => nf.jobs.enrol('nowhere', files, { split: 2 })),
    ];
    const left = (await nf.jobs.list()).length;
    const elapsed: number[] = [];
    await jobs[0]!.run({ onProgress: ({ elapsedMs }) => void elapsed.push(elapsedMs) });
    return {
      names: items.map((some) => some.map(({ name }) => name)),
      ...{ infos, left, elapsed, more: more.length },
      wrong: wrong.map(({ code, message }) => `${code} ${message}`),
    };
  });
  expect(seen.names.flat()).toEqual(['a.jpg', 'x/b.JPG', 'x/y/d.jpg', 'e.jpg']);
  expect(seen.names.map((some) => some.length)).toEqual([1, 2, 1]);
  expect(seen.infos).toMatchObject(Array(3).fill({ state: 'waiting', tag: 'team', progress: 0 }));
  expect(seen.more).toBe(3);
  expect(seen.left).toBe(6);
  expect(seen.wrong).toEqual([
    expect.stringMatching(/^BAD_PARAM source .*that options\.match means/),
    expect.stringMatching(/^BAD_PARAM options\.match must be a pattern/),
    expect.stringMatching(/^BAD_PARAM options\.split must be a whole number/),
    expect.stringMatching(/^GALLERY_NOT_FOUND/),
  ]);
  expect(seen.elapsed).toHaveLength(2);
  expect(seen.elapsed[1]).toBeGreaterThan(seen.elapsed[0]!);
});

test('a job says why it left a photo out', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const file = new File([await (await fetch('/photos/sample1.jpg')).blob()], 'a.jpg');
    const job = await nf.jobs.enrol('default', [file], { minReliability: 1 });
    const told: object[] = [];
    const { counts } = await job.run({ onProgress: ({ item }) => void (item && told.push(item)) });
    return { counts, told, items: await job.items(), report: await (await job.report()).text() };
  });
  const shortfalls = [{ item: 'reliability', min: 1, max: 1 }];
  expect(seen.counts).toMatchObject({ added: 0, rejected: 1 });
  expect(seen.told).toMatchObject([{ status: 'rejected', shortfalls }]);
  expect(seen.items).toMatchObject([{ status: 'rejected', ids: [], shortfalls }]);
  expect(seen.report).toMatch(/a\.jpg,a,rejected,,,"reliability 0\.\d\d, not 1 to 1"/);
});

test('storage: usage, encryption, locking, and erasing', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { library } = window;
    const code = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
    const create = (more: object) =>
      library.NearFace.create({ assets: '/lib/', device: 'wasm', database: 'secret', ...more });
    const nf = await create({ passphrase: 'correct horse' });
    const gallery = await nf.galleries.get();
    await gallery.add('/photos/sample1.jpg', { meta: 'Sam', keep: 'crops' });
    const usage = await nf.storage.usage();
    const codes = [
      await code(create({})),
      await code(create({ passphrase: 'wrong horse' })),
      await code(create({ passphrase: 'short' })),
    ];
    await nf.storage.changePassphrase('correct horse', 'another horse');
    await nf.storage.lock();
    codes.push(await code(gallery.count()), await code(nf.storage.unlock('correct horse')));
    await nf.storage.unlock('another horse');
    const [found] = await gallery.identify('/photos/sample1.jpg');
    const stats = await gallery.stats({ recallProbes: 5 });
    await nf.storage.eraseAll();
    const count = await gallery.count();
    await nf.dispose();
    await library.NearFace.erase({ assets: '/lib/', database: 'secret' });
    const after = await create({});
    const encrypted = (await after.storage.usage()).encrypted;
    return { usage, codes, meta: found?.matches[0]?.record.meta, stats, count, encrypted };
  });
  expect(seen.usage).toMatchObject({ faces: 1, encrypted: true, bytes: { vectors: 768 } });
  expect(seen.usage.bytes.pictures).toBeGreaterThan(1000);
  expect(seen.codes).toEqual(['LOCKED', 'LOCKED', 'BAD_PARAM', 'LOCKED', 'LOCKED']);
  expect(seen.meta).toBe('Sam');
  expect(seen.stats).toMatchObject({
    recall: { probes: 1, at1: 1 },
    code: { bytesPerFace: 48, rows: 'float' },
  });
  expect(seen.count).toBe(0);
  expect(seen.encrypted).toBe(false);
});

test('a search looks into several galleries, filters, and groups', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const [staff, guests] = [await nf.galleries.create('staff'), await nf.galleries.create('guests')];
    await staff.add('/photos/sample1.jpg', { meta: 'A', personId: 'p' });
    await guests.add('/photos/sample1.jpg', { meta: 'B' });
    await guests.add('/photos/sample2.jpg', { meta: 'C' });
    const metas = async (more: object): Promise<string[]> => {
      const [{ matches } = { matches: [] }] = await staff.identify('/photos/sample1.jpg', {
        limit: 9,
        ...more,
      });
      return matches.map(({ record }) => record.meta).sort();
    };
    const { groups, singles } = await guests.cluster();
    await guests.add('/photos/sample1.jpg', { meta: 'D' });
    const again = await guests.cluster();
    return {
      own: await metas({}),
      both: await metas({ galleries: ['guests'] }),
      person: await metas({ galleries: ['guests'], personId: 'p' }),
      later: await metas({ galleries: ['guests'], from: Date.now() + 1000 }),
      exact: await metas({ exact: true }),
      groups: [groups.length, singles, again.groups[0]?.ids.length, again.singles],
    };
  });
  expect(seen).toEqual({
    own: ['A'],
    both: ['A', 'B', 'D'],
    person: ['A'],
    later: [],
    exact: ['A'],
    groups: [0, 2, 2, 1],
  });
});

test('faces are made anew for another model from their crops, where they stopped', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf, library } = window;
    const gallery = await nf.galleries.get();
    for (const n of [1, 2, 3])
      await gallery.add(`/photos/sample${n}.jpg`, { meta: `Person ${n}`, id: `face-${n}`, keep: 'crops' });
    await gallery.addEmbedding(await gallery.embedding('face-1'), { id: 'bare' });
    await nf.dispose();
    const entry = {
      role: 'embedding',
      format: 'onnx',
      file: new URL('/lib/models/mobilefacenet.onnx', location.href).href,
      input: { size: [112, 112], layout: 'nchw', channels: 'bgr', mean: 127.5, std: 128 },
      outputs: ['embedding'],
      dimension: 192,
    } as const;
    const other = await library.NearFace.create({
      assets: '/lib/',
      device: 'wasm',
      models: { embedding: { ...entry, id: 'other', input: { ...entry.input, size: [112, 112] } } },
    });
    const anew = await other.galleries.get();
    const code = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
    const before = await code(anew.identify('/photos/sample1.jpg', { threshold: { cosine: 0.3 } }));
    const aborter = new AbortController();
    const stopped = await code(
      other.galleries.regenerate({
        signal: aborter.signal,
        onProgress: ({ total }) => total === 4 && aborter.abort(),
      }),
    );
    const refused = await code(other.galleries.regenerate());
    const done: number[] = [];
    const report = await other.galleries.regenerate({
      missing: 'delete',
      onProgress: ({ done: n }) => void done.push(n),
    });
    const [found] = await anew.identify('/photos/sample2.jpg', { threshold: { cosine: 0.3 } });
    const { records } = await anew.list();
    return {
      before,
      stopped,
      refused,
      report,
      resumed: done[0],
      found: found?.matches[0]?.record.id,
      records: records.map(({ id, modelId, pictures }) => `${id} ${modelId} ${pictures.length}`),
    };
  });
  expect(seen).toEqual({
    before: 'MODEL_MISMATCH',
    stopped: 'ABORTED',
    refused: 'BAD_PARAM',
    report: { regenerated: 3, deleted: 1 },
    resumed: 3,
    found: 'face-2',
    records: [1, 2, 3].map((n) => `face-${n} other 2`),
  });
});

test('a job whose lock another script steals stops and can be run again', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const files = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const response = await fetch(`/photos/sample${n}.jpg`);
        return new File([await response.blob()], `${n}.jpg`);
      }),
    );
    const job = await nf.jobs.enrol('default', files);
    const letGo = new AbortController();
    let stolen: Promise<void> | undefined;
    const steal = (): void => {
      const held = (): Promise<void> =>
        new Promise((resolve) => letGo.signal.addEventListener('abort', () => resolve()));
      stolen = navigator.locks.request(`nearface-job:${job.id}`, { steal: true }, held);
    };
    const stopped = await job.run({
      concurrency: 1,
      onProgress: ({ processed }) => {
        if (processed === 1) steal();
      },
    });
    letGo.abort();
    await stolen;
    const ended = await job.run();
    return { stopped, ended, count: await (await nf.galleries.get()).count() };
  });
  expect(seen.stopped.state).not.toBe('done');
  expect(seen.stopped.counts.waiting).toBeGreaterThan(0);
  expect(seen.ended).toMatchObject({ state: 'done', counts: { added: 4, waiting: 0 } });
  expect(seen.count).toBe(4);
});
