/** Laws of what is kept of people: deleted, taken back, moved to another database, outdated. */
import { expect } from 'vitest';
import type { SightingInput } from '../people/entry-desk.ts';
import { MAX_UNDO } from '../people/steps.ts';
import { HistoryTransfer } from '../transfer/history-transfer.ts';
import { allSightings, BOX, contents, desksOf, expectCounted, ids, sighting } from './test-desks.ts';
import { type Laws, openPlace, outcome, prepared } from './test-subject.ts';

export const keepingLaws: Laws = {
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

  'nothing brings those back who ended in somebody that was deleted': async (opened) => {
    const { people: desk } = desksOf(opened);
    const add = (seed: number, personId: string): Promise<unknown> =>
      opened.database.addFaces([prepared(seed, { personId, meta: personId })]);
    for (const [seed, personId] of ['ann', 'bob', 'cat', 'other'].entries()) await add(seed, personId);
    const names = async (): Promise<readonly string[]> =>
      (await desk.listPeople({ limit: 9 })).people.map(({ meta }) => meta);
    // Ann goes into Bob, and he into Cat.
    await desk.mergePeople('bob', ['ann']);
    await desk.mergePeople('cat', ['bob']);
    await desk.deletePerson('cat');
    expect(await desk.undoPeople()).toBeNull();
    expect(await names()).toEqual(['other']);
    // Who had no face leaves no name either.
    await add(10, 'dan');
    await opened.database.deleteFaces('default', ['face-10']);
    await desk.mergePeople('other', ['dan']);
    await desk.deletePerson('other');
    expect(await desk.undoPeople()).toBeNull();
    // Faces that came from somebody, and were parted again before they went.
    await add(11, 'eve');
    await add(12, 'fay');
    await desk.mergePeople('fay', ['eve']);
    const { id } = await desk.splitPerson('fay', ['face-11']);
    await desk.deletePerson(id);
    expect(await desk.undoPeople()).toBeNull();
    expect(await names()).toEqual(['fay']);
    await expectCounted(opened);
  },

  'changes of somebody who stayed are taken back though those who came of them are deleted': async (
    opened,
  ) => {
    const { people: desk } = desksOf(opened);
    const add = (seed: number, personId: string): Promise<unknown> =>
      opened.database.addFaces([prepared(seed, { personId, meta: '' })]);
    for (const seed of [1, 2, 3, 4]) await add(seed, 'ann');
    await add(5, 'bob');
    const { id } = await desk.splitPerson('ann', ['face-1']);
    await desk.notSame('face-2', 'ann');
    const { people } = await desk.listPeople({ limit: 9 });
    await desk.deletePerson(people.at(-1)?.id as string);
    await desk.moveFaces(['face-3'], 'bob');
    await desk.deletePerson('bob');
    expect(await desk.undoPeople()).toMatchObject({ what: 'split', faces: 1 });
    expect(await outcome(desk.getPerson(id))).toBe('PERSON_NOT_FOUND');
    expect(await desk.getPerson('ann')).toMatchObject({ faces: 2 });
    expect(await desk.undoPeople()).toBeNull();
    await expectCounted(opened);
  },

  'what was said of somebody who went with a change comes back with them': async (opened) => {
    const { people: desk } = desksOf(opened);
    const facts = (i: number) => prepared(i, { personId: `p${i}`, meta: '' });
    await opened.database.addFaces([1, 2, 3].map(facts));
    await desk.notSame('p1', 'p3');
    await desk.notSame('face-2', 'p1');
    const pairs = async (): Promise<unknown> => ((await contents(opened)) as { pairs: unknown }).pairs;
    const before = await pairs();
    await desk.moveFaces(['face-1'], 'p2');
    expect(await outcome(desk.getPerson('p1'))).toBe('PERSON_NOT_FOUND');
    await desk.undoPeople();
    expect(await pairs()).toEqual(before);
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
    await desk.createCamera({ id: 'c', meta: 'Ünï 𝕊', rot: BOX, watch: { fps: 5 } });
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    await entry.addSightings(
      Array.from({ length: 700 }, (_, i) =>
        sighting(1000 - (i % 9), {
          id: `s${i}`,
          ...(i % 3 > 0 && { personId: `p${10 + (i % 50)}` }),
          ...(i % 4 > 0 && { cameraId: 'c', box: BOX, trackId: 't' }),
          ...(i % 100 === 0 && {
            pictures,
            faceId: 'face-9',
            meta: 'x',
            photoHash: 'a'.repeat(64),
            extra: [i],
          }),
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
