/** Own scores of galleries in memory. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { THRESHOLDS } from '../../core/confidence.ts';
import { PairConfidence } from '../../core/pair-confidence.ts';
import { roundReliability } from '../../core/reliability.ts';
import { BY_RELIABILITY } from '../../core/test-calibration.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { scalarDot } from '../../search/scalar.ts';
import { xorshift32 } from '../../search/xorshift.ts';
import type { EngineCalibration } from '../calibrator.ts';
import type { FaceInput } from '../face-input.ts';
import { GalleryEngine } from '../gallery-engine.ts';
import { testFace } from '../test-face.ts';
import { inMemory } from './memory-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

let engine: GalleryEngine;
beforeEach(async () => {
  engine = await GalleryEngine.open(inMemory(), { kernel: await kernel });
});
afterEach(() => engine.close());

const REQUEST: EngineCalibration = {
  ...{ modelId: 'model-24', calibration: BY_RELIABILITY },
  ...{ faces: 2000, seed: 1, falseMatchRate: 0.01, pairs: 5 },
};

/** So many people with some photos each, whose cosines spread widely; 24 numbers, so that strangers are alike too. */
function crowd(people: number, photos: number): readonly FaceInput[] {
  const next = xorshift32(77);
  const random = (): Float32Array =>
    Float32Array.from({ length: 24 }, () => (next() + next() + next()) / 2 ** 32 - 1.5);
  return Array.from({ length: people }, (_, person) => {
    const who = random();
    return Array.from({ length: photos }, (_, photo) => {
      const how = random();
      const raw = who.map((x, i) => x + 0.75 * (how[i] as number));
      const length = Math.hypot(...raw);
      const vector = raw.map((x) => x / length);
      const reliability = (next() % 1000) / 1000;
      return testFace(0, {
        id: `${person}-${photo}`,
        modelId: 'model-24',
        vector,
        meta: `name-${person}`,
        reliability,
      });
    });
  }).flat();
}

test('counts what every pair of faces does at every level', async () => {
  const faces = crowd(40, 4);
  const nameless = crowd(3, 1).map((face, i) => ({ ...face, id: `nobody-${i}`, meta: '' }));
  await engine.addFaces([...faces, ...nameless]);
  const told = await engine.calibrate('default', REQUEST);
  expect(told).toMatchObject({ faces: 160, people: 40, peopleWithSeveral: 40 });
  const judge = new PairConfidence(BY_RELIABILITY);
  const pairs = faces.flatMap((a, i) =>
    faces.slice(0, i).map((b) => {
      const cosine = scalarDot(a.vector, b.vector);
      const [ra, rb] = [a, b].map(({ reliability }) => roundReliability(reliability!)) as [number, number];
      return { ids: [b.id, a.id], isOne: a.meta === b.meta, confidence: judge.confidence(cosine, ra, rb) };
    }),
  );
  const [one, two] = [pairs.filter(({ isOne }) => isOne), pairs.filter(({ isOne }) => !isOne)];
  for (const { name, confidence, falseMatch, falseNonMatch } of told.levels) {
    expect(confidence).toBe(THRESHOLDS[name]);
    const missed = one.filter((pair) => pair.confidence < confidence).length;
    const wrong = two.filter((pair) => pair.confidence >= confidence).length;
    expect(falseMatch).toMatchObject({ errors: wrong, pairs: two.length, rate: wrong / two.length });
    expect(falseNonMatch).toMatchObject({ errors: missed, pairs: one.length, rate: missed / one.length });
    for (const { low, rate, high } of [falseMatch, falseNonMatch])
      expect(low <= rate && rate <= high).toBe(true);
  }
  expect(told.curve.map(({ confidence }) => confidence)).toEqual(
    Array.from({ length: 200 }, (_, i) => i / 200),
  );
  for (const { confidence, falseMatch, falseNonMatch } of told.curve) {
    const wrong = two.filter((pair) => pair.confidence >= confidence).length;
    const missed = one.filter((pair) => pair.confidence < confidence).length;
    expect([falseMatch.errors, falseNonMatch.errors], String(confidence)).toEqual([wrong, missed]);
    expect([falseMatch.pairs, falseNonMatch.pairs]).toEqual([two.length, one.length]);
  }
  // Between its neighbours a level lies between their rates.
  for (const { confidence, falseMatch, falseNonMatch } of told.levels) {
    const [below, above] = [
      told.curve[Math.floor(confidence * 200)]!,
      told.curve[Math.ceil(confidence * 200)]!,
    ];
    expect(below.falseMatch.rate).toBeGreaterThanOrEqual(falseMatch.rate);
    expect(above.falseMatch.rate).toBeLessThanOrEqual(falseMatch.rate);
    expect(below.falseNonMatch.rate).toBeLessThanOrEqual(falseNonMatch.rate);
    expect(above.falseNonMatch.rate).toBeGreaterThanOrEqual(falseNonMatch.rate);
  }
  // The crowd is hard enough for the test to count anything.
  expect(told.levels[0]?.falseMatch.isKnown).toBe(true);
  expect(told.levels[2]?.falseNonMatch.isKnown).toBe(true);
  const { genuine, impostor } = told.histogram;
  expect([genuine, impostor].map((bins) => bins.reduce((a, b) => a + b))).toEqual([one.length, two.length]);
  const likest = two.toSorted((a, b) => b.confidence - a.confidence).slice(0, 5);
  expect(told.likestStrangers.map(({ a, b }) => [a.id, b.id])).toEqual(likest.map(({ ids }) => ids));
  const unlikest = one.toSorted((a, b) => a.confidence - b.confidence).slice(0, 5);
  expect(told.unlikestOfOne.map(({ confidence }) => confidence)).toEqual(
    unlikest.map(({ confidence }) => confidence),
  );
});

test('recommends the lowest level whose rate is surely kept, or says that none is', async () => {
  await engine.addFaces(crowd(60, 3));
  const recommended = async (falseMatchRate: number): Promise<object> =>
    (await engine.calibrate('default', { ...REQUEST, falseMatchRate })).recommended;
  const { levels } = await engine.calibrate('default', REQUEST);
  for (const { name, falseMatch } of levels)
    expect(await recommended(falseMatch.high)).toEqual({ name, meets: true });
  expect(await recommended(levels[2]!.falseMatch.high / 2)).toEqual({ name: 'strict', meets: false });
});

test('a sample is the same for the same seed, as large as asked for, and of ten faces of anybody at most', async () => {
  await engine.addFaces([
    ...crowd(30, 3),
    ...crowd(1, 25).map((face, i) => ({ ...face, id: `many-${i}`, meta: 'many' })),
  ]);
  const whole = await engine.calibrate('default', REQUEST);
  expect(whole.faces).toBe(100);
  const some = { ...REQUEST, faces: 50 };
  const [first, again, other] = [
    await engine.calibrate('default', some),
    await engine.calibrate('default', some),
    await engine.calibrate('default', { ...some, seed: 2 }),
  ];
  expect(first.faces).toBeLessThanOrEqual(50);
  expect(again).toEqual(first);
  expect(other.histogram).not.toEqual(first.histogram);
});

test('too few people are told, with how many there are; an abort ends it', async () => {
  const few = (people: number, peopleWithSeveral: number): object => ({
    code: 'TOO_FEW_PEOPLE',
    details: { people, peopleWithSeveral },
  });
  await expect(engine.calibrate('default', REQUEST)).rejects.toMatchObject(few(0, 0));
  await engine.addFaces(crowd(9, 2));
  await expect(engine.calibrate('default', REQUEST)).rejects.toMatchObject(few(9, 9));
  await engine.addFaces(crowd(30, 1).map((face, i) => ({ ...face, id: `one-${i}`, meta: `one-${i}` })));
  const seen: number[] = [];
  await engine.calibrate('default', REQUEST, { report: ({ done, total }) => void seen.push(done / total) });
  expect(seen.at(-1)).toBe(1);
  const ended = engine.calibrate('default', REQUEST, { signal: AbortSignal.abort() });
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
});

test('of few faces there are people enough, and no pairs are told where none are asked for', async () => {
  await engine.addFaces(crowd(15, 12));
  const few = await engine.calibrate('default', { ...REQUEST, faces: 20, pairs: 0 });
  expect(few).toMatchObject({ faces: 20, people: 10, likestStrangers: [], unlikestOfOne: [] });
  const more = await engine.calibrate('default', { ...REQUEST, faces: 150 });
  expect(more).toMatchObject({ faces: 150, people: 15 });
});
