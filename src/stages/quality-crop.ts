import { applyAffine, invert, type Affine } from '../geometry/similarity.ts';
import { boxAround } from '../geometry/boxes.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { warpToTensor } from '../image/warp.ts';
import { alignFace, fivePoints } from './align.ts';

/** Side of the crop in which brightness and sharpness are measured. The eyes of an average face are 48 pixels apart in it. */
export const QUALITY_CROP = 152;

/** A face in a frame of its own, so that what is measured on it does not depend on its size and place in the image. */
export interface QualityCrop {
  /** {@link QUALITY_CROP}² luma values 0..255 (Rec. 601), row by row. */
  readonly luma: Float32Array;
  /** 1 for each pixel inside the face's outline and inside the image. */
  readonly inside: Uint8Array;
}

/** The face oval around the mesh, in turn. Source: MediaPipe FACEMESH_FACE_OVAL. */
const FACE_OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;

/**
 * The aligned crop. It is sampled at twice its resolution and averaged down: the average then decides how sharp it can be, at
 * any size of the face, rather than the level of the pyramid that the sampling happens to start from.
 */
export function qualityCrop(image: Pyramid, mesh: Float32Array): QualityCrop {
  const five = fivePoints(mesh);
  const { spare } = image.kernel;
  const fine = new Float32Array(spare.take(16 * QUALITY_CROP * QUALITY_CROP));
  const format = { layout: 'nchw', channels: 'grey', mean: 0, std: 1 } as const;
  warpToTensor(image, alignFace(five, 2 * QUALITY_CROP), 2 * QUALITY_CROP, 2 * QUALITY_CROP, format, fine);
  const toImage = alignFace(five, QUALITY_CROP);
  const luma = halve(fine);
  spare.giveBack(fine.buffer);
  return { luma, inside: insideFace(mesh, toImage, image) };
}

function halve(fine: Float32Array): Float32Array {
  const half = new Float32Array(QUALITY_CROP * QUALITY_CROP);
  const stride = 2 * QUALITY_CROP;
  for (let y = 0, to = 0; y < QUALITY_CROP; y++) {
    for (let x = 0, from = 2 * y * stride; x < QUALITY_CROP; x++, from += 2) {
      half[to++] = (fine[from]! + fine[from + 1]! + fine[from + stride]! + fine[from + stride + 1]!) / 4;
    }
  }
  return half;
}

/** Marks the pixels within the mesh's oval and the image, by the even-odd rule on each row. */
function insideFace(mesh: Float32Array, toImage: Affine, image: Pyramid): Uint8Array {
  const [a, b, c, d, tx, ty] = toImage;
  const toCrop = invert(toImage);
  const oval = FACE_OVAL.map((i) => applyAffine(toCrop, { x: mesh[3 * i]!, y: mesh[3 * i + 1]! }));
  const inside = new Uint8Array(QUALITY_CROP * QUALITY_CROP);
  const { top, height } = boxAround(
    oval.flatMap(({ x, y }) => [x, y]),
    2,
  );
  const last = Math.min(QUALITY_CROP, Math.ceil(top + height));
  for (let row = Math.max(0, Math.floor(top)); row < last; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    oval.forEach((from, i) => {
      const to = oval[(i + 1) % oval.length]!;
      if (from.y > y !== to.y > y)
        crossings.push(from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y));
    });
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const to = Math.min(QUALITY_CROP, Math.round(crossings[k + 1]!));
      for (let x = Math.max(0, Math.round(crossings[k]!)); x < to; x++) {
        const atX = a * (x + 0.5) + c * y + tx;
        const atY = b * (x + 0.5) + d * y + ty;
        const visible = atX >= 0 && atY >= 0 && atX < image.width && atY < image.height;
        if (visible) inside[row * QUALITY_CROP + x] = 1;
      }
    }
  }
  return inside;
}
