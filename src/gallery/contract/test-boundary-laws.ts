/** Laws of what comes in and goes out, and of the end. */
import { expect } from 'vitest';
import { NearFaceError } from '../../core/errors.ts';
import { SecretRotation } from '../../core/secret-rotation.ts';
import { isSameVector } from '../face-rules.ts';
import { expectVector } from '../test-vector.ts';
import { dump } from './test-dump.ts';
import { type Opened, openPlace, outcome, picture, prepared, type Laws } from './test-subject.ts';

export const boundaryLaws: Laws = {
  'a new database has the default gallery, and nothing else': async ({ database }) => {
    const galleries = await database.listGalleries();
    expect(galleries).toMatchObject([
      { name: 'default', capacity: null, count: 0, modelId: null, bytes: { records: 0, pictures: 0 } },
    ]);
    expect(await database.usage()).toMatchObject({
      ...{ kind: database.kind, faces: 0, bytes: { records: 0, pictures: 0, vectors: 0 }, lost: false },
      damaged: { galleries: 0, faces: 0 },
    });
    expect(await database.describeGallery('default')).toEqual({ gallery: galleries[0], models: new Map() });
    expect(await database.check()).toEqual({ galleries: 0, faces: 0 });
    expect(await database.clearDamaged()).toEqual({ galleries: 0, faces: 0 });
    expect(await database.addFaces([])).toEqual([]);
  },

  'a face is given back as it was given, with a number that rises and is never given again': async ({
    database,
  }) => {
    const full = prepared(1, {
      ...{ personId: 'p', cameraId: 'c', photoHash: 'hash', meta: 'Ünï 𝕊' },
      ...{ sourceUrl: 'https://example.org/ü', expiresAt: 9e15, extra: { a: [1, null, { b: 'Ünï 𝕊' }] } },
      box: { left: 1.5, top: -2, width: 30, height: 40 },
      attributes: { gender: { value: 'female', certainty: 0.75 } },
      pictures: [picture('thumbnail', 'small'), picture('crop', 'larger')],
    });
    const { vector: _, pictures: _pictures, ...facts } = full;
    const [first, second] = await database.addFaces([full, prepared(2)]);
    expect(first).toEqual({ ...facts, pictures: ['thumbnail', 'crop'], pictureBytes: 11, seq: first?.seq });
    expect(await database.readFace('default', 'face-1')).toEqual(first);
    expect(second?.seq).toBeGreaterThan(first?.seq as number);
    await database.deleteFaces('default', ['face-2']);
    const [third] = await database.addFaces([prepared(2)]);
    expect(third?.seq).toBeGreaterThan(second?.seq as number);
    await database.eraseAll();
    const [fourth] = await database.addFaces([prepared(2)]);
    expect(fourth?.seq).toBeGreaterThan(third?.seq as number);
    const { timestamp: _time, ...untimed } = prepared(3);
    const begun = Date.now();
    const [timed] = await database.addFaces([untimed]);
    expect(timed?.timestamp).toBeGreaterThanOrEqual(begun);
    expect(timed?.timestamp).toBeLessThanOrEqual(Date.now());
  },

  'faces and vectors are read by number, in the order of the numbers given; what is gone is left out': async (
    opened,
  ) => {
    const { database } = opened;
    const added = await database.addFaces([1, 2, 3].map((seed) => prepared(seed)));
    const [a, b, c] = added.map(({ seq }) => seq) as [number, number, number];
    await database.deleteFaces('default', ['face-2']);
    expect((await database.readFaces([c, b, 999, a])).map(({ seq }) => seq)).toEqual([c, a]);
    const vectors = await database.readVectors('model-8', [c, b, 999, a]);
    expect([...vectors.keys()].toSorted((x, y) => x - y)).toEqual([a, c]);
    expectVector(vectors.get(a), prepared(1).vector, opened);
    expectVector(vectors.get(c), prepared(3).vector, opened);
    // As another database's rows would lie.
    const other = new SecretRotation(new Uint8Array(32), 'another', 8);
    const turned = (await database.readVectors('model-8', [a], other)).get(a) as Float32Array;
    expect(isSameVector(turned, other.apply(prepared(1).vector))).toBe(true);
    expect((await database.readVectors('model-12', [a])).size).toBe(0);
    expect(await database.readPicture('default', 'face-1', 'photo')).toBeNull();
  },

  'a patch changes what it names, and nothing else; null takes away': async ({ database }) => {
    const [before] = await database.addFaces([prepared(1, { personId: 'p', cameraId: 'c', photoHash: 'h' })]);
    const [named] = await database.updateFaces('default', ['face-1', 'face-1'], {
      personId: 'q',
    });
    expect(named).toEqual({ ...before, personId: 'q' });
    const [bare] = await database.updateFaces('default', ['face-1'], {
      personId: null,
      cameraId: null,
      meta: '',
    });
    const { personId: _, cameraId: _camera, ...rest } = { ...named };
    expect(bare).toEqual({ ...rest, meta: '' });
    expect(bare).not.toHaveProperty('personId');
    expect(await database.readFace('default', 'face-1')).toEqual(bare);
    expect(await database.updateFaces('default', [], { meta: 'x' })).toEqual([]);
  },

  'what is given and what is answered are copies: nobody changes what is kept by changing them': async (
    opened,
  ) => {
    const { database } = opened;
    const { jobs, regenerated } = database;
    const face = prepared(1, {
      pictures: [picture('crop', 'crop')],
      box: { left: 0, top: 0, width: 9, height: 9 },
    });
    const options = { keep: 'crops' };
    const photo = Uint8Array.of(1, 2, 3);
    await database.addFaces([face]);
    await jobs.createJob('job', 'default', options);
    await jobs.addJobItems('job', [{ name: 'a', meta: 'm', photo, type: 'image/jpeg' }]);
    await jobs.stepJob('job', 'staged');
    await jobs.stepJob('job', 'start');
    const before = await dump(database);
    spoil([face, options, photo]);
    const answers = [
      ...[await database.readFace('default', 'face-1'), await database.readVector('default', 'face-1')],
      ...[await database.listFaces('default', { limit: 1 }), await database.listMetas('default')],
      ...[await database.listGalleries(), await database.readGallery('default'), await database.usage()],
      await database.describeGallery('default'),
      ...[await database.readFaces([1]), await database.readVectors('model-8', [1])],
      await database.readWhole('default', { modelId: 'model-8', after: 0, pictures: true }),
      ...[await jobs.listJobs(), await jobs.readJob('job'), await jobs.listJobItems('job')],
      ...[await jobs.waitingItems('job', 0, 1), await regenerated.nextStale('model-12', 0, 1)],
    ];
    spoil(answers);
    expect(await dump(database)).toEqual(before);
  },

  'a database that is closed does nothing any more': async (opened, place, subject) => {
    const { database } = opened;
    await database.addFaces([prepared(1)]);
    await database.jobs.createJob('job', 'default', {});
    database.close();
    database.close();
    for (const [what, call] of Object.entries(verbs(opened)))
      expect(await outcome(call()), what).toBe('STORAGE_FAILED');
    const error = await database.listGalleries().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NearFaceError);
    expect((error as NearFaceError).message).toMatch(/closed.*dispose/);
    const again = await openPlace(subject, place);
    expect((await again.database.usage()).faces).toBe(place.isKept ? 1 : 0);
    again.close();
  },
};

/** Every verb. */
function verbs({ database }: Opened): Readonly<Record<string, () => Promise<unknown>>> {
  const { jobs, regenerated } = database;
  const never = new AbortController().signal;
  return {
    catchUp: () => database.listGalleries(),
    listGalleries: () => database.listGalleries(),
    readGallery: () => database.readGallery('default'),
    createGallery: () => database.createGallery('a', null),
    updateGallery: () => database.updateGallery('default', { label: 'x' }),
    deleteGallery: () => database.deleteGallery('a'),
    describeGallery: () => database.describeGallery('default'),
    addFaces: () => database.addFaces([prepared(2)]),
    readFace: () => database.readFace('default', 'face-1'),
    readFaces: () => database.readFaces([1]),
    updateFaces: () => database.updateFaces('default', ['face-1'], {}),
    replaceFace: () => database.replaceFace(null, 'face-1', prepared(2)),
    removeExpired: () => database.removeExpired(1),
    deleteFaces: () => database.deleteFaces('default', ['face-1']),
    eraseAll: () => database.eraseAll(),
    listFaces: () => database.listFaces('default', { limit: 1 }),
    countFaces: () => database.countFaces('default', {}),
    listMetas: () => database.listMetas('default'),
    facesOfPhoto: () => database.facesOfPhoto('default', 'hash'),
    readVector: () => database.readVector('default', 'face-1'),
    readVectors: () => database.readVectors('model-8', [1]),
    readPicture: () => database.readPicture('default', 'face-1', 'crop'),
    readWhole: () => database.readWhole('default', { modelId: 'model-8', after: 0, pictures: false }),
    importInto: () => database.importInto('default', (into) => into.store([prepared(2)]), never),
    usage: () => database.usage(),
    check: () => database.check(),
    clearDamaged: () => database.clearDamaged(),
    acknowledgeLoss: () => database.acknowledgeLoss(),
    listJobs: () => jobs.listJobs(),
    readJob: () => jobs.readJob('job'),
    createJob: () => jobs.createJob('next', 'default', {}),
    addJobItems: () => jobs.addJobItems('job', []),
    waitingItems: () => jobs.waitingItems('job', 0, 1),
    listJobItems: () => jobs.listJobItems('job'),
    settleJobItem: () => jobs.settleJobItem('job', 0, { status: 'failed', ids: [] }),
    enrolJobItem: () => jobs.enrolJobItem('job', 0, { faces: [], shortfalls: [], duplicates: 'add' }),
    stepJob: () => jobs.stepJob('job', 'staged'),
    retryJob: () => jobs.retryJob('job'),
    deleteJob: () => jobs.deleteJob('job'),
    countStale: () => regenerated.countStale('model-12'),
    nextStale: () => regenerated.nextStale('model-12', 0, 1),
    putRegenerated: () => regenerated.putRegenerated('model-12', [{ seq: 1, vector: prepared(1).vector }]),
    swapRegenerated: () => regenerated.swapRegenerated('model-12', 'delete'),
  };
}

/** Changes everything in plain data that can be changed. */
function spoil(value: unknown): void {
  if (value instanceof ArrayBuffer) new Uint8Array(value).fill(7);
  else if (ArrayBuffer.isView(value))
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(7);
  else if (value instanceof Map) for (const each of value.values()) spoil(each);
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'object') spoil(each);
      else Reflect.set(value, key, 'spoilt');
    }
}
