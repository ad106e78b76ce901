/** Reliabilities of faces, and what confidence makes of them. */
import { expect, test } from '@playwright/test';
import type { ModelEntry, ModelManifest, ReliabilityCalibration } from '../src/index.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

const BY_RELIABILITY: ReliabilityCalibration = {
  assumed: 0.6,
  knots: [0, 0.5, 1],
  shift: [
    [0.3, 0.15, 0.05],
    [0.15, 0.1, 0.02],
    [0.05, 0.02, 0],
  ],
  scale: [
    [1.5, 1.2, 1.1],
    [1.2, 1.1, 1.05],
    [1.1, 1.05, 1],
  ],
};

test('every embedding has a reliability, and faces that are too unreliable are not enrolled', async ({
  page,
}) => {
  await openPage(page, server);
  const seen = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const photo = '/photos/sample1.jpg';
    const { faces } = await nf.embed(photo, { faces: 'biggest' });
    const whole = await window.drawSample(1, 400, 300);
    const small = Object.assign(document.createElement('canvas'), { width: 200, height: 150 });
    small.getContext('2d')!.drawImage(whole, 0, 0, 200, 150);
    whole.getContext('2d')!.drawImage(small, 0, 0, 400, 300);
    const [blurred] = (await nf.embed(whole, { faces: 'biggest' })).faces;
    const { faces: without } = await nf.detect(photo, { returnDetails: { quality: true } });
    const refused = await gallery.add(photo, { minReliability: 1 });
    const many = await gallery.addMany([photo], { minReliability: 1 });
    const count = await gallery.count();
    const { records } = await gallery.add(photo);
    const anything = await gallery.add(whole, { minReliability: 0 });
    const embedding = faces[0]!.embedding!;
    const bare = await gallery.addEmbedding(embedding);
    const given = await gallery.addEmbedding(embedding, { reliability: 0.5 });
    await gallery.addEmbeddings([{ embedding, reliability: 0.25, id: 'batch' }]);
    return {
      reliability: faces[0]!.reliability!,
      blurred: blurred!.reliability!,
      without: without.some((face) => 'reliability' in face),
      refused,
      statuses: many.outcomes.map(({ status }) => status),
      count,
      stored: await gallery.get(records[0]!.id),
      anything: anything.records.length,
      bare,
      given,
      batch: await gallery.get('batch'),
      bad: [
        await outcomeOf(() => gallery.addEmbedding(embedding, { reliability: 1.5 })),
        await outcomeOf(() => nf.compare({ embedding, reliability: -1 }, embedding)),
        await outcomeOf(() => gallery.identify({ embedding, reliability: NaN })),
        await outcomeOf(() => gallery.search([{ embedding, reliability: 2 }])),
        await outcomeOf(() => gallery.add(photo, { minReliability: 2 })),
      ].map(({ code, details }) => [code, details['param']]),
    };
  });
  expect(seen.reliability).toBeGreaterThan(0.3);
  expect(seen.reliability).toBe(Math.round(seen.reliability * 255) / 255);
  expect(seen.blurred).toBeLessThan(seen.reliability);
  expect(seen.without).toBe(false);
  expect(seen.refused.records).toEqual([]);
  const [face] = seen.refused.rejected;
  expect(face!.reliability).toBe(seen.reliability);
  expect(face).not.toHaveProperty('quality');
  const by = 1 - seen.reliability;
  expect(face!.shortfalls).toEqual([{ item: 'reliability', value: seen.reliability, min: 1, max: 1, by }]);
  expect(seen.statuses).toEqual(['rejected']);
  expect(seen.count).toBe(0);
  expect(seen.stored).toMatchObject({ reliability: seen.reliability });
  expect(seen.stored).not.toHaveProperty('reliabilityAssumed');
  expect(seen.anything).toBe(1);
  expect(seen.bare).toMatchObject({ reliabilityAssumed: true });
  expect(seen.given).toMatchObject({ reliability: 128 / 255 });
  expect(seen.given).not.toHaveProperty('reliabilityAssumed');
  expect(seen.batch).toMatchObject({ reliability: 64 / 255 });
  expect(seen.bad).toEqual(
    [
      'options.reliability',
      'a.reliability',
      'probe.reliability',
      'embeddings[0].reliability',
      'options.minReliability',
    ].map((param) => ['BAD_PARAM', param]),
  );
});

test('confidence goes by both reliabilities, and a pair is found at its own', async ({ page }) => {
  await openPage(page, server, false);
  const seen = await page.evaluate(async (byReliability) => {
    const { library, outcomeOf } = window;
    const manifest = (await (await fetch('/lib/models/manifest.json')).json()) as ModelManifest;
    const shipped = manifest.models.find(({ role }) => role === 'embedding') as ModelEntry;
    const file = new URL(`/lib/models/${shipped.file}`, location.href).href;
    const create = (calibration: object) =>
      library.NearFace.create({
        assets: '/lib/',
        device: 'wasm',
        database: 'own',
        models: { embedding: { ...shipped, file, calibration } as ModelEntry },
      });
    const calibration = { ...shipped.calibration!, byReliability };
    const bad = [
      await outcomeOf(() => create({ ...calibration, points: [null] })),
      await outcomeOf(() => create({ ...calibration, byReliability: { ...byReliability, knots: [0] } })),
    ];
    const nf = await create(calibration);
    // Two vectors at a cosine of 0.7.
    const at = (i: number, x: number, j: number, y: number): Float32Array => {
      const vector = new Float32Array(192);
      vector[i] = x;
      vector[j] = y;
      return vector;
    };
    const [one, other] = [at(0, 1, 1, 0), at(0, 0.7, 1, Math.sqrt(1 - 0.49))];
    const probe = (embedding: Float32Array, reliability: number) => ({ embedding, reliability });
    const compared = await Promise.all(
      [
        [1, 1],
        [1, 0.4],
        [0.4, 1],
        [0.4, 0.4],
        [0, 0],
      ].map(([a, b]) => nf.compare(probe(one, a!), probe(other, b!), { threshold: 'medium' })),
    );
    const bare = await nf.compare(one, other);
    const assumed = await nf.compare(probe(one, 0.6), probe(other, 0.6));
    const again = await Promise.all(
      compared.map(({ confidence }, i) => {
        const [a, b] = [
          [1, 1],
          [1, 0.4],
          [0.4, 1],
          [0.4, 0.4],
          [0, 0],
        ][i] as [number, number];
        return nf.compare(probe(one, a), probe(other, b), { threshold: confidence! });
      }),
    );
    const gallery = await nf.galleries.get();
    for (const reliability of [1, 0.4, 0])
      await gallery.addEmbedding(other, { reliability, id: `at ${reliability}` });
    const found = await gallery.search([probe(one, 0.4)], { limit: 9, threshold: 'none' });
    const own = await Promise.all(
      found[0]!.map(({ confidence }) =>
        gallery.search([probe(one, 0.4)], { limit: 9, threshold: confidence! }),
      ),
    );
    const named = await gallery.search([probe(one, 0.4)], { limit: 9, threshold: 'medium' });
    const same = await nf.compare(probe(one, 1), probe(one, 1));
    const plain = await gallery.identify(probe(one, 0), { limit: 9, threshold: { cosine: 0.69 } });
    const ids = (matches: readonly { readonly record: { readonly id: string } }[]): string[] =>
      matches.map(({ record }) => record.id);
    await nf.dispose();
    return {
      bad: bad.map(({ code, details }) => [code, details['param']]),
      confidences: compared.map(({ confidence }) => confidence!),
      needed: compared.map(({ threshold }) => threshold.cosine),
      verified: compared.map(({ verified }) => verified),
      bare: [bare.confidence, assumed.confidence],
      again: again.map(({ verified }) => verified),
      found: found[0]!.map(({ record, confidence }) => ({ id: record.id, confidence: confidence! })),
      own: own.map(([matches]) => ids(matches!)),
      named: ids(named[0]!),
      plain: ids(plain[0]!.matches),
      same: [same.cosine, same.confidence],
    };
  }, BY_RELIABILITY);
  expect(seen.bad).toEqual([
    ['BAD_PARAM', 'options.models.embedding.calibration.points[0]'],
    ['BAD_PARAM', 'options.models.embedding.calibration.byReliability.knots'],
  ]);
  const [best, mixed, mirrored, low, none] = seen.confidences as [number, number, number, number, number];
  expect(mixed).toBeLessThan(best);
  expect(mirrored).toBe(mixed);
  expect(low).toBeLessThan(mixed);
  expect(none).toBeLessThan(low);
  expect(seen.verified).toEqual([true, true, true, true, false]);
  expect(seen.needed[0]).toBeCloseTo(0.4508, 3);
  expect(seen.needed[4]).toBeCloseTo(0.3 + 1.5 * 0.4508, 3);
  expect(seen.bare[0]).toBe(seen.bare[1]);
  expect(seen.again).toEqual([true, true, true, true, true]);
  expect(seen.found.map(({ id }) => id)).toEqual(['at 1', 'at 0.4', 'at 0']);
  expect(seen.found[0]!.confidence).toBeCloseTo(mixed, 6);
  expect(seen.found[1]!.confidence).toBeCloseTo(low, 6);
  expect(seen.own).toEqual([['at 1'], ['at 1', 'at 0.4'], ['at 1', 'at 0.4', 'at 0']]);
  expect(seen.named).toEqual(['at 1', 'at 0.4']);
  expect(seen.plain).toEqual(['at 1', 'at 0.4', 'at 0']);
  expect(seen.same).toEqual([1, 1]);
});
