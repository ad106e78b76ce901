import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import type { Box } from '../core/types.ts';
import { chooseFaces, smallestFace } from './choose-faces.ts';

const image = { width: 1000, height: 800, name: 'selfie' };
const rules = { faces: 'all', minFaceSize: 32, maxFaces: 100, required: false } as const;
const face = (left: number, top: number, side: number): { box: Box } => ({
  box: { left, top, width: side, height: side },
});
const errorOf = (run: () => unknown): NearFaceError => {
  try {
    run();
  } catch (error) {
    if (error instanceof NearFaceError) return error;
  }
  throw new Error('no NearFaceError was thrown');
};

describe('chooseFaces', () => {
  it('leaves out small faces and keeps at most maxFaces', () => {
    const [a, b, small] = [face(0, 0, 200), face(300, 0, 100), face(600, 0, 20)];
    expect(chooseFaces([a, b, small], rules, image)).toEqual([a, b]);
    expect(chooseFaces([a, b, small], { ...rules, maxFaces: 1 }, image)).toEqual([a]);
  });

  it('takes the biggest, wherever it is', () => {
    const [corner, middle] = [face(10, 10, 300), face(450, 350, 100)];
    expect(chooseFaces([corner, middle], { ...rules, faces: 'biggest' }, image)).toEqual([corner]);
  });

  it('tells about equally big faces apart by nearness to the centre', () => {
    const [corner, middle] = [face(10, 10, 105), face(450, 350, 100)];
    expect(chooseFaces([corner, middle], { ...rules, faces: 'biggest' }, image)).toEqual([middle]);
  });

  it('counts only what is visible of a face', () => {
    const [cut, whole] = [face(-200, 300, 300), face(700, 300, 200)];
    expect(chooseFaces([cut, whole], { ...rules, faces: 'biggest' }, image)).toEqual([whole]);
  });

  it('rejects several faces with every box', () => {
    const two = [face(0, 0, 100), face(200, 0, 100)];
    const error = errorOf(() => chooseFaces(two, { ...rules, faces: 'reject' }, image));
    expect(error).toMatchObject({ code: 'TOO_MANY_FACES', details: { param: 'selfie' } });
    expect(error.details.boxes).toEqual(two.map(({ box }) => box));
    expect(chooseFaces(two.slice(1), { ...rules, faces: 'reject' }, image)).toEqual([two[1]]);
  });

  it('finds the face at each box, and says which box has none', () => {
    const two = [face(0, 0, 100), face(200, 0, 100)];
    const boxes = [face(210, 5, 90).box, face(600, 600, 90).box];
    expect(chooseFaces(two, { ...rules, faces: { boxes } }, image)).toEqual([two[1]]);
    const error = errorOf(() => chooseFaces(two, { ...rules, faces: { boxes }, required: true }, image));
    expect(error).toMatchObject({ code: 'NO_FACE', details: { param: 'boxes[1]' } });
  });

  it('says whether there was no face or only small ones', () => {
    const required = { ...rules, required: true };
    expect(chooseFaces([], rules, image)).toEqual([]);
    expect(errorOf(() => chooseFaces([], required, image))).toMatchObject({ code: 'NO_FACE' });
    const small = errorOf(() => chooseFaces([face(0, 0, 20)], required, image));
    expect(small).toMatchObject({ code: 'FACE_TOO_SMALL', details: { value: 20, minFaceSize: 32 } });
  });

  it('tells sizes in whole pixels, of which the face has fewer', () => {
    const required = { ...rules, minFaceSize: 0.015 * 2419, required: true };
    expect(errorOf(() => chooseFaces([], required, image)).message).toMatch(
      /at least 37 pixels wide \(minFaceSize\)$/,
    );
    const { message } = errorOf(() => chooseFaces([face(0, 0, 36.2)], required, image));
    expect(message).toMatch(/measures 36 pixels, minFaceSize is 37;/);
  });

  it('never invents a face', () => {
    const faces = fc.array(
      fc.tuple(
        fc.integer({ min: -200, max: 1100 }),
        fc.integer({ min: -200, max: 900 }),
        fc.integer({ min: 1, max: 500 }),
      ),
    );
    fc.assert(
      fc.property(faces, fc.constantFrom('all', 'biggest'), (given, rule) => {
        const found = given.map(([left, top, side]) => face(left, top, side));
        const chosen = chooseFaces(found, { ...rules, faces: rule }, image);
        expect(chosen.every((one) => found.includes(one))).toBe(true);
        if (rule === 'biggest') expect(chosen.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('smallestFace', () => {
  it('goes by the shorter side of the image, or of the part of it that is searched', () => {
    const photo = { width: 4000, height: 3000 };
    expect(smallestFace('auto', photo, null)).toBe(45);
    expect(smallestFace('auto', photo, { left: 100, top: 100, width: 2000, height: 2500 })).toBe(30);
    expect(smallestFace(80, photo, null)).toBe(80);
    for (const side of [10_000, 1e9]) {
      const around = { left: -5, top: -5, width: side, height: side };
      expect(smallestFace('auto', photo, around)).toBe(45);
      expect(smallestFace('auto', { width: 800, height: 600 }, around)).toBe(24);
    }
    expect(smallestFace('auto', photo, { left: 5000, top: 0, width: 9000, height: 9000 })).toBe(24);
  });
});
