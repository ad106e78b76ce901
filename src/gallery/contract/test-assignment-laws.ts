/** Laws of who new faces are. */
import { expect } from 'vitest';
import { randomId } from '../../core/random-id.ts';
import { scalarDot } from '../../search/scalar.ts';
import type { FaceInput } from '../face-input.ts';
import type { AssignRule } from '../people/assigner.ts';
import { testFace } from '../test-face.ts';
import { testVector } from '../test-vector.ts';
import { allSightings, contents, desksOf, sighting } from './test-desks.ts';
import { type Laws, type Opened, openPlace, outcome, prepared } from './test-subject.ts';

const DIMENSION = 64;
const RULE: AssignRule = { minCosine: 0.8, global: false };

/** A vector of somebody: those of one are alike, those of two are not. */
function vectorOf(person: number, photo: number): Float32Array<ArrayBuffer> {
  const [own, other] = [testVector(person, DIMENSION), testVector(1000 + 10 * person + photo, DIMENSION)];
  const mixed = own.map((x, i) => x + 0.25 * (other[i] as number));
  const length = Math.hypot(...mixed);
  return mixed.map((x) => x / length);
}

function photoOf(person: number, photo: number, change: Partial<FaceInput> = {}): FaceInput {
  const id = randomId();
  const vector = vectorOf(person, photo);
  return testFace(1, { id, meta: '', modelId: 'model-64', vector, ...change });
}

const numbersOf = async (
  opened: Opened,
  faces: readonly { readonly personId?: string }[],
): Promise<readonly (number | undefined)[]> => {
  const { people } = await desksOf(opened).people.listPeople({ limit: 1000 });
  return faces.map(({ personId }) => people.find(({ id }) => id === personId)?.number);
};

export const assignmentLaws: Laws = {
  'the vectors of the tests are as they are meant to be': async () => {
    expect(scalarDot(vectorOf(1, 1), vectorOf(1, 2))).toBeGreaterThan(0.85);
    expect(scalarDot(vectorOf(1, 1), vectorOf(2, 1))).toBeLessThan(0.75);
  },

  'a new face is of the person of the most similar one, else of somebody new': async (opened) => {
    const { entry, people: desk } = desksOf(opened);
    const first = await entry.addFacesOfPeople([photoOf(1, 1, { meta: 'Sam' }), photoOf(2, 1)], RULE);
    expect(await numbersOf(opened, first)).toEqual([1, 2]);
    // In one call faces are found among those before them, too.
    const second = await entry.addFacesOfPeople(
      [photoOf(3, 1), photoOf(1, 2), photoOf(3, 2), photoOf(2, 2, { meta: 'own' })],
      RULE,
    );
    expect(await numbersOf(opened, second)).toEqual([3, 1, 3, 2]);
    expect(second.map(({ meta }) => meta)).toEqual(['', 'Sam', '', 'own']);
    expect((await desk.getPerson(second[1]?.personId as string)).meta).toBe('Sam');
    const given = await entry.addFacesOfPeople([photoOf(1, 3, { personId: 'given' })], RULE);
    expect(given[0]?.personId).toBe('given');
  },

  'faces without a person get one with the first that is like them': async (opened) => {
    const { entry } = desksOf(opened);
    await opened.database.createGallery('staff', null);
    const old = { modelId: 'model-64', galleries: ['staff'] };
    await opened.database.addFaces([prepared(1, { ...old, meta: 'Sam', vector: vectorOf(1, 1) })]);
    const added = await entry.addFacesOfPeople([photoOf(1, 2), photoOf(1, 3)], RULE);
    const before = await opened.database.readFace('staff', 'face-1');
    expect(before.personId).toBeDefined();
    expect(added.map(({ personId, meta }) => [personId, meta])).toEqual([
      [before.personId, 'Sam'],
      [before.personId, 'Sam'],
    ]);
  },

  'faces of one camera are compared among themselves, or with all': async (opened) => {
    const { entry } = desksOf(opened);
    const at = (person: number, photo: number, cameraId?: string): FaceInput =>
      photoOf(person, photo, cameraId === undefined ? {} : { cameraId });
    const add = async (face: FaceInput, global = false): Promise<number | undefined> => {
      const [record] = await entry.addFacesOfPeople([face], { ...RULE, global });
      return (await numbersOf(opened, record ? [record] : []))[0];
    };
    expect(await add(at(1, 1))).toBe(1);
    expect(await add(at(1, 2, 'a'))).toBe(2);
    expect(await add(at(1, 3, 'b'))).toBe(3);
    expect(await add(at(1, 4, 'a'))).toBe(2);
    expect(await add(at(1, 5))).toBe(1);
    // Behind many that are more similar, but of another camera.
    const many = Array.from({ length: 30 }, () => photoOf(1, 7, { cameraId: 'b' }));
    await entry.addFacesOfPeople(many, RULE);
    expect(await add(at(1, 7, 'a'))).toBe(2);
    expect(await add(at(1, 2, 'c'), true)).toBe(2);
  },

  'what was said not to be the same stays apart': async (opened) => {
    const { entry, people: desk } = desksOf(opened);
    const [a, b] = await entry.addFacesOfPeople([photoOf(1, 1), photoOf(1, 2)], RULE);
    await desk.notSame(b?.id as string, a?.personId as string);
    const after = await opened.database.readFace('default', b?.id as string);
    expect(after.personId).not.toBe(a?.personId);
    const [again] = await entry.addFacesOfPeople([photoOf(1, 2)], RULE);
    expect(again?.personId).toBe(after.personId);
  },

  'somebody new who comes twice at once is one person, by whatever page': async (opened, place, subject) => {
    const other = place.isKept ? await openPlace(subject, place) : opened;
    const pages = [desksOf(opened).entry, desksOf(other).entry];
    const calls = Array.from({ length: 12 }, (_, i) =>
      pages[i % 2]?.addFacesOfPeople([photoOf(1, i), photoOf(2, i)], RULE),
    );
    // Faces that nobody assigns come in between.
    await opened.database.createGallery('other', null);
    const galleries = ['other'];
    const plain = [1, 2, 3].map((seed) => other.database.addFaces([prepared(seed, { galleries })]));
    await Promise.all([...calls, ...plain]);
    const { people } = await desksOf(opened).people.listPeople({ limit: 9 });
    expect(people.map(({ faces }) => faces)).toEqual([12, 12]);
    if (other !== opened) other.close();
  },

  'where nothing can be stored nobody is made': async (opened) => {
    const { entry, people: desk } = desksOf(opened);
    await opened.database.createGallery('small', 1);
    const galleries = ['default', 'small'];
    const call = entry.addFacesOfPeople([photoOf(1, 1, { galleries }), photoOf(2, 1, { galleries })], RULE);
    expect(await outcome(call)).toBe('GALLERY_FULL');
    expect((await desk.listPeople({ limit: 9 })).people).toEqual([]);
    const aborted = entry.addFacesOfPeople([photoOf(1, 1)], RULE, { signal: AbortSignal.abort() });
    expect(await outcome(aborted)).toBe('ABORTED');
  },

  'a stranger is known again by what was kept of the first sighting, and found by photo': async (opened) => {
    const { entry, people: desk } = desksOf(opened);
    const seen = (timeMs: number, person: number, photo: number, cameraId = 'a') =>
      sighting(timeMs, {
        ...{ cameraId, pictures: { crop: new Blob(['a crop'], { type: 'image/webp' }) } },
        embedding: { modelId: 'model-64', vector: vectorOf(person, photo), reliability: 0.5 },
      });
    const first = await entry.addSightings([seen(1, 1, 1), seen(2, 2, 1), seen(3, 1, 2)], RULE);
    const second = await entry.addSightings([seen(4, 1, 3), seen(5, 1, 4, 'b')], RULE);
    expect(await numbersOf(opened, [...first, ...second])).toEqual([1, 2, 1, 1, 3]);
    expect((await opened.database.readGallery('unknowns')).count).toBe(3);
    const face = await opened.database.readFace('unknowns', first[0]?.faceId as string);
    expect(face).toMatchObject({ cameraId: 'a', timestamp: 1, meta: '', pictures: ['crop'] });
    expect(second[0]).not.toHaveProperty('faceId');
    const probe = { modelId: 'model-64', vector: vectorOf(1, 5), reliability: 0.5, minCosine: 0.8, limit: 5 };
    const found = await entry.findPeople(probe);
    expect(new Set(found.map(({ person }) => person.number))).toEqual(new Set([1, 3]));
    expect((await entry.findPeople({ ...probe, limit: 1 })).length).toBe(1);
    const { sightings } = await desk.searchSightings({ personId: first[0]?.personId as string, limit: 9 });
    expect(sightings.map(({ timeMs }) => timeMs)).toEqual([4, 3, 1]);
    // Without a rule nobody is looked for.
    const [bare] = await entry.addSightings([seen(6, 1, 6)]);
    expect(bare).not.toHaveProperty('personId');
  },

  'regrouping puts faces of nobody together, to whom they are like, and can be taken back': async (
    opened,
  ) => {
    const { entry, people: desk } = desksOf(opened);
    const bare = (person: number, photo: number, change: object = {}) =>
      prepared(1, {
        ...{ id: `f${person}-${photo}`, meta: '', modelId: 'model-64', vector: vectorOf(person, photo) },
        ...change,
      });
    await opened.database.addFaces([
      bare(1, 0, { personId: 'sam', meta: 'Sam' }),
      bare(3, 0, { personId: 'kim', meta: 'Kim' }),
      ...[1, 2, 3].flatMap((photo) => [
        bare(1, photo),
        bare(2, photo, { meta: ['Lee', 'Lee', ''][photo - 1] }),
      ]),
      bare(4, 1),
    ]);
    const rule = { minCosine: 0.8, unnamed: false, minSize: 2 };
    const people = async (): Promise<readonly (readonly [string, number, string])[]> =>
      (await desk.listPeople({ limit: 9 })).people.map(({ id, faces, meta }) => [id, faces, meta] as const);
    const before = await people();
    // What was said holds: this face is not Sam.
    await desk.notSame('f1-3', 'sam');
    expect(await entry.regroupPeople(rule)).toEqual({ made: 1, assigned: 5 });
    expect((await people()).map(([, faces, meta]) => [faces, meta])).toEqual([
      [3, 'Sam'],
      [1, 'Kim'],
      [3, 'Lee'],
    ]);
    const metaOf = async (id: string): Promise<string> =>
      (await opened.database.readFace('default', id)).meta;
    expect(await metaOf('f2-3')).toBe('Lee');
    const personOf = async (id: string): Promise<string | undefined> =>
      (await opened.database.readFace('default', id)).personId;
    expect([await personOf('f1-1'), await personOf('f1-3'), await personOf('f4-1')]).toEqual([
      'sam',
      undefined,
      undefined,
    ]);
    expect(await metaOf('f1-1')).toBe('Sam');
    expect(await entry.regroupPeople(rule)).toEqual({ made: 0, assigned: 0 });
    expect(await entry.regroupPeople({ ...rule, minSize: 1 })).toEqual({ made: 2, assigned: 2 });
    expect(await desk.undoPeople()).toMatchObject({ what: 'regroup', faces: 2 });
    expect(await desk.undoPeople()).toMatchObject({ what: 'regroup', faces: 5 });
    expect(await people()).toEqual(before);
    expect([await metaOf('f1-1'), await metaOf('f2-3')]).toEqual(['', '']);
  },

  'people without a name are put together anew if asked, but not those who are not the same': async (
    opened,
  ) => {
    const { entry, people: desk } = desksOf(opened);
    const bare = (person: number, photo: number, personId: string) =>
      prepared(1, {
        ...{ id: `f${person}-${photo}`, meta: '', modelId: 'model-64', vector: vectorOf(person, photo) },
        personId,
      });
    await opened.database.addFaces([
      ...[bare(1, 1, 'a'), bare(1, 2, 'a'), bare(1, 3, 'b'), bare(1, 4, 'c')],
      ...[bare(2, 1, 'd'), bare(2, 2, 'e')],
    ]);
    await entry.addSightings([sighting(1, { personId: 'b' })]);
    await desk.notSame('a', 'c');
    const rule = { minCosine: 0.8, unnamed: true, minSize: 1 };
    expect(await entry.regroupPeople({ ...rule, unnamed: false })).toEqual({ made: 0, assigned: 0 });
    expect(await entry.regroupPeople(rule)).toEqual({ made: 0, assigned: 2 });
    const { people } = await desk.listPeople({ limit: 9 });
    expect(people.map(({ id, faces, sightings }) => [id, faces, sightings])).toEqual([
      ['a', 3, 1],
      ['c', 1, 0],
      ['d', 2, 0],
    ]);
    await desk.undoPeople();
    const back = (await desk.listPeople({ limit: 9 })).people;
    expect(back.map(({ id, faces, sightings }) => [id, faces, sightings])).toEqual([
      ['a', 2, 0],
      ['b', 1, 1],
      ['c', 1, 0],
      ['d', 1, 0],
      ['e', 1, 0],
    ]);
    const aborted = entry.regroupPeople(rule, { signal: AbortSignal.abort() });
    expect(await outcome(aborted)).toBe('ABORTED');
  },

  'regrouping parts who was said not to be the same, whoever else takes their faces in': async (opened) => {
    const { entry, people: desk } = desksOf(opened);
    const bare = (person: number, photo: number, facts: object) =>
      prepared(1, {
        ...{ id: `f${person}-${photo}`, meta: '', modelId: 'model-64', vector: vectorOf(person, photo) },
        ...facts,
      });
    await opened.database.addFaces([
      ...[bare(1, 1, { personId: 'a' }), bare(1, 2, { personId: 'a' }), bare(1, 3, {}), bare(1, 4, {})],
      ...[bare(2, 1, { personId: 'named', meta: 'Sam' }), bare(2, 2, { personId: 'c' })],
      ...[bare(2, 3, { personId: 'd' }), bare(2, 4, { personId: 'd' })],
      ...[bare(3, 1, { personId: 'e' }), bare(3, 2, { personId: 'e' }), bare(3, 3, { personId: 'f' })],
      ...[bare(3, 4, { personId: 'g' })],
    ]);
    // A face of nobody, people who could both be Sam, and a face and one person of two that are put together.
    await desk.notSame('f1-4', 'a');
    await desk.notSame('c', 'd');
    await desk.notSame('f3-1', 'f');
    await desk.notSame('f', 'g');
    const before = await contents(opened);
    const rule = { minCosine: 0.8, unnamed: true, minSize: 1 };
    const personOf = async (id: string): Promise<string | undefined> =>
      (await opened.database.readFace('default', id)).personId;
    const expectApart = async (): Promise<void> => {
      expect(await personOf('f1-4')).not.toBe('a');
      expect(await personOf('f2-2')).not.toBe(await personOf('f2-3'));
      expect(await personOf('f3-1')).not.toBe(await personOf('f3-3'));
      expect(await personOf('f3-3')).not.toBe(await personOf('f3-4'));
    };
    await entry.regroupPeople(rule);
    await expectApart();
    expect(await personOf('f1-3')).toBe('a');
    // What was said of somebody who has gone into another holds for that one.
    expect(await personOf('f3-4')).toBe('e');
    for (const minCosine of [0.8, 0.5]) {
      await entry.regroupPeople({ ...rule, minCosine });
      await expectApart();
    }
    while (await desk.undoPeople())
      if (JSON.stringify(await contents(opened)) === JSON.stringify(before)) return;
    throw new Error('it was not taken back');
  },

  'sightings go where the faces go that they were made of, when these are regrouped or taken in': async (
    opened,
  ) => {
    const { entry, people: desk } = desksOf(opened);
    const bare = (photo: number, facts: object = {}) =>
      prepared(photo, { meta: '', modelId: 'model-64', vector: vectorOf(1, photo), ...facts });
    await opened.database.addFaces([
      bare(1),
      bare(2),
      bare(3, { personId: 'a' }),
      bare(4, { personId: 'b' }),
    ]);
    await entry.addSightings([1, 2, 3, 4].map((i) => sighting(i, { faceId: `face-${i}` })));
    await entry.addSightings([sighting(9, { personId: 'b' })]);
    const personsOf = async () =>
      (await allSightings(desk, {}, 9)).map(({ timeMs, personId }) => [timeMs, personId]);
    const before = await personsOf();
    expect(before).toEqual([
      [9, 'b'],
      [4, 'b'],
      [3, 'a'],
      [2, undefined],
      [1, undefined],
    ]);
    await entry.regroupPeople({ minCosine: 0.8, unnamed: true, minSize: 1 });
    const { people } = await desk.listPeople({ limit: 9 });
    expect(people.map(({ faces, sightings }) => [faces, sightings])).toEqual([[4, 5]]);
    await desk.undoPeople();
    expect(await personsOf()).toEqual(before);
    // A new face that is like one of nobody takes it along.
    await opened.database.deleteFaces('default', ['face-3', 'face-4']);
    const [added] = await entry.addFacesOfPeople([photoOf(1, 1)], RULE);
    expect((await personsOf()).at(-1)).toEqual([1, added?.personId]);
    expect(added?.personId).toBeDefined();
  },
};
