import { expect, test, type Page } from '@playwright/test';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;
let server: StaticServer;
let requests: string[] = [];

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearface-fused-'));
  cpSync(join(root, 'dist'), join(folder, 'lib'), { recursive: true });
  server = await serveLibrary({ '/copy/': join(folder, 'lib') }, {}, (path) => requests.push(path));
});
test.afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
test.beforeEach(async ({ page }) => {
  requests = [];
  await openPage(page, server, false);
});

/** Model files that were asked for, in the order of the alphabet. */
function fetched(): string[] {
  return requests
    .filter((path) => path.endsWith('.onnx'))
    .map((path) => path.slice(path.lastIndexOf('/') + 1))
    .sort();
}

test('the model of two networks is loaded when it is chosen, and tells the people of the samples apart', async ({
  page,
}) => {
  const seen = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const steps: string[] = [];
    const nf = await NearFace.create({
      assets: '/copy/',
      device: 'wasm',
      database: null,
      models: { embedding: 'fused' },
      onProgress: ({ item, done, total }) => {
        if (item === 'fused' && done === total) steps.push(`${done} of ${total}`);
      },
    });
    const { embedding, models } = nf.info;
    const { faces } = await nf.embed('/photos/sample1.jpg');
    const all = { faces: 'all' } as const;
    // One of them is in both photos.
    const compared = await nf.compare('/photos/sample1.jpg', '/photos/sample3.jpg', all);
    const same = Math.max(...compared.pairs.map(({ confidence }) => confidence!));
    const pairs = faces.flatMap((a, i) => faces.slice(i + 1).map((b) => [a, b] as const));
    const cosines = pairs.map(([a, b]) => a.embedding!.reduce((sum, x, k) => sum + x * b.embedding![k]!, 0));
    await nf.dispose();
    return {
      ...{ embedding, steps, same, cosines },
      model: models.find(({ id }) => id === 'fused'),
      lengths: faces.map((face) => Math.hypot(...face.embedding!)),
      modelIds: faces.map(({ modelId }) => modelId),
      reliabilities: faces.map(({ reliability }) => reliability),
    };
  });
  const manifest = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8')) as {
    models: { id: string; dimension: number; bytes: number; fusedWith?: { bytes: number } }[];
  };
  const entry = manifest.models.find(({ id }) => id === 'fused')!;
  expect(seen.embedding).toEqual({ modelId: 'fused', dimension: entry.dimension, calibrated: true });
  expect(seen.model).toMatchObject({ role: 'embedding', bytes: entry.bytes + entry.fusedWith!.bytes });
  expect(seen.steps).toContain(`${seen.model!.bytes} of ${seen.model!.bytes}`);
  expect(fetched().filter((name) => name === 'fr-feature.onnx')).toHaveLength(1);
  expect(fetched().filter((name) => name === 'mobilefacenet.onnx')).toHaveLength(1);
  expect(seen.modelIds).toEqual(['fused', 'fused', 'fused']);
  for (const length of seen.lengths) expect(length).toBeCloseTo(1, 5);
  for (const reliability of seen.reliabilities) expect(reliability).toBeGreaterThan(0.5);
  for (const cosine of seen.cosines) expect(cosine).toBeLessThan(0.35);
  expect(seen.same).toBeGreaterThan(0.7834);
});

test('by default the second network is not asked for', async ({ page }) => {
  await page.evaluate(async () => {
    const { NearFace } = window.library;
    const nf = await NearFace.create({ assets: '/copy/', device: 'wasm', database: null });
    await nf.embed('/photos/sample1.jpg');
    await nf.dispose();
  });
  expect(fetched()).toContain('mobilefacenet.onnx');
  expect(fetched()).not.toContain('fr-feature.onnx');
});

test('a changed file of the second network is refused by its name', async ({ page }) => {
  const path = join(folder, 'lib/models/fr-feature.onnx');
  const original = readFileSync(path);
  const changed = Buffer.from(original);
  changed[changed.length >> 1]! ^= 1;
  writeFileSync(path, changed);
  const create = (tab: Page): ReturnType<typeof window.outcomeOf> =>
    tab.evaluate(() =>
      window.outcomeOf(async () => {
        const options = { assets: '/copy/', device: 'wasm', database: null } as const;
        await (
          await window.library.NearFace.create({ ...options, models: { embedding: 'fused' } })
        ).dispose();
      }),
    );
  try {
    const outcome = await create(page);
    expect(outcome).toMatchObject({ code: 'MODEL_INTEGRITY', details: { model: 'fused' } });
    expect(outcome.message).toContain('fr-feature.onnx');
  } finally {
    writeFileSync(path, original);
  }
  expect(await create(page)).toMatchObject({ code: 'none' });
});

test('a gallery of the default model becomes one of two networks by its kept crops alone', async ({
  page,
}) => {
  const told = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/copy/', device: 'wasm', database: 'levels' } as const;
    const first = await NearFace.create({ ...options, keep: 'crops' });
    const staff = await first.galleries.create('staff');
    await staff.add('/photos/sample1.jpg', { faces: 'biggest', meta: 'kept' });
    const { faces } = await first.embed('/photos/sample2.jpg', { faces: 'biggest' });
    const { embedding, modelId, reliability } = faces[0]!;
    await staff.addEmbedding(
      { embedding: embedding!, modelId: modelId!, reliability: reliability! },
      { id: 'bare', meta: 'without a picture' },
    );
    await first.dispose();
    const nf = await NearFace.create({ ...options, models: { embedding: 'fused' } });
    const gallery = await nf.galleries.get('staff');
    const mismatch = await window.outcomeOf(() => gallery.identify('/photos/sample1.jpg'));
    const bare = await window.outcomeOf(() => nf.galleries.regenerate());
    await gallery.delete('bare');
    const report = await nf.galleries.regenerate();
    const [found] = await gallery.identify('/photos/sample1.jpg');
    const archive = await gallery.export({ format: 'archive' });
    await nf.dispose();
    const again = await NearFace.create({ assets: '/copy/', device: 'wasm', database: null });
    const other = await again.galleries.create('other');
    await other.add('/photos/sample2.jpg', { faces: 'biggest' });
    const foreign = await window.outcomeOf(() => other.import(archive));
    await again.dispose();
    return { mismatch, bare, report, meta: found!.matches[0]?.record.meta, foreign };
  });
  expect(told.mismatch).toMatchObject({ code: 'MODEL_MISMATCH' });
  expect(told.mismatch.message).toMatch(/'mobilefacenet-2'.*'fused'/);
  expect(told.bare).toMatchObject({ code: 'BAD_PARAM', details: { param: 'missing' } });
  expect(told.bare.message).toMatch(/1 faces without a crop/);
  expect(told.report).toEqual({ regenerated: 1, deleted: 0 });
  expect(told.meta).toBe('kept');
  expect(told.foreign).toMatchObject({ code: 'MODEL_MISMATCH' });
});
