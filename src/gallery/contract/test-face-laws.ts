/** Laws of single faces: found in whatever gallery, of another photo, gone by themselves, with what they carry. */
import { expect } from 'vitest';
import { expectAllOrNone } from './test-atomic-laws.ts';
import { allSightings, desksOf, sighting } from './test-desks.ts';
import { expectVector } from '../test-vector.ts';
import { dump } from './test-dump.ts';
import { expectInStep } from './test-in-step.ts';
import { ASSUMED, type Laws, openPlace, outcome, picture, prepared } from './test-subject.ts';

const BOX = { left: 1, top: 2, width: 30, height: 40 };

export const faceLaws: Laws = {
  'a face is read, changed and deleted by its id, whatever galleries it is in': async (opened) => {
    const { database } = opened;
    await database.createGallery('a', null);
    await database.createGallery('b', null);
    const pictures = [picture('crop', 'a crop')];
    await database.addFaces([
      prepared(1, { galleries: ['a', 'b'], pictures }),
      prepared(2, { galleries: ['default', 'b'] }),
      prepared(3),
    ]);
    const face = await database.readFace(null, 'face-1');
    expect(face).toEqual(await database.readFace('a', 'face-1'));
    expectVector(await database.readVector(null, 'face-1'), prepared(1).vector, opened);
    expect(await (await database.readPicture(null, 'face-1', 'crop'))?.text()).toBe('a crop');
    const changed = await database.updateFaces(null, ['face-1', 'face-3'], { meta: 'Sam' });
    expect(changed.map(({ id, meta }) => [id, meta])).toEqual([
      ['face-1', 'Sam'],
      ['face-3', 'Sam'],
    ]);
    await database.deleteFaces(null, ['face-1', 'face-2', 'face-1']);
    const galleries = await database.listGalleries();
    expect(galleries.map(({ name, count, bytes }) => [name, count, bytes.pictures])).toEqual([
      ['a', 0, 0],
      ['b', 0, 0],
      ['default', 1, 0],
    ]);
    expect((await database.usage()).bytes.pictures).toBe(0);
    expect(await outcome(database.readFace(null, 'face-1'))).toBe('FACE_NOT_FOUND');
    await expectInStep(opened);
    // The id is free again.
    expect(await outcome(database.addFaces([prepared(1)]))).toBe('ok');
  },

  'a gallery goes with its faces, out of others, too; what named them names them no more': async (opened) => {
    const { database } = opened;
    const { people, entry } = desksOf(opened);
    await database.createGallery('club', 10);
    await database.addFaces([
      prepared(1, { galleries: ['club', 'default'], personId: 'p' }),
      prepared(2, { galleries: ['club'] }),
      prepared(3, { personId: 'p' }),
    ]);
    await entry.addSightings([sighting(1, { personId: 'p', faceId: 'face-1' })]);
    await database.jobs.createJob('job', 'default', {});
    const photo = { name: 'sam.jpg', meta: 'Sam', photo: Uint8Array.of(1), type: 'image/jpeg' };
    await database.jobs.addJobItems('job', [photo]);
    await database.jobs.settleJobItem('job', 0, { status: 'added', ids: ['face-1'] });
    await database.deleteGallery('club', { withFaces: true });
    expect((await database.listGalleries()).map(({ name, count }) => [name, count])).toEqual([
      ['default', 1],
    ]);
    expect((await database.usage()).faces).toBe(1);
    expect(await people.getPerson('p')).toMatchObject({ faces: 1 });
    const [seen] = await allSightings(people, {}, 9);
    expect(seen).not.toHaveProperty('faceId');
    expect((await database.jobs.listJobItems('job'))[0]).toMatchObject({ ids: [] });
    await expectInStep(opened);
  },

  'the deletion of a gallery with its faces that is aborted under way is done, or nothing of it': async (
    opened,
    _place,
    { crowd },
  ) => {
    const { database } = opened;
    await database.createGallery('large', null);
    const galleries = ['default', 'large'];
    await database.addFaces(Array.from({ length: crowd }, (_, seed) => prepared(seed, { galleries })));
    await database.addFaces([prepared(crowd)]);
    await expectAllOrNone(opened, (signal) => database.deleteGallery('large', { withFaces: true, signal }));
    expect(await database.listGalleries()).toMatchObject([{ name: 'default', count: 1 }]);
  },

  'a face of another photo is where the old one was, with what does not come of a photo': async (
    opened,
    place,
    subject,
  ) => {
    const { database } = opened;
    const other = place.isKept ? await openPlace(subject, place) : opened;
    await database.createGallery('a', null);
    const kept = {
      ...{ galleries: ['default', 'a'], meta: 'Sam', personId: 'p', cameraId: 'c', timestamp: 77 },
      ...{ extra: { key: 'k' }, expiresAt: 9e15 },
    };
    const full = {
      ...{ ...kept, ...ASSUMED, box: BOX, photoHash: 'old', sourceUrl: 'https://example.org/old' },
      attributes: { gender: { value: 'female', certainty: 0.75 } },
      pictures: [picture('thumbnail', 'old'), picture('crop', 'old crop')],
    } as const;
    await database.addFaces([prepared(1), prepared(2, full), prepared(3)]);
    const before = await database.readFace('a', 'face-2');
    const { regenerated } = database;
    const vector = prepared(5).vector;
    await regenerated.putRegenerated('model-9', [{ seq: before.seq, vector }]);
    const by = prepared(9, {
      ...{ photoHash: 'new', reliability: 0.6, meta: 'nobody', galleries: ['nowhere'], personId: 'q' },
      pictures: [picture('crop', 'new crop')],
    });
    const after = await database.replaceFace('a', 'face-2', by);
    expect(after).toEqual({
      ...{ id: 'face-2', seq: before.seq, modelId: 'model-8', ...kept },
      ...{ photoHash: 'new', reliability: 0.6, pictures: ['crop'], pictureBytes: 8 },
    });
    for (const page of [opened, other]) {
      expect(await page.database.readFace(null, 'face-2')).toEqual(after);
      expectVector(await page.database.readVector('a', 'face-2'), by.vector, page);
      expect(await (await page.database.readPicture('a', 'face-2', 'crop'))?.text()).toBe('new crop');
      expect(await page.database.readPicture('a', 'face-2', 'thumbnail')).toBeNull();
      expect(await page.database.facesOfPhoto('a', 'old')).toEqual([]);
      expect(await page.database.facesOfPhoto('a', 'new')).toEqual(['face-2']);
      await expectInStep(page);
    }
    expect(await regenerated.countStale('model-9')).toEqual({ stale: 3, made: 0 });
    // Bare: nothing of the photo before is left.
    const bare = await other.database.replaceFace(null, 'face-2', prepared(8, { reliability: 0.2 }));
    expect(bare).toEqual({
      ...{ id: 'face-2', seq: before.seq, modelId: 'model-8', ...kept },
      ...{ reliability: 0.2, pictures: [], pictureBytes: 0 },
    });
    for (const page of [opened, other]) await expectInStep(page);
    expect((await database.usage()).bytes.pictures).toBe(0);
    if (other !== opened) other.close();
  },

  'faces are gone by themselves at their time, out of all galleries, and no others': async (
    opened,
    place,
    subject,
  ) => {
    const { database, mirror } = opened;
    const other = place.isKept ? await openPlace(subject, place) : opened;
    await database.createGallery('a', null);
    const add = (seed: number, expiresAt?: number): Promise<unknown> =>
      database.addFaces([
        prepared(seed, {
          ...{ galleries: ['default', 'a'], pictures: [picture('crop', 'crop')] },
          ...(expiresAt !== undefined && { expiresAt }),
        }),
      ]);
    expect(mirror.lookup.nextExpiry).toBe(Infinity);
    for (const [seed, expiresAt] of [2000, 1000, undefined, 3000, -5].entries()) await add(seed, expiresAt);
    expect(mirror.lookup.nextExpiry).toBe(1);
    await database.updateFaces('a', ['face-0'], { expiresAt: null });
    await database.updateFaces('a', ['face-2'], { expiresAt: 1500 });
    const left = async (): Promise<unknown> =>
      (await database.listFaces('a', { limit: 9 })).records.map(({ id }) => id);
    await other.database.removeExpired(999);
    expect(await left()).toEqual(['face-0', 'face-1', 'face-2', 'face-3']);
    const before = await dump(database);
    await database.removeExpired(999);
    expect(await dump(database)).toEqual(before);
    expect(mirror.lookup.nextExpiry).toBe(1000);
    await database.removeExpired(1500);
    expect(await left()).toEqual(['face-0', 'face-3']);
    expect((await database.readGallery('default')).count).toBe(2);
    expect((await database.usage()).bytes.pictures).toBe(8);
    await database.deleteFaces('a', ['face-3']);
    await database.removeExpired(9000);
    await database.removeExpired(9000);
    expect(await left()).toEqual(['face-0']);
    expect(mirror.lookup.nextExpiry).toBe(Infinity);
    for (const page of [opened, other]) await expectInStep(page);
    if (other !== opened) other.close();
  },

  'faces that an import brings and nobody sees yet do not expire before its end': async ({ database }) => {
    await database.importInto(
      'default',
      async (into) => {
        await into.store([prepared(1, { expiresAt: 1000 }), prepared(2)]);
        await database.removeExpired(2000);
      },
      new AbortController().signal,
    );
    expect((await database.readGallery('default')).count).toBe(2);
    await database.removeExpired(2000);
    expect((await database.listFaces('default', { limit: 9 })).records.map(({ id }) => id)).toEqual([
      'face-2',
    ]);
  },

  'what is said of a gallery and what a face carries is changed as it is asked, and stays so': async (
    { database },
    place,
    subject,
  ) => {
    await database.createGallery('a', 5, 'Ünï 𝕊');
    expect(await database.updateGallery('default', { label: 'All' })).toMatchObject({
      label: 'All',
      count: 0,
    });
    const extra = { a: [1, { b: null }], c: 'Ünï 𝕊' };
    await database.addFaces([prepared(1, { galleries: ['a'], extra })]);
    expect(await database.readGallery('a')).toMatchObject({ label: 'Ünï 𝕊', count: 1, capacity: 5 });
    const other = place.isKept ? await openPlace(subject, place) : undefined;
    const there = other?.database ?? database;
    expect((await there.listGalleries()).map(({ name, label }) => [name, label])).toEqual([
      ['a', 'Ünï 𝕊'],
      ['default', 'All'],
    ]);
    expect(await there.readFace('a', 'face-1')).toMatchObject({ extra });
    expect(await there.updateGallery('a', { label: null })).not.toHaveProperty('label');
    expect(await there.updateGallery('a', {})).not.toHaveProperty('label');
    const [changed] = await there.updateFaces('a', ['face-1'], { extra: 'text', meta: 'x' });
    expect(changed).toMatchObject({ extra: 'text', meta: 'x' });
    expect((await there.updateFaces('a', ['face-1'], { meta: 'y' }))[0]).toMatchObject({ extra: 'text' });
    expect((await there.updateFaces('a', ['face-1'], { extra: null }))[0]).not.toHaveProperty('extra');
    other?.close();
  },

  'metas are told by page, in one order': async ({ database }) => {
    const metas = ['b', 'a', 'B', '', 'ä', '𝕊', 'a', '\uffff'];
    await database.addFaces(metas.map((meta, seed) => prepared(seed, { meta })));
    const all = await database.listMetas('default');
    expect(all.map(({ meta }) => meta)).toEqual(['', 'B', 'a', 'b', 'ä', '𝕊', '\uffff']);
    expect(all[2]).toMatchObject({ count: 2, face: { id: 'face-1' } });
    for (const limit of [1, 2, 3, 7, 100]) {
      const pages = [];
      for (let offset = 0; offset < 8; offset += limit)
        pages.push(...(await database.listMetas('default', { limit, offset })));
      expect(pages).toEqual(all);
    }
    expect(await database.listMetas('default', { offset: 7 })).toEqual([]);
    expect(await database.listMetas('default', { offset: 5 })).toEqual(all.slice(5));
  },
};
