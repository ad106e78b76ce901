import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { requestFor } from './analyse.ts';
import { resolveAdd, resolveAddMany, resolveEnrolJob, resolveIdentify } from './resolve-gallery-options.ts';
import { resolveCompare, resolveDetect, resolveEmbed } from './resolve-options.ts';
import { resolveFindPeople } from './resolve-people.ts';

const BOX = { left: 0, top: 0, width: 10, height: 10 };

function paramOf(call: () => unknown): unknown {
  try {
    call();
    return 'none';
  } catch (error) {
    return error instanceof NearFaceError ? error.details['param'] : error;
  }
}

const RESOLVERS = {
  resolveDetect,
  resolveEmbed,
  resolveCompare,
  resolveAdd,
  resolveAddMany,
  resolveEnrolJob,
  resolveIdentify,
  resolveFindPeople,
};

describe('the options of an aligned crop', () => {
  it('are not those that say where in a photo faces are, in any call', () => {
    for (const [name, resolve] of Object.entries(RESOLVERS)) {
      const refused = (options: object): unknown => paramOf(() => resolve({ input: 'aligned', ...options }));
      expect([name, refused({})]).toEqual([name, 'none']);
      expect([name, refused({ autoRotate: false, minFaceSize: 40 })]).toEqual([name, 'none']);
      expect([name, refused({ area: BOX })]).toEqual([name, 'options.area']);
      expect([name, refused({ autoRotate: 'all' })]).toEqual([name, 'options.autoRotate']);
      expect([name, paramOf(() => resolve({ input: 'photo', area: BOX, autoRotate: 'all' }))]).toEqual([
        name,
        'none',
      ]);
      expect([name, paramOf(() => resolve({ input: 'crop' }))]).toEqual([name, 'options.input']);
      expect([name, paramOf(() => resolve({ autoRotate: 'most' }))]).toEqual([name, 'options.autoRotate']);
    }
    expect(paramOf(() => resolveEmbed({ input: 'aligned', boxes: [BOX] }))).toBe('options.boxes');
    expect(paramOf(() => resolveCompare({ input: 'aligned', boxesB: [BOX] }))).toBe('options.boxesB');
    expect(paramOf(() => resolveAdd({ input: 'aligned', minQuality: {} }))).toBe('options.minQuality');
  });
});

describe('the crop as a file', () => {
  it('is asked for by its type', () => {
    const asked = (crop: unknown) => requestFor(resolveEmbed({ returnDetails: { crop } }));
    expect(asked({ type: 'image/png' })).toMatchObject({ details: { crop: true }, cropType: 'image/png' });
    expect(asked(true)).toMatchObject({ details: { crop: true }, cropType: null });
    expect(asked(false)).toMatchObject({ details: { crop: false }, cropType: null });
    const param = 'options.returnDetails.crop';
    expect(paramOf(() => asked({ type: 'image/jpeg' }))).toBe(`${param}.type`);
    expect(paramOf(() => asked({ kind: 'image/png' }))).toBe(`${param}.kind`);
    expect(paramOf(() => asked('png'))).toBe(param);
    expect(paramOf(() => asked({}))).toBe(`${param}.type`);
  });
});

describe('embeddings of faces that are known', () => {
  const embedding = new Float32Array(192);

  it('stand for boxes, one each', () => {
    const boxes = [BOX, BOX, BOX];
    const embeddings = [embedding, null, { embedding }];
    expect(resolveAdd({ boxes, embeddings })).toMatchObject({ boxes, embeddings });
    const refused = (options: object): unknown => paramOf(() => resolveAdd(options));
    expect(refused({ embeddings })).toBe('options.embeddings');
    expect(refused({ boxes: [BOX], embeddings })).toBe('options.embeddings');
    expect(refused({ boxes, embeddings: [embedding, undefined, null] })).toBe('options.embeddings[1]');
    expect(refused({ boxes: [BOX], embeddings: [{ position: BOX }] })).toBe('options.embeddings[0]');
    expect(refused({ boxes, embeddings, autoRotate: true })).toBe('options.autoRotate');
    for (const resolve of [resolveAddMany, resolveEnrolJob])
      expect(paramOf(() => resolve({ boxes, embeddings }))).toBe('options.embeddings');
  });
});
