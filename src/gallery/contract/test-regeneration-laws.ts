/** Laws of new embeddings. */
import { expect } from 'vitest';
import { roundReliability } from '../../core/reliability.ts';
import { expectVector, testVector } from '../test-vector.ts';
import { dump, storedFaces } from './test-dump.ts';
import { expectInStep } from './test-in-step.ts';
import { ASSUMED, type Opened, openPlace, outcome, picture, prepared, type Laws } from './test-subject.ts';

const NEW = 'model-12';
const fresh = (seed: number): Float32Array<ArrayBuffer> => testVector(seed, 12);

/** Faces of two models in three galleries. */
async function furnish({ database }: Opened): Promise<void> {
  await database.createGallery('a', null);
  await database.createGallery('new', null);
  await database.addFaces([
    prepared(1, { pictures: [picture('crop', 'crop 1'), picture('photo', 'photo 1')], personId: 'p' }),
    prepared(2, { galleries: ['default', 'a'], ...ASSUMED }),
    prepared(3, { galleries: ['new'], modelId: NEW, vector: fresh(3) }),
    prepared(4, { photoHash: 'hash' }),
  ]);
}

/** Makes embeddings for faces that have none, by seed. */
async function embed({ database }: Opened, ...seeds: number[]): Promise<void> {
  const stale = await database.regenerated.nextStale(NEW, 0, 100);
  const made = stale.filter(({ id }) => seeds.includes(Number(id.slice(5))));
  await database.regenerated.putRegenerated(
    NEW,
    made.map(({ seq, id }) => ({ seq, vector: fresh(Number(id.slice(5))), reliability: 0.1234 })),
  );
}

export const regenerationLaws: Laws = {
  'faces of other models wait in the order of enrolment, with what their embedding is made of': async (
    opened,
  ) => {
    await furnish(opened);
    const { regenerated } = opened.database;
    const [first, second, third] = await regenerated.nextStale(NEW, 0, 10);
    expect([first?.id, second?.id, third?.id]).toEqual(['face-1', 'face-2', 'face-4']);
    expect(first).toMatchObject({ modelId: 'model-8', reliability: roundReliability(1 / 255) });
    expectVector(first?.vector, testVector(1), opened);
    expect(first?.crop?.type).toBe('image/webp');
    expect(new TextDecoder().decode(first?.crop?.bytes)).toBe('crop 1');
    expect(second).not.toHaveProperty('reliability');
    expect(second).not.toHaveProperty('crop');
    expect((await regenerated.nextStale(NEW, 0, 2)).map(({ id }) => id)).toEqual(['face-1', 'face-2']);
    expect((await regenerated.nextStale(NEW, second?.seq as number, 2)).map(({ id }) => id)).toEqual([
      'face-4',
    ]);
    expect((await regenerated.nextStale('model-8', 0, 9)).map(({ id }) => id)).toEqual(['face-3']);
    expect(await regenerated.countStale(NEW)).toEqual({ stale: 3, made: 0 });
  },

  'new embeddings lie beside the old ones, which answer until all change places at once': async (
    opened,
    place,
    subject,
  ) => {
    await furnish(opened);
    const { database } = opened;
    const before = await storedFaces(database, 'default');
    const galleries = await database.listGalleries();
    await embed(opened, 1, 2);
    expect(await database.regenerated.countStale(NEW)).toEqual({ stale: 3, made: 2 });
    expect(await storedFaces(database, 'default')).toEqual(before);
    expect(await database.listGalleries()).toEqual(galleries);
    await expectInStep(opened);
    await embed(opened, 4);
    expect(await database.regenerated.nextStale(NEW, 0, 10)).toEqual([]);
    expect(await database.regenerated.swapRegenerated(NEW, 'keep')).toEqual({ swapped: 3, deleted: 0 });
    expect(await storedFaces(database, 'default')).toEqual(
      before.map(({ reliabilityAssumed: _, ...face }) => ({
        ...face,
        modelId: NEW,
        reliability: roundReliability(0.1234),
      })),
    );
    expectVector(await database.readVector('default', 'face-2'), fresh(2), opened);
    expect(await (await database.readPicture('default', 'face-1', 'photo'))?.text()).toBe('photo 1');
    expect((await database.readFace('new', 'face-3')).reliability).toBe(roundReliability(3 / 255));
    expect((await database.listGalleries()).map(({ count, modelId }) => [count, modelId])).toEqual([
      [1, NEW],
      [3, NEW],
      [1, NEW],
    ]);
    expect(await database.regenerated.countStale(NEW)).toEqual({ stale: 0, made: 0 });
    expect(
      [...(await database.describeGallery('default')).models].map(([id, { dimension, faces }]) => [
        id,
        dimension,
        faces,
      ]),
    ).toEqual([[NEW, 12, 4]]);
    await expectInStep(opened);
    if (place.isKept) {
      const other = await openPlace(subject, place);
      expect(await dump(other.database)).toEqual(await dump(database));
      await expectInStep(other);
      other.close();
    }
    // What was counted in is counted out.
    await database.deleteFaces('default', ['face-1', 'face-2', 'face-4']);
    await database.deleteGallery('a');
    await database.deleteGallery('new');
    expect((await database.usage()).bytes).toEqual({ records: 0, pictures: 0, vectors: 0 });
  },

  'an embedding of which no reliability was measured is one of which it is assumed': async (opened) => {
    const { database } = opened;
    await database.addFaces([prepared(1)]);
    const { seq } = await database.readFace('default', 'face-1');
    const vector = fresh(1);
    await database.regenerated.putRegenerated(NEW, [{ seq, vector }]);
    await database.regenerated.putRegenerated('model-5', [{ seq, vector: testVector(1, 5) }]);
    // What was given is not what is kept.
    vector.fill(0);
    await database.regenerated.swapRegenerated(NEW, 'keep');
    expect(await database.readFace('default', 'face-1')).toMatchObject(ASSUMED);
    expectVector(await database.readVector('default', 'face-1'), fresh(1), opened);
    // Those of a third model were made for naught.
    expect(await database.regenerated.countStale('model-5')).toEqual({ stale: 1, made: 0 });
    await expectInStep(opened);
  },

  'faces without a new embedding are refused or deleted, from all their galleries and jobs': async (
    opened,
  ) => {
    await furnish(opened);
    const { database } = opened;
    await database.jobs.createJob('job', 'default', {});
    const item = { meta: 'Secret', photo: Uint8Array.of(1), type: 'image/jpeg', name: 'secret.jpg' };
    await database.jobs.addJobItems('job', [item]);
    await database.jobs.settleJobItem('job', 0, { status: 'added', ids: ['face-2', 'face-1'] });
    await embed(opened, 1);
    expect(await outcome(database.regenerated.swapRegenerated(NEW, 'keep'))).toBe('BAD_PARAM');
    expect(await database.regenerated.swapRegenerated(NEW, 'delete')).toEqual({ swapped: 1, deleted: 2 });
    expect((await database.listGalleries()).map(({ count, modelId }) => [count, modelId])).toEqual([
      [0, null],
      [1, NEW],
      [1, NEW],
    ]);
    expect(await outcome(database.readFace('a', 'face-2'))).toBe('FACE_NOT_FOUND');
    expect(await database.jobs.listJobItems('job')).toMatchObject([
      { name: '(deleted)', meta: '', ids: ['face-1'] },
    ]);
    await expectInStep(opened);
    await database.addFaces([prepared(2, { galleries: ['a'] })]);
    await expectInStep(opened);
  },

  'a face that is deleted leaves no new embedding, whether it was made before or comes later': async (
    opened,
  ) => {
    await furnish(opened);
    const { database } = opened;
    const stale = await database.regenerated.nextStale(NEW, 0, 10);
    await embed(opened, 1);
    await database.deleteFaces('default', ['face-1', 'face-4']);
    expect(await database.regenerated.countStale(NEW)).toEqual({ stale: 1, made: 0 });
    await database.regenerated.putRegenerated(
      NEW,
      stale.map(({ seq }) => ({ seq, vector: fresh(seq) })),
    );
    expect(await database.regenerated.countStale(NEW)).toEqual({ stale: 1, made: 1 });
    expect(await database.regenerated.swapRegenerated(NEW, 'keep')).toEqual({ swapped: 1, deleted: 0 });
    expect((await database.usage()).faces).toBe(2);
  },
};
