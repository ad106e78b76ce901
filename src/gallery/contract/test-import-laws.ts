/** Laws of imports. */
import { expect } from 'vitest';
import type { PreparedFace } from '../face-input.ts';
import type { Import } from '../port.ts';
import { testVector } from '../test-vector.ts';
import { allFaces, dump } from './test-dump.ts';
import { expectInStep } from './test-in-step.ts';
import { type Opened, openPlace, outcome, picture, prepared, type Laws } from './test-subject.ts';

const never = new AbortController().signal;

/** Imports into the default gallery; whatever `work` answers. */
const into = <T>({ database }: Opened, work: (into: Import) => Promise<T>, gallery = 'default'): Promise<T> =>
  database.importInto(gallery, work, never);

const idsOf = async ({ database }: Opened, gallery = 'default'): Promise<readonly string[]> =>
  (await allFaces(database, gallery)).map(({ id }) => id);

export const importLaws: Laws = {
  'what is imported is seen by nobody before the end, and by all then': async (opened, place, subject) => {
    const { database } = opened;
    const other = place.isKept ? await openPlace(subject, place) : undefined;
    await database.createGallery('a', null);
    await database.addFaces([prepared(1, { photoHash: 'hash' })]);
    const before = await dump(database);
    const done = await into(opened, async ({ store }) => {
      await store([
        prepared(2, { photoHash: 'hash', pictures: [picture('crop', 'two')] }),
        prepared(3, { personId: 'p' }),
      ]);
      await store([prepared(4)]);
      for (const page of [opened, other]) {
        if (!page) continue;
        expect(await dump(page.database)).toEqual(before);
        expect(await page.database.facesOfPhoto('default', 'hash')).toEqual(['face-1']);
        const all = await page.database.readFaces([1, 2, 3, 4, 5]);
        expect(all.map(({ id }) => id)).toEqual(['face-1']);
        expect([...page.mirror.lookup.inGallery(page.database.tag('default'))]).toHaveLength(1);
        const whole = { modelId: 'model-8', after: 0, pictures: true };
        expect((await page.database.readWhole('default', whole)).faces).toHaveLength(1);
      }
      const hidden = [
        () => database.readFace('default', 'face-2'),
        () => database.readVector('default', 'face-2'),
        () => database.readPicture('default', 'face-2', 'crop'),
        () => database.updateFaces('default', ['face-2'], { meta: 'x' }),
        () => database.deleteFaces('default', ['face-1', 'face-2']),
      ];
      for (const call of hidden) expect(await outcome(call())).toBe('FACE_NOT_FOUND');
      return 'done';
    });
    expect(done).toBe('done');
    for (const page of [opened, other]) {
      if (!page) continue;
      expect(await idsOf(page)).toEqual(['face-1', 'face-2', 'face-3', 'face-4']);
      expect(await page.database.facesOfPhoto('default', 'hash')).toEqual(['face-1', 'face-2']);
      expect(await (await page.database.readPicture('default', 'face-2', 'crop'))?.text()).toBe('two');
      await expectInStep(page);
    }
    other?.close();
  },

  'others enrol, change and delete meanwhile; the ids that are imported are taken': async (opened) => {
    const { database } = opened;
    await database.addFaces([prepared(1), prepared(2)]);
    await into(opened, async ({ store }) => {
      await store([prepared(10)]);
      expect(await outcome(database.addFaces([prepared(10)]))).toBe('FACE_EXISTS');
      await database.addFaces([prepared(3)]);
      await store([prepared(11)]);
      expect(await outcome(store([prepared(12), prepared(3)]))).toBe('FACE_EXISTS');
      await database.deleteFaces('default', ['face-1']);
      await database.updateFaces('default', ['face-2'], { meta: 'changed' });
      await database.createGallery('a', null);
      await expectInStepButHidden(opened, 2);
      await store([prepared(12)]);
    });
    expect(await idsOf(opened)).toEqual(['face-2', 'face-10', 'face-3', 'face-11', 'face-12']);
    expect((await database.readGallery('default')).count).toBe(5);
    await expectInStep(opened);
  },

  'an import that throws or is aborted leaves nothing: its ids are free, its faces erased': async (
    opened,
  ) => {
    const { database } = opened;
    await database.addFaces([prepared(1)]);
    const before = await dump(database);
    class Cancelled extends Error {}
    const failed = into(opened, async ({ store }) => {
      await store([prepared(2), prepared(3)]);
      await database.addFaces([prepared(4)]);
      await store([prepared(5)]);
      throw new Cancelled();
    });
    await expect(failed).rejects.toBeInstanceOf(Cancelled);
    expect(await idsOf(opened)).toEqual(['face-1', 'face-4']);
    const stop = new AbortController();
    const aborted = database.importInto(
      'default',
      async ({ store }) => {
        await store([prepared(2)]);
        stop.abort();
      },
      stop.signal,
    );
    expect(await outcome(aborted)).toBe('ABORTED');
    expect(await outcome(into(opened, async () => undefined))).toBe('ok');
    await database.addFaces([prepared(2), prepared(3), prepared(5)]);
    await expectInStep(opened);
    await database.deleteFaces(
      'default',
      [2, 3, 4, 5].map((seed) => `face-${seed}`),
    );
    expect(await dump(database)).toEqual(before);
  },

  'it knows what the gallery had before: photos, and faces with the same vector': async (opened) => {
    const { database } = opened;
    await database.createGallery('a', null);
    await database.addFaces([
      prepared(1, { photoHash: 'one' }),
      prepared(2, { photoHash: 'two', galleries: ['a'] }),
    ]);
    await into(opened, async ({ store, hadPhoto, hadFace }) => {
      expect([await hadPhoto('one'), await hadPhoto('two'), await hadPhoto('three')]).toEqual([
        true,
        false,
        false,
      ]);
      expect(await hadFace(prepared(1))).toBe(true);
      expect(await hadFace(prepared(1, { meta: 'another' }))).toBe(true);
      expect(await hadFace(prepared(1, { vector: testVector(9) }))).toBe(false);
      expect(await hadFace(prepared(1, { modelId: 'model-12' }))).toBe(false);
      expect(await hadFace(prepared(2))).toBe(false);
      expect(await hadFace(prepared(9))).toBe(false);
      await store([prepared(3, { photoHash: 'three' })]);
      await database.addFaces([prepared(4, { photoHash: 'four' })]);
      // What came since it began was not there before.
      expect([await hadPhoto('three'), await hadPhoto('four')]).toEqual([false, false]);
      expect([await hadFace(prepared(3)), await hadFace(prepared(4))]).toEqual([false, false]);
    });
  },

  'what others make of the gallery meanwhile may end it: then it is taken back': async (opened) => {
    const { database } = opened;
    const galleries = ['deleted', 'filled', 'taken'];
    const meanwhile: readonly (() => Promise<unknown>)[] = [
      () => database.deleteGallery('deleted'),
      () => database.addFaces([prepared(1, { galleries: ['filled'] })]),
      () =>
        database.addFaces([
          prepared(2, { galleries: ['taken'], modelId: 'model-5', vector: testVector(2, 5) }),
        ]),
    ];
    const codes = ['GALLERY_NOT_FOUND', 'GALLERY_FULL', 'MODEL_MISMATCH'];
    for (const [i, gallery] of galleries.entries()) {
      await database.createGallery(gallery, 2);
      const done = into(
        opened,
        async ({ store }) => {
          await store([prepared(10, { galleries: [gallery] }), prepared(11, { galleries: [gallery] })]);
          await meanwhile[i]?.();
        },
        gallery,
      );
      expect(await outcome(done)).toBe(codes[i]);
      expect(await outcome(database.addFaces([prepared(10), prepared(11)]))).toBe('ok');
      await database.deleteFaces('default', ['face-10', 'face-11']);
      await expectInStep(opened);
    }
    expect((await database.listGalleries()).map(({ name, count }) => [name, count])).toEqual([
      ['default', 0],
      ['filled', 1],
      ['taken', 1],
    ]);
  },

  'a gallery that is deleted and made again meanwhile gets the faces': async (opened) => {
    const { database } = opened;
    await database.createGallery('a', null);
    await into(
      opened,
      async ({ store }) => {
        await store([prepared(1, { galleries: ['a'] })]);
        await database.deleteGallery('a');
        await database.createGallery('a', null);
      },
      'a',
    );
    expect(await idsOf(opened, 'a')).toEqual(['face-1']);
    await expectInStep(opened);
  },

  'one at a time, and nothing that would reach its faces': async (opened) => {
    const { database } = opened;
    await database.addFaces([prepared(1)]);
    await into(opened, async ({ store }) => {
      await store([prepared(2)]);
      const another = into(opened, (second) => second.store([prepared(3)]));
      expect(await outcome(another)).toBe('STORAGE_FAILED');
      expect(await outcome(database.regenerated.swapRegenerated('model-12', 'delete'))).toBe(
        'STORAGE_FAILED',
      );
      expect(await outcome(database.clearDamaged())).toBe('STORAGE_FAILED');
    });
    expect(await idsOf(opened)).toEqual(['face-1', 'face-2']);
  },

  'where everything is erased meanwhile it has failed, and what comes later is not taken back': async (
    opened,
  ) => {
    const { database } = opened;
    const done = into(opened, async ({ store }) => {
      await store([prepared(1)]);
      await database.eraseAll();
      await database.addFaces([prepared(2)]);
      await store([prepared(3)]);
    });
    expect(await outcome(done)).toBe('STORAGE_FAILED');
    expect(await idsOf(opened)).toEqual(['face-2']);
    expect(await outcome(into(opened, ({ store }) => store([prepared(1)])))).toBe('ok');
    expect(await idsOf(opened)).toEqual(['face-2', 'face-1']);
    await expectInStep(opened);
  },

  'its batches together are not more than the gallery takes': async (opened) => {
    const { database } = opened;
    await database.createGallery('small', 3);
    const face = (seed: number): PreparedFace => prepared(seed, { galleries: ['small'] });
    await database.addFaces([face(1)]);
    await into(
      opened,
      async ({ store }) => {
        await store([face(2)]);
        expect(await outcome(store([face(3), face(4)]))).toBe('GALLERY_FULL');
        await store([face(3)]);
      },
      'small',
    );
    expect(await idsOf(opened, 'small')).toEqual(['face-1', 'face-2', 'face-3']);
    await expectInStep(opened);
  },

  'one that was erased does nothing to the next one': async (opened) => {
    const { database } = opened;
    await into(opened, async (next) => {
      const late = into(opened, async (erased) => {
        await erased.store([prepared(1)]);
        await database.eraseAll();
        await next.store([prepared(2)]);
        expect(await outcome(erased.store([prepared(3)]))).toBe('STORAGE_FAILED');
      });
      expect(await outcome(late)).toBe('STORAGE_FAILED');
      await next.store([prepared(4)]);
    });
    expect(await idsOf(opened)).toEqual(['face-2', 'face-4']);
    await expectInStep(opened);
  },

  'whoever keeps it beyond its end keeps nothing with it': async (opened) => {
    let kept: Import | undefined;
    await into(opened, async (given) => {
      kept = given;
      await given.store([]);
      await given.store([prepared(1)]);
    });
    expect(await outcome((kept as Import).store([prepared(2)]))).toBe('STORAGE_FAILED');
    await into(opened, async (given) => void (kept = given));
    expect(await outcome((kept as Import).store([prepared(2)]))).toBe('STORAGE_FAILED');
    expect(await outcome(into(opened, ({ store }) => store([prepared(2)])))).toBe('ok');
    expect(await idsOf(opened)).toEqual(['face-1', 'face-2']);
  },
};

/** In step, but that the memory has some faces more, which are in no gallery. */
async function expectInStepButHidden({ database, mirror }: Opened, hidden: number): Promise<void> {
  await database.catchUp();
  const { faces } = await database.usage();
  expect(mirror.get('model-8')?.size).toBe(faces + hidden);
  expect(mirror.lookup.inGallery(database.tag('default'))).toHaveLength(faces);
}
