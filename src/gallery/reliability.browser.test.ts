/** Reliabilities on their way through store, search and files, and what searches by confidence find. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PairConfidence } from '../core/pair-confidence.ts';
import { assumedReliability } from '../core/reliability.ts';
import { BY_RELIABILITY } from '../core/test-calibration.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import type { EngineHit } from './searcher.ts';
import type { StoredSegment } from './indexeddb/schema.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';

const DIMENSION = 64;
const MODEL = 'model-64';
const pair = new PairConfidence(BY_RELIABILITY);

let database: string;
let engine: GalleryEngine;

beforeEach(async () => {
  database = testDatabase();
  engine = await openEngine(database);
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

const reliabilityAt = (seed: number): number => ((seed * 37) % 256) / 255;

const face = (seed: number, change: Parameters<typeof testFace>[1] = {}) =>
  testFace(seed, {
    modelId: MODEL,
    vector: testVector(seed, DIMENSION),
    reliability: reliabilityAt(seed),
    ...change,
  });

const many = (from: number, count: number): ReturnType<typeof face>[] =>
  Array.from({ length: count }, (_, i) => face(from + i));

/** What a search of some probes is to find: of all faces by falling cosine, those whose confidence is enough. */
async function expected(
  probes: readonly Float32Array<ArrayBuffer>[],
  reliabilities: readonly number[],
  confidence: number,
  limit: number,
): Promise<readonly (readonly string[])[]> {
  const all = { modelId: MODEL, probes, limit: 10_000, minCosine: -1, exact: true };
  const hits = await engine.search('default', all);
  return hits.map((list, i) =>
    list
      .filter(({ cosine, record }) => sureness(cosine, reliabilities[i] as number, record) >= confidence)
      .slice(0, limit)
      .map(({ record }) => record.id),
  );
}

function sureness(cosine: number, reliability: number, record: EngineHit['record']): number {
  return pair.confidence(cosine, reliability, record.reliability);
}

const idsOf = (hits: readonly (readonly EngineHit[])[]): readonly (readonly string[])[] =>
  hits.map((list) => list.map(({ record }) => record.id));

test.each([
  ['few faces', 700, Infinity, false],
  ['coded ones', 5000, Infinity, false],
  ['coded ones, exactly', 5000, Infinity, true],
  ['bytes in memory', 5000, 1000, false],
  ['bytes in memory, exactly', 700, 100, true],
])('among %s, a search by confidence finds what is sure enough, best cosines first', async (...row) => {
  const [, faces, floatFaces, exact] = row;
  await engine.addFaces(many(0, faces));
  const searched = await openEngineWith({ database, kernel: await testKernel(), floatFaces });
  try {
    for (const [count, limit, confidence] of [
      [1, 1, 0.5],
      [1, 5, 0.58],
      [5, 3, 0.45],
      [20, 40, 0.4],
      [3, 10_000, 0.35],
    ] as const) {
      const probes = Array.from({ length: count }, (_, i) => testVector(-i - 1, DIMENSION));
      const reliabilities = probes.map((_, i) => ((i * 101 + 30) % 256) / 255);
      const least = { confidence, calibration: BY_RELIABILITY };
      const request = { modelId: MODEL, probes, reliabilities, limit, minCosine: -1, least, exact };
      const found = idsOf(await searched.search('default', request));
      expect(found).toEqual(await expected(probes, reliabilities, confidence, limit));
      if (limit > 1) expect(found.flat().length).toBeGreaterThan(0);
    }
  } finally {
    searched.close();
  }
});

test('a match is found at its own confidence as the threshold, whatever the probe', async () => {
  await engine.addFaces([...many(0, 300), face(301, { reliability: 1 })]);
  const anyProbe = fc.record({
    seed: fc.integer({ min: -1000, max: 301 }),
    byte: fc.integer({ min: 0, max: 255 }),
    pick: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(anyProbe, async ({ seed, byte, pick }) => {
      const reliability = byte / 255;
      const how = { modelId: MODEL, probes: [testVector(seed, DIMENSION)], reliabilities: [reliability] };
      const [hits = []] = await engine.search('default', { ...how, limit: 301, minCosine: -1 });
      const { cosine, record } = hits[pick % hits.length] as EngineHit;
      expect(cosine).toBeLessThanOrEqual(1);
      const confidence = sureness(cosine, reliability, record);
      const least = { confidence, calibration: BY_RELIABILITY };
      const again = await engine.search('default', { ...how, limit: 301, minCosine: -1, least });
      expect(idsOf(again)[0]).toContain(record.id);
    }),
    { numRuns: 60 },
  );
});

test('a full list of faces that are not sure enough, by the rounding of bytes, hides no other', async () => {
  const at = (cosine: number, axis: number): Float32Array<ArrayBuffer> => {
    const vector = new Float32Array(DIMENSION);
    vector[0] = cosine;
    vector[axis] = Math.sqrt(1 - cosine * cosine);
    return vector;
  };
  const confidence = 0.6616;
  const [good, bad] = [pair.cosine(confidence, 1, 1), pair.cosine(confidence, 1, 0)];
  await engine.addFaces([
    ...Array.from({ length: 60 }, (_, i) =>
      face(i, { vector: at(bad - 1e-4 * (i + 1), 1 + i), reliability: 0 }),
    ),
    face(60, { vector: at(good + 0.01, 61), reliability: 1 }),
  ]);
  expect(good + 0.02).toBeLessThan(bad);
  for (const floatFaces of [Infinity, 10]) {
    const searched = await openEngineWith({ database, kernel: await testKernel(), floatFaces });
    const least = { confidence, calibration: BY_RELIABILITY };
    const how = { modelId: MODEL, probes: [at(1, 1)], reliabilities: [1], limit: 1, minCosine: -1, least };
    expect(idsOf(await searched.search('default', how))).toEqual([['face-60']]);
    searched.close();
  }
});

test('what a search must reach is checked', async () => {
  await engine.addFaces([face(1)]);
  const probes = [testVector(1, DIMENSION)];
  const least = { confidence: 0.5, calibration: BY_RELIABILITY };
  const request = { modelId: MODEL, probes, limit: 1, minCosine: -1, least };
  for (const change of [
    { reliabilities: [] },
    { reliabilities: [1.5] },
    { least: { ...least, confidence: NaN } },
    { least: { ...least, calibration: { ...BY_RELIABILITY, points: [] } } },
  ])
    await expect(engine.search('default', { ...request, ...change })).rejects.toMatchObject({
      code: 'BAD_PARAM',
    });
  await expect(engine.addFaces([face(2, { reliability: 2 })])).rejects.toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'faces[0].reliability' },
  });
});

test('faces are grouped by the reliabilities of both', async () => {
  // Two photos of one person at a cosine of 0.6: enough for good faces, not for bad ones.
  const photo = (axis: number, second: boolean): Float32Array<ArrayBuffer> => {
    const vector = new Float32Array(DIMENSION);
    vector[axis] = second ? 0.6 : 1;
    if (second) vector[axis + 32] = 0.8;
    return vector;
  };
  const kinds = [
    ['good', 1, 1],
    ['mixed', 1, 0.7],
    ['bad', 0.1, 0.1],
    ['worst', 0, 0],
  ] as const;
  await engine.addFaces(
    kinds.flatMap(([kind, a, b], i) => [
      face(2 * i, { id: `${kind}-a`, vector: photo(i, false), reliability: a }),
      face(2 * i + 1, { id: `${kind}-b`, vector: photo(i, true), reliability: b }),
    ]),
  );
  const { signal } = new AbortController();
  const least = { confidence: 0.7, calibration: BY_RELIABILITY };
  const request = { minCosine: -1, least, minSize: 2 };
  const { groups, singles } = await engine.cluster('default', request, { signal });
  expect(groups.map(({ ids }) => ids.toSorted()).sort()).toEqual([
    ['good-a', 'good-b'],
    ['mixed-a', 'mixed-b'],
  ]);
  expect(singles).toBe(4);
});

/** Every row of every segment says what its face's record says. */
async function expectInStep(): Promise<void> {
  const { records } = await engine.listFaces('default', { limit: 10_000 });
  const byTime = new Map(records.map((record) => [record.timestamp, record]));
  const segments = (await rawStore(database, 'vectors')) as readonly StoredSegment[];
  expect(segments.reduce((sum, { seqs }) => sum + seqs.length, 0)).toBe(records.length);
  for (const { times, reliabilities } of segments) {
    expect(reliabilities).toHaveLength(times.length);
    for (const [i, time] of times.entries())
      expect((reliabilities[i] as number) / 255).toBe(byTime.get(time)?.reliability);
  }
}

test('reliabilities stay with their faces through deletions, compaction, changes and other pages', async () => {
  const other = await openEngine(database);
  const timed = many(0, 1300).map((one, i) => ({ ...one, timestamp: i + 1 }));
  await engine.addFaces(timed.slice(0, 300));
  await engine.addFaces(timed.slice(300));
  await engine.deleteFaces(
    'default',
    timed.filter((_, i) => i % 5 !== 0).map(({ id }) => id as string),
  );
  await expect.poll(async () => (await rawStore(database, 'vectors')).length).toBeLessThan(4);
  await engine.updateFace('default', 'face-10', { meta: 'Sam' });
  await expectInStep();
  expect(await engine.getFace('default', 'face-10')).toMatchObject({ reliability: reliabilityAt(10) });
  const probe = testVector(5, DIMENSION);
  for (const page of [engine, other])
    for (const [reliability, confidence] of [
      [0.2, 0.4],
      [1, 0.45],
    ] as const) {
      const least = { confidence, calibration: BY_RELIABILITY };
      const how = { modelId: MODEL, probes: [probe], reliabilities: [reliability], limit: 99, minCosine: -1 };
      const found = idsOf(await page.search('default', { ...how, least }));
      expect(found).toEqual(await expected([probe], [reliability], confidence, 99));
      expect(found[0]?.length).toBeGreaterThan(0);
    }
  // In memory too: with what is assumed in the place of its own, the changed face would be sure enough.
  const stored = testVector(10, DIMENSION);
  const mixed = testVector(11, DIMENSION).map((x, i) => 0.6 * x + stored[i]!);
  const length = Math.hypot(...mixed);
  const changed = mixed.map((x) => x / length);
  const cosine = changed.reduce((sum, x, i) => sum + x * stored[i]!, 0);
  const own = pair.confidence(cosine, 0.2, reliabilityAt(10));
  const assumed = pair.confidence(cosine, 0.2, assumedReliability().reliability);
  const least = { confidence: (own + assumed) / 2, calibration: BY_RELIABILITY };
  expect(own).toBeLessThan(assumed);
  for (const page of [engine, other]) {
    const how = { modelId: MODEL, probes: [changed], reliabilities: [0.2], limit: 1, minCosine: -1 };
    expect(idsOf(await page.search('default', { ...how, least }))).toEqual([[]]);
  }
  other.close();
});

test('an encrypted database seals reliabilities, and a file carries them', async () => {
  await engine.addFaces([face(1), face(2), { ...face(3), reliability: 0.501, reliabilityAssumed: true }]);
  const { reliability: _, ...unknown } = face(4);
  await engine.addFaces([unknown]);
  const { signal } = new AbortController();
  const read = async (from: GalleryEngine): Promise<readonly object[]> =>
    (await from.listFaces('default', { limit: 9 })).records.map(
      ({ id, reliability, reliabilityAssumed }) => ({
        id,
        reliability,
        reliabilityAssumed,
      }),
    );
  const before = await read(engine);
  expect(before).toEqual([
    { id: 'face-1', reliability: reliabilityAt(1), reliabilityAssumed: undefined },
    { id: 'face-2', reliability: reliabilityAt(2), reliabilityAssumed: undefined },
    { id: 'face-3', reliability: 128 / 255, reliabilityAssumed: true },
    { id: 'face-4', ...assumedReliability() },
  ]);
  const files = await Promise.all(
    (['archive', 'jsonl', 'npy'] as const).map((format) =>
      engine.transfer.exportGallery('default', { format, pictures: false }, { signal }),
    ),
  );
  await engine.protection.encrypt('correct horse');
  expect(await read(engine)).toEqual(before);
  const [segment] = (await rawStore(database, 'vectors')) as readonly StoredSegment[];
  expect(segment?.reliabilities.length).toBeGreaterThan(4 + 16);
  await engine.addFaces([face(5)]);
  engine.close();
  engine = await openEngineWith({ database, kernel: await testKernel(), key: 'correct horse' });
  expect((await read(engine)).slice(0, 4)).toEqual(before);
  expect(await engine.getFace('default', 'face-5')).toMatchObject({ reliability: reliabilityAt(5) });
  for (const [i, file] of files.entries()) {
    await engine.eraseAll();
    const request = { ids: 'keep', duplicates: 'add', modelId: MODEL } as const;
    await engine.transfer.importGallery('default', file, request, { signal });
    if (i < 2) expect(await read(engine)).toEqual(before);
    else expect(await read(engine)).toMatchObject(before.map(() => assumedReliability()));
  }
});

test('a new embedding has a reliability of its own', async () => {
  await engine.addFaces([face(1), face(2)]);
  const stale = await engine.regenerated.nextStale('model-12', 0, 9);
  await engine.putRegenerated(
    'model-12',
    stale.map(({ seq }, i) => ({
      seq,
      vector: testVector(seq, 12),
      ...(i === 0 && { reliability: 0.25 }),
    })),
  );
  await engine.protection.encrypt('correct horse');
  await engine.swapRegenerated('model-12', 'keep');
  expect(await engine.getFace('default', 'face-1')).toMatchObject({ reliability: 64 / 255 });
  expect(await engine.getFace('default', 'face-1')).not.toHaveProperty('reliabilityAssumed');
  expect(await engine.getFace('default', 'face-2')).toMatchObject(assumedReliability());
});
