/** Laws of cameras, sightings and friends. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FriendRule, Sighting } from '../../core/people.ts';
import { EntryDesk, type SightingInput } from '../people/entry-desk.ts';
import { Assigner } from '../people/assigner.ts';
import { bytesOfRecord, pairKey, personMark } from '../people/stored.ts';
import { of } from '../people/deed.ts';
import { PeopleDesk, type SightingListing } from '../people/people-desk.ts';
import { MAX_UNDO } from '../people/steps.ts';
import { Searcher } from '../searcher.ts';
import { HistoryTransfer } from '../transfer/history-transfer.ts';
import { type Laws, type Opened, openPlace, outcome, prepared } from './test-subject.ts';

/** The desks of a database. */
export function desksOf({ database, mirror }: Opened): {
  readonly people: PeopleDesk;
  readonly entry: EntryDesk;
  readonly transfer: HistoryTransfer;
} {
  const searcher = new Searcher(database, mirror);
  const people = new PeopleDesk(database);
  const entry = new EntryDesk(database, searcher, new Assigner(database, searcher), people);
  return { people, entry, transfer: new HistoryTransfer(database, people) };
}

export const sighting = (timeMs: number, change: Partial<SightingInput> = {}): SightingInput => ({
  ...{ timeMs, id: `sighting-${timeMs}`, pictures: {} },
  ...change,
});

async function allSightings(
  desk: PeopleDesk,
  query: Omit<SightingListing, 'limit' | 'cursor'>,
  limit: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly Sighting[]> {
  const found: Sighting[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await desk.searchSightings({ ...query, limit, ...(cursor !== undefined && { cursor }) });
    found.push(...page.sightings);
    ({ cursor } = page);
    await between();
  }
  return found;
}

const ids = (sightings: readonly Sighting[]): readonly string[] => sightings.map(({ id }) => id);

const box = { left: 1, top: 2, width: 3, height: 4 };

/** All that a file brings over. */
function contents({ database }: Opened): Promise<unknown> {
  return database.people.read(function* (tx) {
    const persons = yield* of(tx.persons.after(0, 10_000));
    const cameras = yield* of(tx.cameras.all());
    const pairs = yield* of(tx.pairs.of(persons.map(({ id }) => personMark(id))));
    const keys = yield* of(tx.sightings.before({ timeMs: Infinity, seq: 0 }, -Infinity, 10_000));
    const sightings = keys.map((each) => each.read());
    const pictures: string[] = [];
    for (const each of sightings)
      for (const { kind, type, bytes } of each ? yield* of(tx.sightings.pictures(each)) : [])
        pictures.push(`${each?.id} ${kind} ${type} ${new TextDecoder().decode(bytes)}`);
    return { persons, cameras, pairs: pairs.map(pairKey).toSorted(), sightings, pictures };
  });
}

/** What the counters should say. */
async function expectCounted({ database }: Opened): Promise<void> {
  const usage = (await database.usage()).people;
  const counted = await database.people.read(function* (tx) {
    const persons = yield* of(tx.persons.after(0, 10_000));
    const cameras = yield* of(tx.cameras.all());
    const keys = yield* of(tx.sightings.before({ timeMs: Infinity, seq: 0 }, -Infinity, 10_000));
    const records = [
      ...persons,
      ...cameras,
      ...keys.map((each) => each.read()).filter((one) => one !== undefined),
    ];
    const bytes = records.reduce((sum, record) => sum + bytesOfRecord(record), 0);
    return { people: persons.length, cameras: cameras.length, sightings: keys.length, bytes };
  });
  expect(usage).toEqual(counted);
}

export const historyLaws: Laws = {
  'cameras are kept as they were given, changed and deleted': async (opened) => {
    const { people: desk } = desksOf(opened);
    const rot = { left: 0, top: 1.5, width: 20, height: 30 };
    const watch = { motionThreshold: 0.01, galleries: ['a'] };
    const door = {
      id: 'door',
      meta: 'Ünï 𝕊',
      url: 'https://x/',
      deviceId: 'd',
      group: 'in',
      rot,
      roi: rot,
      watch,
    };
    await desk.createCamera(door);
    await desk.createCamera({ id: 'a bare one' });
    expect(await desk.getCamera('door')).toEqual(door);
    expect(await desk.listCameras()).toEqual([{ id: 'a bare one' }, door]);
    expect(await desk.listCameras('in')).toEqual([door]);
    expect(await outcome(desk.createCamera(door))).toBe('CAMERA_EXISTS');
    expect(await desk.updateCamera('door', { meta: 'Gate', url: null, watch: null })).toEqual({
      ...{ id: 'door', meta: 'Gate', deviceId: 'd', group: 'in', rot, roi: rot },
    });
    await expectCounted(opened);
    await opened.database.addFaces([prepared(1, { cameraId: 'door', personId: 'p' })]);
    const { entry } = desksOf(opened);
    await entry.addSightings([sighting(5, { cameraId: 'door' })]);
    await desk.deleteCamera('door');
    for (const call of [desk.getCamera('door'), desk.updateCamera('door', {}), desk.deleteCamera('door')])
      expect(await outcome(call)).toBe('CAMERA_NOT_FOUND');
    expect((await opened.database.readFace('default', 'face-1')).cameraId).toBe('door');
    expect((await desk.searchSightings({ limit: 9 })).sightings[0]?.cameraId).toBe('door');
    await expectCounted(opened);
  },

  'pages part the sightings, the newest first, whatever their length and filter': async (
    opened,
    _place,
    subject,
  ) => {
    const { people: desk, entry } = desksOf(opened);
    await opened.database.addFaces([0, 1, 2].map((i) => prepared(i, { personId: `p${i}` })));
    const times = Array.from({ length: subject.crowd }, (_, i) => 1000 + ((i * 37) % 50));
    const inputs = times.map((timeMs, i) =>
      sighting(timeMs, {
        id: `s${i}`,
        ...(i % 4 !== 3 && { personId: `p${i % 4}` }),
        ...(i % 5 !== 0 && { cameraId: `c${i % 5}` }),
      }),
    );
    await entry.addSightings(inputs);
    const newestFirst = inputs
      .map((input, i) => ({ input, i }))
      .toSorted((a, b) => b.input.timeMs - a.input.timeMs || b.i - a.i)
      .map(({ input }) => input);
    const query = fc.record(
      {
        personId: fc.constantFrom<string | string[]>('p0', 'p1', 'nobody', ['p0', 'p2'], []),
        cameraIds: fc.constantFrom<string[]>(['c1'], ['c1', 'c2', 'nowhere'], []),
        start: fc.integer({ min: 995, max: 1055 }),
        end: fc.integer({ min: 995, max: 1055 }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(query, fc.integer({ min: 1, max: 60 }), async (asked, limit) => {
        const people = typeof asked.personId === 'string' ? [asked.personId] : asked.personId;
        const expected = newestFirst.filter(
          ({ timeMs, personId, cameraId }) =>
            (!people || people.includes(personId ?? '')) &&
            (!asked.cameraIds || asked.cameraIds.includes(cameraId ?? '')) &&
            timeMs >= (asked.start ?? -Infinity) &&
            timeMs < (asked.end ?? Infinity),
        );
        expect(ids(await allSightings(desk, asked, limit))).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 25 },
    );
    expect(await outcome(desk.searchSightings({ limit: 5, cursor: 'after-1' }))).toBe('BAD_PARAM');
  },

  'a page goes on where the last one ended, whatever is noted and deleted meanwhile': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    await entry.addSightings(Array.from({ length: 40 }, (_, i) => sighting(1000 + i)));
    let round = 0;
    const found = await allSightings(desk, {}, 7, async () => {
      round++;
      // Newer ones, and one of those that were told already.
      await entry.addSightings([sighting(5000 + round)]);
      await desk.deleteSightings([`sighting-${1040 - round}`]);
    });
    expect(ids(found)).toEqual(Array.from({ length: 40 }, (_, i) => `sighting-${1039 - i}`));
  },

  'a friend was seen on enough days by one camera, days being those of the time zone': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    await opened.database.addFaces([0, 1, 2].map((i) => prepared(i, { personId: `p${i}` })));
    const at = (text: string): number => Date.parse(text);
    const seen = (personId: string, cameraId: string, ...texts: string[]): readonly SightingInput[] =>
      texts.map((text) => sighting(at(text), { id: `${personId} ${cameraId} ${text}`, personId, cameraId }));
    await entry.addSightings([
      // Two days in UTC, one in Zurich.
      ...seen('p0', 'a', '2026-03-01T23:30:00Z', '2026-03-02T00:30:00Z'),
      // Two days, but one at each camera.
      ...seen('p1', 'a', '2026-03-01T10:00:00Z'),
      ...seen('p1', 'b', '2026-03-02T10:00:00Z'),
      // Two days, one of them on the edge of the interval.
      ...seen('p2', 'a', '2026-02-24T12:00:00Z', '2026-03-02T10:00:00Z'),
    ]);
    const rule: FriendRule = { count: 2, intervalMs: 7 * 24 * 3600e3, now: at('2026-03-03T12:00:00Z') };
    const isFriend = async (id: string, change: FriendRule = {}): Promise<boolean | undefined> =>
      (await desk.getPerson(id, { ...rule, ...change })).friend;
    expect(await isFriend('p0')).toBe(true);
    expect(await isFriend('p0', { timeZone: 'Europe/Zurich' })).toBe(false);
    expect(await isFriend('p0', { count: 3 })).toBe(false);
    expect(await isFriend('p1')).toBe(false);
    expect(await isFriend('p2')).toBe(true);
    expect(await isFriend('p2', { now: at('2026-03-03T12:00:00.001Z') })).toBe(false);
    expect(await isFriend('p2', { now: at('2026-03-02T09:59:59Z') })).toBe(false);
    expect(await outcome(isFriend('p0', { timeZone: 'Mars/Olympus' }))).toBe('BAD_PARAM');
    const friends = await desk.listPeople({ limit: 9, friend: true, rule });
    expect(friends.people.map(({ id, friend }) => [id, friend])).toEqual([
      ['p0', true],
      ['p2', true],
    ]);
    const others = await allSightings(desk, { friend: false, rule }, 9);
    expect(new Set(others.map(({ personId }) => personId))).toEqual(new Set(['p1']));
    // A face that names the camera counts as a sighting does.
    await opened.database.addFaces([
      prepared(7, { personId: 'p1', cameraId: 'a', timestamp: at('2026-03-02T18:00:00Z') }),
    ]);
    expect(await isFriend('p1')).toBe(true);
    expect(await desk.visits({ personId: 'p0' }, 'UTC')).toEqual([
      { day: '2026-03-02', sightings: 1, people: 1 },
      { day: '2026-03-01', sightings: 1, people: 1 },
    ]);
    expect(await desk.visits({ personId: ['p0', 'p1'] }, 'Europe/Zurich')).toEqual([
      { day: '2026-03-02', sightings: 3, people: 2 },
      { day: '2026-03-01', sightings: 1, people: 1 },
    ]);
  },

  'sightings follow their people, and naming somebody names them': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    await opened.database.addFaces(
      [1, 2, 3].map((i) => prepared(i, { personId: i < 3 ? 'p' : 'q', meta: '' })),
    );
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    const [first] = await entry.addSightings([
      sighting(1, { faceId: 'face-1', trackId: 't', box, photoHash: 'a'.repeat(64), pictures }),
      sighting(2, { faceId: 'face-2', meta: 'at the door' }),
      sighting(3, { personId: 'q', cameraId: 'c' }),
    ]);
    expect(first).toEqual({
      ...{ id: 'sighting-1', personId: 'p', faceId: 'face-1', trackId: 't', meta: '', friend: false },
      ...{ box, timeMs: 1, photoHash: 'a'.repeat(64), pictures: ['crop'] },
    });
    expect(await (await desk.sightingPicture('sighting-1', 'crop'))?.text()).toBe('a crop');
    expect(await desk.sightingPicture('sighting-1', 'photo')).toBeNull();
    expect(await desk.getPerson('p')).toMatchObject({ faces: 2, sightings: 2, firstSeen: 1, lastSeen: 1002 });
    await desk.renamePerson('p', 'Sam');
    const told = async (): Promise<readonly (string | undefined)[][]> =>
      (await allSightings(desk, {}, 9)).map(({ meta, personId }) => [personId, meta]);
    expect(await told()).toEqual([
      ['q', ''],
      ['p', 'at the door'],
      ['p', 'Sam'],
    ]);
    await desk.mergePeople('q', ['p']);
    expect(await told()).toEqual([
      ['q', 'Sam'],
      ['q', 'at the door'],
      ['q', 'Sam'],
    ]);
    await desk.undoPeople();
    expect(await told()).toEqual([
      ['q', ''],
      ['p', 'at the door'],
      ['p', 'Sam'],
    ]);
    const { id } = await desk.splitPerson('p', ['face-2']);
    expect(await told()).toEqual([
      ['q', ''],
      [id, 'at the door'],
      ['p', 'Sam'],
    ]);
    await desk.moveFaces(['face-1'], 'q');
    expect((await told())[2]).toEqual(['q', '']);
    await opened.database.deleteFaces('default', ['face-1']);
    const last = (await allSightings(desk, {}, 9))[2];
    expect(last).toMatchObject({ id: 'sighting-1', personId: 'q', pictures: ['crop'] });
    expect(last).not.toHaveProperty('faceId');
    await expectCounted(opened);
  },

  'a sighting is refused whole: an id that is taken, a person who is not there': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    await entry.addSightings([sighting(1)]);
    for (const [some, code] of [
      [[sighting(2), sighting(1)], 'BAD_PARAM'],
      [[sighting(2), sighting(2)], 'BAD_PARAM'],
      [[sighting(2), sighting(3, { personId: 'nobody' })], 'PERSON_NOT_FOUND'],
      [[sighting(2), sighting(-1)], 'BAD_PARAM'],
    ] as const)
      expect(await outcome(entry.addSightings(some))).toBe(code);
    expect(ids(await allSightings(desk, {}, 9))).toEqual(['sighting-1']);
    await expectCounted(opened);
  },

  'somebody who is deleted leaves nothing, and nothing brings them back': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    const { database } = opened;
    await database.createGallery('staff', null);
    const galleries = ['default', 'staff'];
    await database.addFaces([1, 2, 3, 4].map((i) => prepared(i, { personId: `p${i % 2}`, galleries })));
    await database.addFaces([prepared(9, { personId: 'other' })]);
    await entry.addSightings([1, 2, 3].map((i) => sighting(i, { personId: `p${i % 2}` })));
    await desk.renamePerson('p1', 'Sam');
    await desk.notSame('p1', 'other');
    await desk.mergePeople('p1', ['p0']);
    const seen: number[] = [];
    const report = ({ done }: { readonly done: number }): void => void seen.push(done);
    const aborted = AbortSignal.abort();
    expect(await outcome(desk.deletePerson('p1', { signal: aborted }))).toBe('ABORTED');
    expect(await desk.deletePerson('p1', { report })).toEqual({ faces: 4, sightings: 3 });
    expect(seen.at(-1)).toBe(7);
    expect(await outcome(desk.getPerson('p1'))).toBe('PERSON_NOT_FOUND');
    expect(await outcome(desk.deletePerson('p1'))).toBe('PERSON_NOT_FOUND');
    expect((await database.listGalleries()).map(({ name, count }) => [name, count])).toEqual([
      ['default', 1],
      ['staff', 0],
    ]);
    expect(await allSightings(desk, {}, 9)).toEqual([]);
    expect(await desk.undoPeople()).toBeNull();
    expect((await desk.listPeople({ limit: 9 })).people.map(({ id, number }) => [id, number])).toEqual([
      ['other', 3],
    ]);
    await expectCounted(opened);
    await database.addFaces([prepared(20, { personId: 'next' })]);
    expect((await desk.getPerson('next')).number).toBe(4);
  },

  'so many changes can be taken back, and no more; after a reopening too': async (opened, place, subject) => {
    const { people: desk } = desksOf(opened);
    const count = MAX_UNDO + 3;
    await opened.database.addFaces(
      Array.from({ length: count + 1 }, (_, i) => prepared(i, { personId: `p${i}` })),
    );
    for (let i = 1; i <= count; i++) await desk.mergePeople('p0', [`p${i}`]);
    const other = place.isKept ? await openPlace(subject, place) : opened;
    const there = desksOf(other).people;
    for (let i = count; i > count - MAX_UNDO; i--) {
      expect(await there.undoPeople()).toMatchObject({ what: 'merge', faces: 1 });
      expect(await there.getPerson(`p${i}`)).toMatchObject({ faces: 1, number: i + 1 });
    }
    expect(await there.undoPeople()).toBeNull();
    expect((await there.getPerson('p0')).faces).toBe(4);
    if (other !== opened) other.close();
  },

  'a file brings people, cameras and sightings over whole, and what is there already stays': async (
    opened,
    _place,
    subject,
  ) => {
    const { people: desk, entry } = desksOf(opened);
    await opened.database.addFaces(
      Array.from({ length: 600 }, (_, i) => prepared(i, { personId: `p${i}`, meta: i % 2 ? `m${i}` : '' })),
    );
    await desk.mergePeople('p1', ['p0', 'p5']);
    await desk.notSame('p1', 'p599');
    await desk.notSame('face-7', 'p8');
    await desk.createCamera({ id: 'c', meta: 'Ünï 𝕊', rot: box, watch: { fps: 5 } });
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    await entry.addSightings(
      Array.from({ length: 700 }, (_, i) =>
        sighting(1000 - (i % 9), {
          id: `s${i}`,
          ...(i % 3 > 0 && { personId: `p${10 + (i % 50)}` }),
          ...(i % 4 > 0 && { cameraId: 'c', box, trackId: 't' }),
          ...(i % 100 === 0 && { pictures, faceId: 'face-9', meta: 'x', photoHash: 'a'.repeat(64) }),
        }),
      ),
    );
    const place = subject.place();
    const other = await openPlace(subject, place);
    try {
      const [from, to] = [new HistoryTransfer(opened.database, desk), desksOf(other).transfer];
      const passphrase = 'correct horse battery';
      const plain = await from.exportHistory({ pictures: true });
      const sealed = await from.exportHistory({ pictures: true, passphrase });
      expect(await sealed.text()).not.toContain('p599');
      expect(await outcome(to.importHistory(plain.slice(0, plain.size - 9), undefined))).toBe('BAD_PARAM');
      expect(await outcome(to.importHistory(sealed, undefined))).toBe('LOCKED');
      expect(await outcome(to.importHistory(new Blob(['NEARFACE']), undefined))).toBe('BAD_PARAM');
      expect((await other.database.usage()).people).toEqual({
        people: 0,
        cameras: 0,
        sightings: 0,
        bytes: 0,
      });
      const whole = { people: 598, cameras: 1, sightings: 700 };
      expect(await to.importHistory(sealed, passphrase)).toEqual(whole);
      expect(await to.importHistory(plain, undefined)).toEqual({ people: 0, cameras: 0, sightings: 0 });
      expect(await contents(other)).toEqual(await contents(opened));
      await expectCounted(other);
      const bare = await from.exportHistory({ pictures: false });
      expect(bare.size).toBeLessThan(plain.size);
    } finally {
      other.close();
      await place.drop();
    }
  },

  'old sightings go with their pictures, and people of whom nothing is left': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    const rule = { minCosine: 0.99, global: true };
    const embedding = (seed: number): NonNullable<SightingInput['embedding']> => ({
      modelId: 'model-8',
      vector: prepared(seed).vector,
    });
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    await entry.addSightings(
      [1, 2, 3, 4].map((i) => sighting(i * 100, { embedding: embedding(i), pictures })),
      rule,
    );
    const { people } = await desk.listPeople({ limit: 9 });
    await desk.renamePerson(people[1]?.id as string, 'Sam');
    expect(await desk.pruneHistory(300)).toEqual({ sightings: 2, people: 1 });
    expect(ids(await allSightings(desk, {}, 9))).toEqual(['sighting-400', 'sighting-300']);
    expect((await desk.listPeople({ limit: 9 })).people.map(({ id }) => id)).toEqual(
      people.slice(1).map(({ id }) => id),
    );
    // The named one keeps its face; of the unnamed one it went.
    expect((await opened.database.readGallery('unknowns')).count).toBe(3);
    expect(await desk.pruneHistory(300)).toEqual({ sightings: 0, people: 0 });
    await expectCounted(opened);
    await opened.database.eraseAll();
    expect((await opened.database.usage()).people).toEqual({ people: 0, cameras: 0, sightings: 0, bytes: 0 });
    expect((await desk.listPeople({ limit: 9 })).people).toEqual([]);
  },
};
