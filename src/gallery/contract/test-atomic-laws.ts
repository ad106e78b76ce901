/** Laws of verbs that fail: nothing is changed. */
import { expect } from 'vitest';
import { NearFaceError } from '../../core/errors.ts';
import type { Mirror } from '../mirror.ts';
import type { FaceMemory, GalleryAndModels } from '../port.ts';
import { dump } from './test-dump.ts';
import { failing, furnish, hashed, never, photo } from './test-failing-verbs.ts';
import { expectInStep } from './test-in-step.ts';
import { type Laws, type Opened, openPlace, outcome, prepared } from './test-subject.ts';

export const atomicLaws: Laws = {
  'a verb that fails tells why, and changes nothing': async (opened) => {
    await furnish(opened);
    const before = await dump(opened.database);
    for (const [what, call, code] of failing) {
      expect(await outcome(call(opened)), what).toBe(code);
      expect(await dump(opened.database), what).toEqual(before);
      await expectInStep(opened);
    }
    // Whatever was refused can be done when nothing stands against it.
    await opened.database.addFaces([8, 9, 10].map((seed) => prepared(seed)));
    await expectInStep(opened);
  },

  'a gallery and the models are told as they are at one moment': async (opened, place, subject) => {
    const other = place.isKept ? await openPlace(subject, place) : opened;
    const { database } = opened;
    const told: Promise<GalleryAndModels>[] = [];
    const done: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round++) {
      const faces = [1, 2, 3].map((seed) => prepared(10 * round + seed));
      const writes = [
        () => other.database.addFaces(faces),
        () => database.deleteFaces('default', [faces[0]?.id ?? '']),
        () => database.eraseAll(),
      ];
      for (const write of writes) {
        const written = write();
        done.push(written);
        told.push(database.describeGallery('default'), other.database.describeGallery('default'));
        await written;
      }
    }
    await Promise.all(done);
    for (const { gallery, models } of await Promise.all(told)) {
      const expected = gallery.modelId === null ? [] : [[gallery.modelId, gallery.count]];
      expect([...models].map(([modelId, { faces }]) => [modelId, faces])).toEqual(expected);
    }
    if (other !== opened) other.close();
  },

  'a gallery of which the deletion is aborted under way is there whole, or gone': async (
    opened,
    _place,
    { crowd },
  ) => {
    const { database } = opened;
    await database.createGallery('large', null);
    const galleries = ['large'];
    await database.addFaces(Array.from({ length: crowd }, (_, seed) => prepared(seed, { galleries })));
    await database.addFaces([prepared(crowd)]);
    await expectAllOrNone(opened, (signal) => database.deleteGallery('large', { signal }));
    expect(await database.listGalleries()).toMatchObject([{ name: 'default', count: 1 }]);
  },

  'a change or deletion of many faces that is aborted under way is done, or nothing of it': async (
    opened,
  ) => {
    const { database } = opened;
    const faces = Array.from({ length: 50 }, (_, seed) => prepared(seed));
    await database.addFaces(faces);
    const ids = faces.slice(1).map(({ id }) => id);
    const change = { meta: 'changed' };
    await expectAllOrNone(opened, (signal) => database.updateFaces('default', ids, change, signal));
    expect(await database.listMetas('default')).toContainEqual(
      expect.objectContaining({ meta: 'changed', count: 49 }),
    );
    await expectAllOrNone(opened, (signal) => database.deleteFaces('default', ids, signal));
    expect((await database.readGallery('default')).count).toBe(1);
  },

  'new faces for which the memory has no room are not kept': async (_opened, _place, subject) => {
    const place = subject.place();
    const room = { isThere: true };
    const opened = await openPlace(subject, place, (mirror) => limited(mirror, room));
    try {
      await expectNoRoom(opened, room);
    } finally {
      opened.close();
      await place.drop();
    }
  },

  'verbs that are called at once are done one after the other, by whatever page': async (
    opened,
    place,
    subject,
  ) => {
    const { database } = opened;
    const other = place.isKept ? await openPlace(subject, place) : opened;
    await database.createGallery('small', 5);
    const add = (seed: number, galleries: readonly string[]): Promise<string> => {
      const page = seed % 2 === 0 ? opened : other;
      return outcome(page.database.addFaces([prepared(seed, { galleries })]));
    };
    const became = await Promise.all(
      Array.from({ length: 10 }, (_, seed) => add(seed, ['default', 'small'])),
    );
    expect(became.toSorted()).toEqual([
      ...Array<string>(5).fill('GALLERY_FULL'),
      ...Array<string>(5).fill('ok'),
    ]);
    const twins = await Promise.all(
      [database, other.database, database].map((page) => outcome(page.addFaces([prepared(11)]))),
    );
    expect(twins.toSorted()).toEqual(['FACE_EXISTS', 'FACE_EXISTS', 'ok']);
    expect((await database.readGallery('small')).count).toBe(5);
    expect((await database.readGallery('default')).count).toBe(6);
    for (const page of [opened, other]) await expectInStep(page);
    if (other !== opened) other.close();
  },
};

interface Room {
  isThere: boolean;
}

/** A memory that takes no new faces where there is no room. */
function limited(mirror: Mirror, room: Room): FaceMemory {
  return {
    ...{ lookup: mirror.lookup, encode: mirror.encode },
    reserve: (...faces) => {
      if (!room.isThere) throw new NearFaceError('STORAGE_FULL', 'There is no room in memory');
      mirror.reserve(...faces);
    },
    add: (...rows) => mirror.add(...rows),
    has: (...face) => mirror.has(...face),
    apply: (change) => mirror.apply(change),
    refill: (rotations) => mirror.refill(rotations),
  };
}

async function expectNoRoom(opened: Opened, room: Room): Promise<void> {
  await furnish(opened);
  const before = await dump(opened.database);
  const { database } = opened;
  room.isThere = false;
  const calls = [
    () => database.addFaces([prepared(9)]),
    () => database.jobs.enrolJobItem('job', 0, photo('replace', hashed(9))),
    () => database.importInto('default', (into) => into.store([prepared(9)]), never),
  ];
  for (const call of calls) {
    expect(await outcome(call())).toBe('STORAGE_FULL');
    expect(await dump(database)).toEqual(before);
    await expectInStep(opened);
  }
  // What needs no room can be done all the same.
  await database.updateFaces('default', ['face-1'], { meta: 'changed' });
  await database.deleteFaces('default', ['face-3']);
  room.isThere = true;
  expect(await outcome(database.addFaces([prepared(9)]))).toBe('ok');
  await expectInStep(opened);
}

/** Aborts a write later each time, until it comes too late: whenever it does not, nothing has changed. */
export async function expectAllOrNone(
  opened: Opened,
  write: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const { database } = opened;
  const before = await dump(database);
  for (let turns = 0, became = 'ABORTED'; became !== 'ok'; turns = 4 * turns + 1) {
    const stop = new AbortController();
    const writing = outcome(write(stop.signal));
    for (let turn = 0; turn < turns; turn++) await database.readGallery('default');
    stop.abort();
    became = await writing;
    if (became !== 'ok') expect([became, await dump(database)]).toEqual(['ABORTED', before]);
    await expectInStep(opened);
  }
}
