/** Filters by camera, also among what versions have left that kept no cameras beside the vectors. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import { currentSlot } from './indexeddb/slots.ts';
import {
  cheapPassphrases,
  dropDatabase,
  openEngine,
  testDatabase,
  testFace,
  testVector,
} from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;

beforeEach(() => {
  cheapPassphrases();
  database = testDatabase();
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
  vi.restoreAllMocks();
});

const DOOR = { cameraId: 'door' };

/** @param begin - what is asked first */
async function found(begin: string): Promise<unknown> {
  const request = { modelId: 'model-8', probes: [testVector(40)], limit: 2, minCosine: -1 };
  const search = async (filter: object): Promise<readonly string[]> =>
    ((await engine.search('default', { ...request, ...filter }))[0] ?? []).map(({ record }) => record.id);
  const list = async (query: object): Promise<readonly string[]> =>
    (await engine.listFaces('default', { limit: 3, ...query })).records.map(({ id }) => id);
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    best: () => search(DOOR),
    nowhere: () => search({ cameraId: 'yard' }),
    skipped: () => list({ ...DOOR, skip: 5, order: 'newest' }),
    first: () => list(DOOR),
    named: () => list({ ...DOOR, meta: 'name-40' }),
    count: () => engine.count('default', DOOR),
  };
  const answers: Record<string, unknown> = {};
  for (const what of new Set([begin, ...Object.keys(asked)])) answers[what] = await asked[what]?.();
  return answers;
}

async function fill(): Promise<void> {
  const at = (seed: number): object => (seed % 20 === 0 ? DOOR : seed % 2 === 0 ? { cameraId: 'hall' } : {});
  await engine.addFaces(Array.from({ length: 400 }, (_, seed) => testFace(seed, at(seed))));
}

for (const passphrase of [undefined, 'correct horse battery'])
  test(`faces of a camera are found${passphrase === undefined ? '' : ', encrypted'}`, async () => {
    engine = await openEngine(database, passphrase);
    await fill();
    const expected = await found('best');
    expect(expected).toMatchObject({
      nowhere: [],
      first: ['face-0', 'face-20', 'face-40'],
      skipped: ['face-280', 'face-260', 'face-240'],
      named: ['face-40'],
      count: 20,
    });
    expect((expected as { best: string[] }).best[0]).toBe('face-40');
    engine.close();
    const db = await openDB((await currentSlot(database)) ?? database);
    for (const { cameras: _, expiries: _expiries, ...row } of await db.getAll('vectors'))
      await db.put('vectors', row);
    db.close();
    for (const begin of ['best', 'skipped', 'count']) {
      engine.close();
      engine = await openEngine(database, passphrase);
      expect(await found(begin), begin).toEqual(expected);
    }
    // What is enrolled and changed beside them is found by the same.
    await engine.addFaces([testFace(1000, DOOR)]);
    await engine.updateFace('default', 'face-20', { cameraId: null });
    await engine.updateFace('default', 'face-21', DOOR);
    const now = (await engine.listFaces('default', { limit: 100, ...DOOR })).records.map(({ id }) => id);
    expect(now.slice(0, 3)).toEqual(['face-0', 'face-21', 'face-40']);
    expect(now.at(-1)).toBe('face-1000');
    engine.close();
    engine = await openEngine(database, passphrase);
    const again = (await engine.listFaces('default', { limit: 100, ...DOOR })).records.map(({ id }) => id);
    expect(again).toEqual(now);
  });
