/**
 * Imports during which a part of the database is damaged.
 *
 * @module-tag long
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GalleryEngine } from '../gallery-engine.ts';
import type { RecordBlock, SegmentRow } from '../indexeddb/schema.ts';
import { cut, damageStored, withUnreadable } from '../test-damage.ts';
import {
  dropDatabase,
  openEngine,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
  testVector,
} from '../test-gallery.ts';
import { SlowFile } from './test-slow-file.ts';

const FACES = 2500;

/** Faces that were there before: they are in a segment with some that are imported. */
const BEFORE = 2;

let database: string;
let file: Blob;
let [importer, other]: GalleryEngine[] = [];
let bytesBefore: number;

const pages = (): [GalleryEngine, GalleryEngine] => [importer as GalleryEngine, other as GalleryEngine];

beforeEach(async () => {
  database = testDatabase();
  const from = testDatabase();
  const source = await openEngine(from);
  const crop = new Blob(['a crop'], { type: 'image/webp' });
  await source.addFaces(
    Array.from({ length: FACES }, (_, i) => testFace(i, i % 500 === 7 ? { pictures: { crop } } : {})),
  );
  const { signal } = new AbortController();
  const request = { format: 'archive', pictures: true } as const;
  file = await source.transfer.exportGallery('default', request, { signal });
  source.close();
  await dropDatabase(from);
  importer = await openEngine(database);
  await importer.addFaces([testFace(9001), testFace(9002)]);
  bytesBefore = (await importer.usage()).bytes.records;
  other = await openEngine(database);
});

afterEach(async () => {
  for (const engine of pages()) engine.close();
  await dropDatabase(database);
});

/** Imports, and has `act` done when the first batch of faces is stored and the second is not. */
function load(act: () => Promise<unknown>, ids: 'keep' | 'skip' = 'keep'): Promise<unknown> {
  const request = { ids, duplicates: 'add', modelId: 'model-8' } as const;
  const { signal } = new AbortController();
  return pages()[0].transfer.importGallery('default', new SlowFile(file, act), request, { signal });
}

const cutSegment = (first: number): Promise<void> =>
  damageStored<SegmentRow>(database, 'vectors', ['model-8', first], (row) => ({
    ...row,
    vectors: cut(row.vectors as Float32Array),
  }));
const cutRecord = (): Promise<void> =>
  damageStored<RecordBlock>(database, 'records', 0, (block) => withUnreadable(block, 10));
const dropBlock = (): Promise<void> => damageStored(database, 'records', 3, () => undefined);

/** What is damaged, how many faces are then, and how many of those are left when the import is taken back. */
const damages: readonly (readonly [string, () => Promise<void>, number, number])[] = [
  ['a segment cut off', () => cutSegment(257), 256, 0],
  ['the segment cut off to which it was added', () => cutSegment(1), 256, BEFORE],
  ['a record that cannot be read', cutRecord, 1, 0],
  ['a block of records gone', dropBlock, 32, 0],
];

describe.each(damages)('%s', (_, change, damaged, left) => {
  test('the import ends, and what is damaged is told', async () => {
    await load(change);
    for (const engine of pages()) engine.close();
    [importer, other] = [await openEngine(database), await openEngine(database)];
    for (const engine of pages()) {
      expect((await engine.checkStored()).faces).toBe(damaged);
      expect(await engine.count('default')).toBe(FACES + BEFORE);
      expect((await engine.usage()).faces).toBe(FACES + BEFORE);
    }
    expect(await importer.clearDamaged()).toEqual({ faces: damaged, galleries: 0 });
    expect(await importer.count('default')).toBe(FACES + BEFORE - damaged);
  });

  test.each(['an open page', 'the next one'])('%s takes it all back when its page is gone', async (by) => {
    const importing = load(async () => {
      await change();
      if (by === 'the next one') pages()[1].close();
      pages()[0].close();
    });
    await expect(importing).rejects.toThrow();
    if (by === 'the next one') other = await openEngine(database);
    const isOver = async (): Promise<void> => {
      expect((await rawStore(database, 'state')).some((row) => row && Object.hasOwn(row, 'importing'))).toBe(
        false,
      );
    };
    await vi.waitFor(isOver, { timeout: 5000 });
    expect(await rawSeqs(database)).toEqual([1, 2]);
    const segments = (await rawStore(database, 'vectors')) as { seqs: Float64Array }[];
    expect(segments).toHaveLength(1);
    expect(await rawStore(database, 'pictures')).toEqual([]);
    const last = await openEngine(database);
    expect((await last.usage()).bytes).toMatchObject({ records: bytesBefore, pictures: 0 });
    expect(await last.count('default')).toBe(BEFORE);
    expect((await last.checkStored()).faces).toBe(left);
    last.close();
  });
});

test("faces that are imported again, ids: 'skip', wait to take the place of damaged ones", async () => {
  await load(() => Promise.resolve());
  await cutSegment(257);
  for (const engine of pages()) engine.close();
  [importer, other] = [await openEngine(database), await openEngine(database)];
  // Of another time: the same id says nothing.
  await damageStored<RecordBlock>(database, 'records', 10, (block) => ({
    ...block,
    records: block.records.map((record, i) =>
      i === 0 ? JSON.stringify({ ...(JSON.parse(record as string) as object), timestamp: 5 }) : record,
    ),
  }));
  expect(await load(() => Promise.resolve(), 'skip')).toEqual({ imported: 0, skipped: FACES });
  expect((await importer.usage()).damaged.faces).toBe(256);
  expect(await importer.regenerated.countStale('model-8')).toEqual({ stale: 256, made: 255 });
  expect(await importer.swapRegenerated('model-8', 'delete')).toEqual({
    swapped: 255,
    deleted: 1,
  });
  expect((await importer.usage()).damaged.faces).toBe(0);
  const search = { modelId: 'model-8', probes: [testVector(300)], limit: 1, minCosine: 0.9999 };
  expect((await importer.search('default', search))[0]?.[0]?.record.id).toBe('face-300');
});
