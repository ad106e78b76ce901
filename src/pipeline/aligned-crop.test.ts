import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { decodedFrom, withPyramid, type DecodedImage } from '../image/decoded-image.ts';
import { alignFace } from '../stages/align.ts';
import { ofAlignedCrop } from './aligned-crop.ts';
import type { Finders } from './find-faces.ts';
import { find, type FindRequest } from './find.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const request: FindRequest = {
  ...{ input: 'aligned', mode: 'auto', minScore: 0.5, minFaceSize: 32, maxFaces: 10, area: null },
  ...{ autoRotate: false, faces: 'biggest', required: true },
} as const;

function picture(width: number, height: number): DecodedImage {
  return withPyramid(
    decodedFrom({ width, height, data: new Uint8ClampedArray(4 * width * height) }, width, height),
    pixelKernel,
  );
}

/** No model may be asked. */
const none = {} as Finders;

async function codeOf(image: DecodedImage): Promise<string> {
  const error: unknown = await find(none, image, request, 'the photo').catch((reason: unknown) => reason);
  return error instanceof NearFaceError ? `${error.code} ${error.message}` : 'none';
}

describe('an aligned crop', () => {
  it('is one face, all of it, that nothing was looked for in', async () => {
    const { faces, rotation } = await find(none, picture(224, 224), request, 'the photo');
    const box = { left: 0, top: 0, width: 224, height: 224 };
    expect(rotation).toBe(0);
    expect(faces).toMatchObject([{ box, isAligned: true, found: { box, score: 1 } }]);
    // Twice where they are in the template of 112 pixels.
    const [left, right] = faces[0]!.found.eyes!;
    expect(left).toEqual({ x: 2 * 38.2946, y: 2 * 51.6963 });
    expect(right).toEqual({ x: 2 * 73.5318, y: 2 * 51.5014 });
  });

  it('is stretched to what the model takes', () => {
    expect(ofAlignedCrop(picture(224, 226), 112)).toEqual([2, 0, 0, 226 / 112, 0, 0]);
    const points = [
      { x: 38.2946, y: 51.6963 },
      { x: 73.5318, y: 51.5014 },
      { x: 56.0252, y: 71.7366 },
      { x: 41.5493, y: 92.3655 },
      { x: 70.7299, y: 92.2041 },
    ] as const;
    // A crop that is aligned already needs no other map.
    alignFace(points, 112).forEach((value, i) =>
      expect(value).toBeCloseTo(ofAlignedCrop(picture(112, 112), 112)[i]!, 6),
    );
  });

  it('is refused unless it is square, and where it is too small', async () => {
    expect(await codeOf(picture(112, 150))).toMatch(/^BAD_PARAM the photo .*square.*112 × 150 pixels/);
    expect(await codeOf(picture(150, 112))).toMatch(/^BAD_PARAM /);
    expect(await codeOf(picture(112, 113))).toBe('none');
    expect(await codeOf(picture(20, 20))).toMatch(/^FACE_TOO_SMALL .*20 pixels/);
  });
});
