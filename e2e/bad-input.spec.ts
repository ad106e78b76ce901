import { expect, test, type Page } from '@playwright/test';
import { crc32, deflateSync } from 'node:zlib';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary, type Outcome } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(({ page }) => openPage(page, server));

/** After whatever went wrong: nothing was stored, and the next good call works. */
async function expectWorking(page: Page, stored: number = 0): Promise<void> {
  const state = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get('default');
    const { faces } = await window.nf.detect('/photos/sample1.jpg', { mode: 'accurate' });
    const page = await gallery.list();
    return { count: await gallery.count(), listed: page.records.length, faces: faces.length };
  });
  expect(state).toEqual({ count: stored, listed: stored, faces: 3 });
}

/** How `gallery.add(image)` ends for an image given as bytes. */
function addBytes(page: Page, bytes: Uint8Array, name: string): Promise<Outcome> {
  return page.evaluate(
    async ({ base64, name }) => {
      const blob = await (await fetch(`data:application/octet-stream;base64,${base64}`)).blob();
      const gallery = await window.nf.galleries.get();
      return window.outcomeOf(() => gallery.add(new File([blob], name)));
    },
    { base64: Buffer.from(bytes).toString('base64'), name },
  );
}

/** A one-colour PNG; one bit a pixel, so that 400 megapixels fit into some kilobytes. */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8)), 0), { level: 9 });
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body) >>> 0);
    return Buffer.concat([length, body, sum]);
  };
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function sampleBytes(page: Page, sample: number): Promise<Buffer> {
  const response = await page.request.get(`${server.url}/photos/sample${sample}.jpg`);
  return response.body();
}

test('a text file named .jpg', async ({ page }) => {
  const outcome = await addBytes(page, Buffer.from('Dear diary, this is no photo.\n'.repeat(20)), 'face.jpg');
  expect(outcome.code).toBe('IMAGE_DECODING_FAILED');
  expect(outcome.message).toMatch(/JPEG/);
  await expectWorking(page);
});

test('a truncated JPEG', async ({ page }) => {
  const whole = await sampleBytes(page, 2);
  for (const share of [0.5, 0.01]) {
    const outcome = await addBytes(page, whole.subarray(0, Math.floor(whole.length * share)), 'cut.jpg');
    expect(outcome.code).toBe('IMAGE_DECODING_FAILED');
    expect(outcome.message).toMatch(/damaged|incomplete/);
  }
  await expectWorking(page);
});

test('an image of 1 × 1 pixel', async ({ page }) => {
  const outcome = await addBytes(page, png(1, 1), 'dot.png');
  expect(outcome.code).toBe('NO_FACE');
  await expectWorking(page);
});

test('images of 20,000 × 20,000 pixels, and of 10,100 × 10,100 in a format that is decoded whole', async ({
  page,
}) => {
  for (const side of [20_000, 10_100]) {
    const outcome = await addBytes(page, png(side, side), 'wall.png');
    expect(outcome.code).toBe('IMAGE_TOO_LARGE');
    expect(outcome.message).toMatch(String(side));
  }
  await expectWorking(page);
});

test('an image with no face', async ({ page }) => {
  const { add, detect, identify } = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#4a7';
    context.fillRect(0, 0, 640, 480);
    const gallery = await window.nf.galleries.get();
    return {
      add: await window.outcomeOf(() => gallery.add(canvas, { meta: 'nobody' })),
      detect: (await window.nf.detect(canvas)).faces,
      identify: await gallery.identify(canvas),
    };
  });
  expect(add).toMatchObject({ code: 'NO_FACE', details: { param: 'image' } });
  expect(detect).toEqual([]);
  expect(identify).toEqual([]);
  await expectWorking(page);
});

test('several faces where one is wanted', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    return window.outcomeOf(() => gallery.add('/photos/sample4.jpg', { faces: 'reject' }));
  });
  expect(outcome.code).toBe('TOO_MANY_FACES');
  expect(outcome.details['boxes']).toHaveLength(4);
  expect(outcome.message).toMatch(/boxes/);
  await expectWorking(page);
});

test('which of two photos shows no face', async ({ page }) => {
  const outcome = await page.evaluate(() => {
    const blank = new ImageData(320, 240);
    return window.outcomeOf(() => window.nf.compare('/photos/sample1.jpg', blank));
  });
  expect(outcome).toMatchObject({ code: 'NO_FACE', details: { param: 'b' } });
  await expectWorking(page);
});

test('a gallery of which the deletion is aborted is there whole', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { galleries } = window.nf;
    const gone = await galleries.create('gone');
    const { records } = await gone.add('/photos/sample1.jpg');
    const deleted = (options: object) => window.outcomeOf(() => galleries.delete('gone', options));
    const options = await deleted({ signals: [] });
    const aborted = await deleted({ signal: AbortSignal.abort() });
    const there = (await gone.list()).records.map((face) => face.id);
    await galleries.delete('gone', { signal: new AbortController().signal });
    const left = (await galleries.list()).map(({ name }) => name);
    return { options, aborted, isThere: there.length === 1 && there[0] === records[0]?.id, left };
  });
  expect(outcomes.options).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.signals' } });
  expect(outcomes.aborted.code).toBe('ABORTED');
  expect(outcomes.isThere).toBe(true);
  expect(outcomes.left).not.toContain('gone');
  await expectWorking(page);
});

test('galleries: a slash in the name, a full one, one that exists, one that does not', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { galleries } = window.nf;
    const small = await galleries.create('small', { capacity: 1 });
    await small.add('/photos/sample1.jpg');
    return {
      slash: await window.outcomeOf(() => galleries.create('a/b')),
      full: await window.outcomeOf(() => small.add('/photos/sample2.jpg')),
      exists: await window.outcomeOf(() => galleries.create('small')),
      missing: await window.outcomeOf(() => galleries.get('smal')),
      fixed: await window.outcomeOf(() => galleries.delete('default')),
      face: await window.outcomeOf(() => small.get('nobody')),
      count: await small.count(),
    };
  });
  expect(outcomes.slash).toMatchObject({ code: 'BAD_PARAM', details: { param: 'name' } });
  expect(outcomes.full.code).toBe('GALLERY_FULL');
  expect(outcomes.full.message).toMatch(/capacity/i);
  expect(outcomes.exists.code).toBe('GALLERY_EXISTS');
  expect(outcomes.missing.code).toBe('GALLERY_NOT_FOUND');
  expect(outcomes.missing.message).toMatch(/small/);
  expect(outcomes.fixed.code).toBe('BAD_PARAM');
  expect(outcomes.face.code).toBe('FACE_NOT_FOUND');
  expect(outcomes.count).toBe(1);
  await expectWorking(page);
});

test('options: unknown, out of range, of the wrong type', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { nf, library, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const bad = (options: object): Promise<Outcome> =>
      outcomeOf(() => nf.detect('/photos/sample1.jpg', options));
    return [
      await bad({ minScor: 0.5 }),
      await bad({ returnDetails: { age: true } }),
      await bad({ minScore: 2 }),
      await bad({ mode: 'best' }),
      await outcomeOf(() => gallery.add('/photos/sample1.jpg', { meta: 7 as unknown as string })),
      await outcomeOf(() =>
        nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg', { threshold: 'sure' as 'low' }),
      ),
      await outcomeOf(() => nf.detect(42 as unknown as string)),
      await outcomeOf(() => library.NearFace.create({ device: 'gpu' as 'auto' })),
      await outcomeOf(() => library.NearFace.create({ model: 'x' } as object)),
    ];
  });
  expect(outcomes.map(({ code, details }) => [code, details['param']])).toEqual([
    ['BAD_PARAM', 'options.minScor'],
    ['BAD_PARAM', 'options.returnDetails.age'],
    ['BAD_PARAM', 'options.minScore'],
    ['BAD_PARAM', 'options.mode'],
    ['BAD_PARAM', 'options.meta'],
    ['BAD_PARAM', 'options.threshold'],
    ['BAD_PARAM', 'image'],
    ['BAD_PARAM', 'options.device'],
    ['BAD_PARAM', 'options.model'],
  ]);
  expect(outcomes[0]!.message).toMatch(/did you mean minScore/);
  await expectWorking(page);
});

test('embeddings: of the wrong length, with NaN, all zero, of another model', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const nan = new Float32Array(192).fill(0.1).fill(NaN, 7, 8);
    const good = new Float32Array(192).fill(0.1);
    return [
      await outcomeOf(() => gallery.addEmbedding(new Float32Array(128).fill(1))),
      await outcomeOf(() => gallery.addEmbedding(nan)),
      await outcomeOf(() => gallery.addEmbedding(new Float32Array(192))),
      await outcomeOf(() => gallery.identify(nan)),
      await outcomeOf(() => nf.compare(good, new Float32Array(64).fill(1))),
      await outcomeOf(() => gallery.addEmbedding(good, { modelId: 'another' })),
      await outcomeOf(() => gallery.identify({ embedding: good, modelId: 'another' })),
    ];
  });
  const codes = outcomes.map(({ code }) => code);
  expect(codes).toEqual([...Array<string>(5).fill('BAD_PARAM'), 'MODEL_MISMATCH', 'MODEL_MISMATCH']);
  expect(outcomes[0]!.message).toMatch(/192/);
  expect(outcomes[1]!.details['param']).toBe('embedding[7]');
  await expectWorking(page);
});

test('an aborted call, before and while it runs', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const add = (signal: AbortSignal): Promise<Outcome> =>
      outcomeOf(() => gallery.add('/photos/sample2.jpg', { mode: 'accurate', signal }));
    const controller = new AbortController();
    const running = add(controller.signal);
    setTimeout(() => controller.abort(), 30);
    return [await add(AbortSignal.abort()), await running];
  });
  expect(outcomes.map(({ code }) => code)).toEqual(['ABORTED', 'ABORTED']);
  await expectWorking(page);
});

test('a call after dispose, and one that dispose meets under way', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { library, outcomeOf } = window;
    const nf = await library.NearFace.create({ assets: '/lib/', device: 'wasm', database: 'other' });
    const gallery = await nf.galleries.get();
    const pending = outcomeOf(() => nf.detect('/photos/sample2.jpg'));
    await new Promise((done) => setTimeout(done, 20));
    await nf.dispose();
    await nf.dispose();
    return [
      await pending,
      await outcomeOf(() => nf.detect('/photos/sample1.jpg')),
      await outcomeOf(() => gallery.count()),
      await outcomeOf(() => nf.galleries.create('late')),
    ];
  });
  expect(outcomes.map(({ code }) => code)).toEqual(Array<string>(4).fill('DISPOSED'));
  expect(outcomes[1]!.message).toMatch(/NearFace\.create/);
  await expectWorking(page);
});

test('a batch in which some files are bad: each has its outcome, the rest is enrolled', async ({ page }) => {
  const cut = (await sampleBytes(page, 2)).subarray(0, 5000).toString('base64');
  const { report, progress } = await page.evaluate(async (cutBase64) => {
    const gallery = await window.nf.galleries.get();
    const text = new File(['no photo'], 'notes.jpg');
    const progress: [number, number][] = [];
    const items = ['/photos/sample1.jpg', text, { image: '/photos/sample3.jpg', meta: 'three' }, cutBase64];
    const report = await gallery.addMany(items as string[], {
      meta: 'someone',
      onProgress: ({ done, total }) => progress.push([done, total]),
    });
    const outcomes = report.outcomes.map((outcome) =>
      outcome.status === 'failed'
        ? outcome.error.code
        : outcome.status === 'added' && outcome.records[0]!.meta,
    );
    return { report: { ...report, outcomes }, progress };
  }, cut);
  expect(report).toEqual({
    processed: 4,
    added: 2,
    rejected: 0,
    failed: 2,
    outcomes: ['someone', 'IMAGE_DECODING_FAILED', 'three', 'IMAGE_DECODING_FAILED'],
  });
  expect(progress).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
  await expectWorking(page, 2);
});

test('a cancelled batch keeps what was enrolled before, and says how much', async ({ page }) => {
  const { outcome, count } = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    const controller = new AbortController();
    const items = [1, 2, 3, 4, 5, 6].map((i) => `/photos/sample${i}.jpg`);
    const outcome = await window.outcomeOf(() =>
      gallery.addMany(items, {
        signal: controller.signal,
        concurrency: 1,
        onProgress: ({ done }) => done === 2 && controller.abort(),
      }),
    );
    return { outcome, count: await gallery.count() };
  });
  expect(outcome).toMatchObject({ code: 'ABORTED', details: { added: 2, failed: 0 } });
  expect(count).toBe(2);
  await expectWorking(page, 2);
});
