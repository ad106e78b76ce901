import { expect, test, type Page } from '@playwright/test';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PackageStore, type PackageLock } from '../tools/packages.ts';
import type { Box } from '../src/core/types.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary, type Outcome } from './library.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;
let server: StaticServer;
let requests: string[];

/** The published embedding model that stands for a user's own; from the cache of `npm run models`. */
async function publishedModel(): Promise<Uint8Array> {
  const lock = JSON.parse(readFileSync(join(root, 'model-factory/convert/lock.json'), 'utf8')) as PackageLock;
  const store = new PackageStore(lock, join(root, '.cache/models'));
  return store.file('faceplugin-face-recognition-js@0.0.1', 'model/fr_feature.onnx');
}

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearface-assets-'));
  cpSync(join(root, 'dist'), join(folder, 'lib'), { recursive: true });
  writeFileSync(join(folder, 'fr_feature.onnx'), await publishedModel());
  server = await serveLibrary(
    {
      '/own/': folder,
      '/copy/': join(folder, 'lib'),
      '/human/': join(root, 'node_modules/@vladmandic/human/models'),
      '/tfjs/': join(root, 'node_modules/@tensorflow/tfjs/dist'),
    },
    {},
    (path) => requests.push(path),
  );
});
test.afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
test.beforeEach(async ({ page }) => {
  requests = [];
  await openPage(page, server, false);
});

/** How creation ends with the copied assets, and with the models for embedding unless told otherwise. */
function create(page: Page, embedding = true): Promise<Outcome> {
  return page.evaluate(
    (preload) =>
      window.outcomeOf(async () => {
        window.nf = await window.library.NearFace.create({ assets: '/copy/', device: 'wasm', preload });
      }),
    { embedding },
  );
}

/** Runs `check` while a model file of the copied assets is changed. */
async function withFile(
  change: (bytes: Buffer) => Buffer | undefined,
  check: () => Promise<void>,
): Promise<void> {
  const path = join(folder, 'lib/models/mobilefacenet.onnx');
  const original = readFileSync(path);
  const changed = change(Buffer.from(original));
  if (changed) writeFileSync(path, changed);
  else rmSync(path);
  try {
    await check();
  } finally {
    writeFileSync(path, original);
  }
}

test('a changed, a truncated and a missing model file are refused, the whole one works', async ({ page }) => {
  const flip = (bytes: Buffer): Buffer => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  };
  await withFile(flip, async () => {
    const outcome = await create(page);
    expect(outcome).toMatchObject({ code: 'MODEL_INTEGRITY', details: { model: 'mobilefacenet-2' } });
    expect(outcome.message).toMatch(/sha256/);
  });
  await withFile(
    (bytes) => bytes.subarray(0, 1e6),
    async () => {
      expect(await create(page)).toMatchObject({ code: 'MODEL_INTEGRITY' });
    },
  );
  await withFile(
    (bytes) => Buffer.concat([bytes, bytes]),
    async () => {
      expect(await create(page)).toMatchObject({ code: 'MODEL_INTEGRITY' });
    },
  );
  await withFile(
    () => undefined,
    async () => {
      const outcome = await create(page);
      expect(outcome.code).toBe('MODEL_LOAD_FAILED');
      expect(outcome.message).toMatch(/mobilefacenet\.onnx.*404/);
    },
  );
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await create(page)).toMatchObject({ code: 'none' });
  const faces = await page.evaluate(async () => (await window.nf.detect('/photos/sample1.jpg')).faces.length);
  expect(faces).toBe(3);
});

test('a model is loaded by the call that needs it; if that fails, by the next one', async ({ page }) => {
  const call = (name: 'detect' | 'embed'): Promise<Outcome> =>
    page.evaluate(
      (of) => window.outcomeOf(() => window.nf[of]('/photos/sample1.jpg', { mode: 'fast' })),
      name,
    );
  const fetched = (): string[] =>
    requests.filter((path) => path.endsWith('.onnx')).map((path) => path.slice(path.lastIndexOf('/') + 1));
  await withFile(
    () => undefined,
    async () => {
      expect(await create(page, false)).toMatchObject({ code: 'none' });
      expect(await call('detect')).toMatchObject({ code: 'none' });
      expect(fetched().sort()).toEqual(['blazeface-short.onnx', 'rfb-320.onnx']);
      expect(await call('embed')).toMatchObject({ code: 'MODEL_LOAD_FAILED' });
      expect(await call('detect')).toMatchObject({ code: 'none' });
    },
  );
  expect(await call('embed')).toMatchObject({ code: 'none' });
  expect(fetched().filter((name) => name === 'mobilefacenet.onnx')).toHaveLength(2);
});

test('models are fetched once and come from the cache then; a damaged cache is fetched anew', async ({
  page,
}) => {
  const cached = async (): Promise<boolean[]> => {
    expect(await create(page)).toMatchObject({ code: 'none' });
    return page.evaluate(async () => {
      const models = window.nf.info.models.map(({ cached }) => cached);
      await window.nf.dispose();
      return models;
    });
  };
  expect(await cached()).toEqual([false, false, false, false]);
  requests = [];
  expect(await cached()).toEqual([true, true, true, true]);
  expect(requests.filter((path) => path.endsWith('.onnx'))).toEqual([]);
  await page.evaluate(async () => {
    const cache = await caches.open('nearface-models');
    for (const key of await cache.keys()) await cache.put(key, new Response(new Uint8Array(1000)));
  });
  expect(await cached()).toEqual([false, false, false, false]);
});

test("a user's own ONNX embedding model, by a manifest entry alone", async ({ page }) => {
  const result = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const nf = await NearFace.create({
      assets: '/lib/',
      device: 'wasm',
      database: 'own',
      models: {
        embedding: {
          id: 'fr_feature',
          role: 'embedding',
          format: 'onnx',
          file: new URL('/own/fr_feature.onnx', location.href).href,
          input: { size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127, std: 128 },
          outputs: ['output'],
          dimension: 512,
        },
      },
    });
    const { faces } = await nf.embed('/photos/sample5.jpg');
    const same = await nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg', {
      threshold: { cosine: 0.34 },
    });
    const needs = await window.outcomeOf(() => nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg'));
    const gallery = await nf.galleries.get();
    await gallery.add('/photos/sample1.jpg', { boxes: [(await rightmost(nf, 1))!], meta: 'right' });
    const [found] = await gallery.identify('/photos/sample3.jpg', {
      boxes: [(await rightmost(nf, 3, 1))!],
      threshold: { cosine: 0.34 },
    });
    const embedding = faces[0]!.embedding!;
    await nf.dispose();
    const shipped = await NearFace.create({ assets: '/lib/', device: 'wasm', database: 'own' });
    const mismatch = await window.outcomeOf(async () =>
      (await shipped.galleries.get()).add('/photos/sample2.jpg'),
    );
    await shipped.dispose();
    return {
      length: embedding.length,
      norm: Math.hypot(...embedding),
      modelId: faces[0]!.modelId,
      count: faces.length,
      same,
      needs,
      name: found?.matches[0]?.record.meta,
      mismatch,
    };

    async function rightmost(
      nf: Awaited<ReturnType<typeof NearFace.create>>,
      sample: number,
      skip = 0,
    ): Promise<Box | undefined> {
      const { faces } = await nf.detect(`/photos/sample${sample}.jpg`);
      return faces.map(({ position }) => position).sort((a, b) => b.left - a.left)[skip];
    }
  });
  expect(result).toMatchObject({ length: 512, modelId: 'fr_feature', count: 5, name: 'right' });
  expect(result.norm).toBeCloseTo(1, 5);
  expect(result.same).toMatchObject({ verified: true });
  expect(result.same.confidence).toBeUndefined();
  expect(result.needs).toMatchObject({ code: 'BAD_PARAM', details: { param: 'threshold' } });
  expect(result.mismatch).toMatchObject({ code: 'MODEL_MISMATCH' });
  expect(result.mismatch.message).toMatch(/fr_feature/);
});

test(
  "a user's own TF.js embedding model runs on TensorFlow.js, loaded only then",
  { tag: '@long' },
  async ({ page }) => {
    const result = await page.evaluate(async () => {
      const entry = {
        id: 'faceres',
        role: 'embedding',
        format: 'tfjs',
        file: new URL('/human/faceres.json', location.href).href,
        input: { size: [224, 224], layout: 'nhwc', channels: 'rgb', mean: 0, std: 1 },
        outputs: ['global_pooling/Mean'],
        dimension: 1024,
      } as const;
      const options = {
        assets: '/lib/',
        device: 'wasm',
        database: 'tfjs',
        models: { embedding: entry },
      } as const;
      const without = await window.outcomeOf(() => window.library.NearFace.create(options));
      const nf = await window.library.NearFace.create({ ...options, tfjs: '/tfjs/tf.min.js' });
      const { faces } = await nf.embed('/photos/sample1.jpg', { faces: 'biggest' });
      const same = await nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg', {
        threshold: { cosine: 0.9 },
      });
      await nf.dispose();
      const embedding = faces[0]!.embedding!;
      return { without, length: embedding.length, norm: Math.hypot(...embedding), verified: same.verified };
    });
    expect(result.without).toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    expect(result.without.message).toMatch(/@tensorflow\/tfjs/);
    expect(result).toMatchObject({ length: 1024, verified: true });
    expect(result.norm).toBeCloseTo(1, 5);
  },
);

test('without such a model, TensorFlow.js is not asked for', async ({ page }) => {
  expect(await create(page)).toMatchObject({ code: 'none' });
  expect(requests.filter((path) => path.includes('tf.min.js'))).toEqual([]);
  expect(requests.filter((path) => path.includes('asyncify'))).toEqual([]);
});

test('a wrong entry says which field', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const bad = (embedding: unknown): Promise<Outcome> =>
      window.outcomeOf(() => NearFace.create({ assets: '/lib/', models: { embedding } as object }));
    const entry = { id: 'x', role: 'embedding', file: 'x.onnx', dimension: 8 };
    const input = { size: [112, 112], mean: 0, std: 1 };
    return [
      await bad('nothing-of-this-name'),
      await bad({ ...entry, input: { ...input, std: 0 } }),
      await bad({ ...entry, dimension: undefined, input }),
      await bad({ ...entry, input, weights: 3 }),
      await bad({ ...entry, role: 'detector', input }),
    ];
  });
  expect(outcomes.map(({ code, details }) => [code, details['param']])).toEqual([
    ['MODEL_LOAD_FAILED', 'models.embedding'],
    ['BAD_PARAM', 'options.models.embedding.input.std'],
    ['BAD_PARAM', 'options.models.embedding.dimension'],
    ['BAD_PARAM', 'options.models.embedding.weights'],
    ['BAD_PARAM', 'options.models.embedding.decoder'],
  ]);
});

for (const [what, input] of [
  ['size', { size: [60, 60] }],
  ['layout', { layout: 'nhwc' }],
  ['channels', { channels: 'grey' }],
] as const) {
  test(`a model of another ${what} than its entry says: MODEL_LOAD_FAILED that names it`, async ({
    page,
  }) => {
    requests = [];
    await openPage(page, server, false);
    const outcome = await page.evaluate(async (input) => {
      const manifest = (await (await fetch('/lib/models/manifest.json')).json()) as {
        models: {
          id: string;
          role: string;
          file: string;
          dimension: number;
          input: object;
          outputs: string[];
        }[];
        defaults: { embedding: string };
      };
      const shipped = manifest.models.find(({ id }) => id === manifest.defaults.embedding)!;
      const { file, dimension, outputs } = shipped;
      const embedding = {
        id: 'own',
        role: 'embedding',
        file: new URL(`/lib/models/${file}`, location.href).href,
        dimension,
        outputs,
        input: { ...shipped.input, ...input },
      } as never;
      return window.outcomeOf(() =>
        window.library.NearFace.create({ assets: '/lib/', device: 'wasm', models: { embedding } }),
      );
    }, input);
    expect(outcome.code).toBe('MODEL_LOAD_FAILED');
    expect(outcome.message).toContain('own');
  });
}
