/** Laws of cameras, sightings and friends. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FriendRule } from '../../core/people.ts';
import type { SightingInput } from '../people/entry-desk.ts';
import { allSightings, BOX, contents, desksOf, expectCounted, ids, sighting } from './test-desks.ts';
import { type Laws, outcome, prepared } from './test-subject.ts';

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

  'a page goes on after any sighting that is there, and sightings keep what they carry': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    const extra = { score: 0.5, seen: ['Ünï 𝕊', null] };
    await entry.addSightings([5, 5, 7, 9].map((timeMs, i) => sighting(timeMs, { id: `s${i}`, extra })));
    const after = async (before: string, more: object = {}): Promise<readonly string[]> =>
      ids((await desk.searchSightings({ limit: 9, before, ...more })).sightings);
    expect(await after('s3')).toEqual(['s2', 's1', 's0']);
    expect(await after('s1')).toEqual(['s0']);
    expect(await after('s3', { end: 6 })).toEqual(['s1', 's0']);
    expect(await after('s2', { start: 6 })).toEqual([]);
    const { sightings, cursor } = await desk.searchSightings({ limit: 1, before: 's3' });
    expect(sightings).toMatchObject([{ id: 's2', extra }]);
    expect(await after('s0', { cursor })).toEqual(['s1', 's0']);
    await desk.deleteSightings(['s2']);
    expect(await outcome(after('s2'))).toBe('BAD_PARAM');
    await expectCounted(opened);
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
      sighting(1, { faceId: 'face-1', trackId: 't', box: BOX, photoHash: 'a'.repeat(64), pictures }),
      sighting(2, { faceId: 'face-2', meta: 'at the door' }),
      sighting(3, { personId: 'q', cameraId: 'c' }),
    ]);
    expect(first).toEqual({
      ...{ id: 'sighting-1', personId: 'p', faceId: 'face-1', trackId: 't', meta: '' },
      ...{ box: BOX, timeMs: 1, photoHash: 'a'.repeat(64), pictures: ['crop'] },
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

  'a face that is given to somebody by hand takes its sightings along, and what was said against it holds no more':
    async (opened) => {
      const { people: desk, entry } = desksOf(opened);
      await opened.database.addFaces([prepared(1), prepared(2, { personId: 'p' })]);
      await entry.addSightings([sighting(1, { faceId: 'face-1' }), sighting(2, { faceId: 'face-2' })]);
      await desk.notSame('face-1', 'p');
      await opened.database.updateFaces('default', ['face-1'], { personId: 'p' });
      const told = async () => (await allSightings(desk, {}, 9)).map(({ personId }) => personId);
      expect(await told()).toEqual(['p', 'p']);
      expect(await contents(opened)).toMatchObject({ pairs: [] });
      await opened.database.updateFaces('default', ['face-1', 'face-2'], { personId: null });
      expect(await told()).toEqual([undefined, undefined]);
      await expectCounted(opened);
    },

  'a sighting is refused whole: an id that is taken, a person or a face who is not there': async (opened) => {
    const { people: desk, entry } = desksOf(opened);
    await entry.addSightings([sighting(1)]);
    for (const [some, code] of [
      [[sighting(2), sighting(1)], 'BAD_PARAM'],
      [[sighting(2), sighting(2)], 'BAD_PARAM'],
      [[sighting(2), sighting(3, { personId: 'nobody' })], 'PERSON_NOT_FOUND'],
      [[sighting(2), sighting(3, { faceId: 'no face' })], 'FACE_NOT_FOUND'],
      [[sighting(2), sighting(3, { personId: 'p', faceId: 'no face' })], 'FACE_NOT_FOUND'],
      [[sighting(2), sighting(-1)], 'BAD_PARAM'],
    ] as const)
      expect(await outcome(entry.addSightings(some))).toBe(code);
    expect(ids(await allSightings(desk, {}, 9))).toEqual(['sighting-1']);
    await expectCounted(opened);
  },
};
