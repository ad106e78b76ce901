import { expect, test } from 'vitest';
import { JobDesk } from './job-desk.ts';
import type { Assigner } from './people/assigner.ts';
import { type Coroutine, runNow } from './people/coroutine.ts';
import type { PeopleTables } from './people/tables.ts';
import type { GalleryDatabase, StoredAppearance } from './port.ts';
import type { StoredFace } from './stored.ts';

/** A desk over a job that has seen this, in a database of these faces. */
function deskOf(appearances: readonly StoredAppearance[], faces: readonly Partial<StoredFace>[]): JobDesk {
  const tx = {
    faces: { byIds: (ids: readonly string[]) => faces.filter(({ id = '' }) => ids.includes(id)) },
  };
  const database = {
    jobs: { recognitions: { listAppearances: async () => ({ appearances, total: appearances.length }) } },
    people: {
      read: async <T>(work: (tx: PeopleTables) => Coroutine<T>) =>
        runNow(work(tx as unknown as PeopleTables)),
    },
  };
  return new JobDesk(database as unknown as GalleryDatabase, {} as Assigner);
}
const seen = (more: Partial<StoredAppearance>): StoredAppearance =>
  ({ source: 0, track: 1, isUnknown: false, person: 'Sam', closest: [], ...more }) as StoredAppearance;

test('people are called as they are now, the alternatives too', async () => {
  const closest = [
    { faceId: 'a', person: 'Sam', cosine: 0.8, personId: 'p' },
    { faceId: 'b', person: 'Bo', cosine: 0.4 },
  ];
  const desk = deskOf(
    [seen({ faceId: 'a', personId: 'p', closest })],
    [
      { id: 'a', meta: 'Samuel' },
      { id: 'b', meta: '', personId: 'q' },
    ],
  );
  const { appearances } = await desk.listAppearances('job', 0, 9);
  expect(appearances).toEqual([
    seen({
      ...{ faceId: 'a', person: 'Samuel' },
      closest: [
        { faceId: 'a', person: 'Samuel', cosine: 0.8 },
        { faceId: 'b', person: 'b', cosine: 0.4, personId: 'q' },
      ],
    }),
  ]);
});

test('who has no name any more has none here, but strangers keep their numbers', async () => {
  const desk = deskOf(
    [
      seen({ faceId: 'a' }),
      seen({ faceId: 'u', isUnknown: true, person: 'Unknown #3', personId: 'p' }),
      seen({ faceId: 'gone', person: 'Kim' }),
      // Its record cannot be read.
      seen({ faceId: 'damaged', person: '' }),
      seen({ isUnknown: true, person: 'Unknown' }),
    ],
    [
      { id: 'a', meta: '' },
      { id: 'u', meta: '', personId: 'p' },
    ],
  );
  expect(await desk.listLabels('job')).toEqual([['a', 'Unknown #3', 'Kim', 'damaged', 'Unknown']]);
});
