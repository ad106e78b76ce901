/** Laws of pages. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FaceFilter, FaceRecord } from '../../core/records.ts';
import type { GalleryDatabase } from '../port.ts';
import { expectVector } from '../test-vector.ts';
import { allFaces } from './test-dump.ts';
import { outcome, picture, prepared, type Laws } from './test-subject.ts';

const ids = (faces: readonly { readonly id: string }[]): readonly string[] => faces.map(({ id }) => id);
const named = (seeds: readonly number[]): readonly string[] => seeds.map((seed) => `face-${seed}`);

export const pagingLaws: Laws = {
  'pages part a gallery in the order of enrolment, whatever their length and their filter': async (
    { database },
    _place,
    subject,
  ) => {
    await database.createGallery('a', null);
    const faces = Array.from({ length: 60 }, (_, i) =>
      prepared(i, {
        meta: `m${i % 3}`,
        galleries: i % 4 === 0 ? ['a'] : i % 4 === 1 ? ['default', 'a'] : ['default'],
        ...(i % 5 === 0 && { personId: `p${i % 2}` }),
        ...(i % 6 < 3 && { cameraId: `c${i % 6}` }),
      }),
    );
    // Not in the order of their times.
    for (const some of [faces.slice(30), faces.slice(0, 30)]) await database.addFaces(some);
    const stored = [...faces.slice(30), ...faces.slice(0, 30)].map((face) => ({
      ...face,
      pictures: [],
      timestamp: face.timestamp ?? 0,
    }));
    const filter: fc.Arbitrary<FaceFilter> = fc.record(
      {
        meta: fc.constantFrom('m0', 'm1', 'nobody'),
        personId: fc.constantFrom('p0', 'p1', 'nobody'),
        cameraId: fc.constantFrom('c0', 'c1', 'nobody'),
        from: fc.integer({ min: 990, max: 1070 }),
        until: fc.integer({ min: 990, max: 1070 }),
      },
      { requiredKeys: [] },
    );
    const query = fc.record({
      gallery: fc.constantFrom('default', 'a'),
      limit: fc.integer({ min: 1, max: 70 }),
      skip: fc.oneof(fc.constant(0), fc.nat(70)),
      filter,
      order: fc.constantFrom('oldest', 'newest'),
      range: fc.record({ before: fc.nat(65), after: fc.nat(65) }, { requiredKeys: [] }),
    });
    const numbers = new Map(
      (await allFaces(database, 'default'))
        .concat(await allFaces(database, 'a'))
        .map(({ id, number }) => [id, number]),
    );
    expect(stored.map(({ id }) => numbers.get(id))).toEqual(stored.map((_, i) => i + 1));
    const moment = await database.listFaces('default', { limit: 70, from: 1002, until: 1003 });
    expect(ids(moment.records)).toEqual(['face-2']);
    await fc.assert(
      fc.asyncProperty(query, async ({ gallery, limit, skip, filter: kept, order, range }) => {
        const { before = Infinity, after = 0 } = range;
        const wanted = stored.filter(
          (face, i) => isWanted(face, gallery, kept) && i + 1 < before && i + 1 > after,
        );
        const passing = stored.filter((face) => isWanted(face, gallery, kept)).length;
        expect(await database.countFaces(gallery, kept)).toBe(passing);
        const expected = ids(order === 'newest' ? wanted.toReversed() : wanted);
        const seen: string[] = [];
        for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined;) {
          const page = await database.listFaces(gallery, {
            ...{ ...kept, ...range, order, limit },
            ...(isFirst ? { skip } : cursor !== undefined && { cursor }),
          });
          seen.push(...ids(page.records));
          const isLast = page.cursor === undefined;
          expect(page.records.length).toBe(isLast ? Math.min(limit, page.records.length) : limit);
          ({ cursor } = page);
          isFirst = false;
        }
        expect(seen).toEqual(expected.slice(skip));
      }),
      { numRuns: subject.runs },
    );
  },

  'a page goes on where the last one ended, whatever is enrolled, changed and deleted meanwhile': async ({
    database,
  }) => {
    await database.createGallery('a', null);
    await database.addFaces([1, 2, 3, 4, 5, 6].map((seed) => prepared(seed, { galleries: ['a'] })));
    const first = await database.listFaces('a', { limit: 2 });
    expect(ids(first.records)).toEqual(named([1, 2]));
    // The last one of the page, the next one, and one that was seen.
    await database.deleteFaces('a', named([1, 2, 3]));
    await database.addFaces([prepared(7, { galleries: ['a'] })]);
    await database.updateFaces('a', ['face-5'], { meta: 'changed' });
    const cursor = first.cursor as string;
    const second = await database.listFaces('a', { limit: 3, cursor });
    expect(second.records.map(({ id, meta }) => [id, meta])).toEqual([
      ['face-4', 'name-4'],
      ['face-5', 'changed'],
      ['face-6', 'name-6'],
    ]);
    const third = await database.listFaces('a', { limit: 3, cursor: second.cursor as string });
    expect(ids(third.records)).toEqual(['face-7']);
    expect(third).not.toHaveProperty('cursor');
    await database.deleteFaces('a', named([4, 5, 6, 7]));
    expect(await database.listFaces('a', { limit: 3, cursor })).toEqual({ records: [] });
    // Numbers are not given again: the old cursors keep their places.
    await database.addFaces([prepared(8, { galleries: ['a'] })]);
    expect(ids((await database.listFaces('a', { limit: 3, cursor })).records)).toEqual(['face-8']);
    // A face that comes into a gallery later keeps its place in the order of enrolment.
    await database.addFaces([prepared(9), prepared(10, { galleries: ['a'] })]);
    await database.updateFaces('default', ['face-9'], { galleries: { add: ['a'] } });
    expect(ids(await allFaces(database, 'a'))).toEqual(named([8, 9, 10]));
  },

  'a cursor that no page had is BAD_PARAM; a gallery that is not there GALLERY_NOT_FOUND': async ({
    database,
  }) => {
    await database.addFaces([1, 2, 3].map((seed) => prepared(seed)));
    const { cursor } = await database.listFaces('default', { limit: 1 });
    const wrong = [
      '',
      'nonsense',
      'after-',
      'before-1',
      'after-1-1',
      'after--1',
      'after-zzzzzzzzzzz',
      'after-zzz',
      `${cursor}0`,
    ];
    for (const other of wrong)
      expect(await outcome(database.listFaces('default', { limit: 1, cursor: other }))).toBe('BAD_PARAM');
    const newest = { limit: 1, order: 'newest' as const };
    for (const other of ['before-', 'before-zzz', `${cursor}`])
      expect(await outcome(database.listFaces('default', { ...newest, cursor: other }))).toBe('BAD_PARAM');
    expect(await outcome(database.listFaces('nowhere', { limit: 1 }))).toBe('GALLERY_NOT_FOUND');
    expect(await outcome(database.listMetas('nowhere'))).toBe('GALLERY_NOT_FOUND');
  },

  'faces are read whole in the order of enrolment, each once, so many bytes of pictures at a time': async (
    opened,
  ) => {
    const { database } = opened;
    const faces = Array.from({ length: 300 }, (_, i) =>
      prepared(i, { pictures: [picture('thumbnail', `t${i}`), picture('crop', `c${i}`, 'image/svg+xml')] }),
    );
    await database.addFaces(faces);
    const big = new ArrayBuffer(5 * 2 ** 20);
    for (const seed of [300, 301, 302])
      await database.addFaces([
        prepared(seed, { pictures: [{ kind: 'photo', type: 'image/jpeg', bytes: big }] }),
      ]);
    for (const pictures of [true, false]) {
      const slices = await readAllWhole(database, pictures);
      const whole = slices.flat();
      expect(ids(whole.map(({ record }) => record))).toEqual(named(Array.from({ length: 303 }, (_, i) => i)));
      expectVector(whole[7]?.vector, faces[7]?.vector, opened);
      expect(whole[7]?.record.pictures).toEqual([]);
      const texts = whole[7]?.pictures.map(({ kind, type, bytes }) => [
        ...[kind, type],
        new TextDecoder().decode(bytes),
      ]);
      // A drawing may hold scripts.
      const types = [
        ['thumbnail', 'image/webp', 't7'],
        ['crop', 'application/octet-stream', 'c7'],
      ];
      expect(texts).toEqual(pictures ? types : []);
      // Two of the large photos are too many bytes for one slice.
      const large = slices.map(
        (slice) => slice.filter(({ record }) => Number(record.id.slice(5)) > 299).length,
      );
      expect(Math.max(...large)).toBe(pictures ? 1 : 3);
    }
  },

  'faces that are read whole are of one model': async ({ database }) => {
    await database.addFaces([prepared(1)]);
    const query = { modelId: 'model-12', after: 0, pictures: false };
    expect(await outcome(database.readWhole('default', query))).toBe('MODEL_MISMATCH');
    const rest = await database.readWhole('default', { ...query, after: 1 });
    expect(rest).toEqual({ faces: [], last: 1, atEnd: true, leftOut: { faces: 0, pictures: 0 } });
  },
};

/** By time the first moment is in, the last one out. */
function isWanted(
  face: StoredPart,
  gallery: string,
  { meta, personId, cameraId, from, until }: FaceFilter,
): boolean {
  const conditions = [
    face.galleries.includes(gallery),
    [face.meta, undefined].includes(meta),
    personId === undefined || face.personId === personId,
    cameraId === undefined || face.cameraId === cameraId,
    from === undefined || from <= face.timestamp,
    until === undefined || until > face.timestamp,
  ];
  return conditions.every(Boolean);
}

type StoredPart = Pick<FaceRecord, 'galleries' | 'meta' | 'personId' | 'cameraId' | 'timestamp'>;

async function readAllWhole(
  database: GalleryDatabase,
  pictures: boolean,
): Promise<readonly (readonly Awaited<ReturnType<GalleryDatabase['readWhole']>>['faces'][number][])[]> {
  const slices = [];
  for (let after = 0; ;) {
    const slice = await database.readWhole('default', { modelId: 'model-8', after, pictures });
    slices.push(slice.faces);
    expect(slice.leftOut).toEqual({ faces: 0, pictures: 0 });
    if (slice.atEnd) return slices;
    expect(slice.last).toBeGreaterThan(after);
    after = slice.last;
  }
}
