import type { Completeness } from '../core/quality.ts';
import type { Point } from '../core/types.ts';
import { boxAround } from '../geometry/boxes.ts';
import { convexHull, distanceToPath, outsideHull } from '../geometry/polygons.ts';

/** A part of a face that something may cover. */
export type FacePart = Exclude<keyof Completeness, 'total'>;

/** Mesh points whose convex hull is the part; of the contour, the line from temple to temple. Left and right are the image's. */
const POINTS: Readonly<Record<FacePart, readonly number[]>> = {
  leftEyeBrow: [70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
  rightEyeBrow: [300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
  leftEye: [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
  rightEye: [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
  nose: [6, 197, 5, 4, 1, 2, 98, 327, 129, 358, 49, 279, 64, 294],
  mouth: [61, 185, 40, 37, 0, 267, 270, 409, 291, 375, 321, 314, 17, 84, 91, 146],
  faceContour: [
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323,
    454, 356,
  ],
};

/** Every part. */
export const FACE_PARTS: readonly FacePart[] = Object.keys(POINTS) as FacePart[];

/** How far a part reaches beyond its points, in longer sides of the mesh; a closed eye is a line, and reaches further. */
const MARGIN = 0.027;
const EYE_MARGIN = 0.038;
/** Half the width of the contour's band, in longer sides of the mesh. */
const CONTOUR_BAND = 0.079;

/**
 * The indices, row by row, of the cells of a grid that a part takes up, by their centres. `mesh` is in cells, `face` the mesh's
 * longer side in cells. `model-factory/train/parts.py` says the same.
 */
export function cellsOfPart(part: FacePart, mesh: readonly Point[], face: number, grid: number): number[] {
  const points = POINTS[part].map((i) => mesh[i]!);
  const reach = face * (part === 'faceContour' ? CONTOUR_BAND : part.endsWith('Eye') ? EYE_MARGIN : MARGIN);
  const outline = part === 'faceContour' ? points : convexHull(points);
  const beyond = part === 'faceContour' ? distanceToPath : outsideHull;
  const { left, top, width, height } = boxAround(
    points.flatMap(({ x, y }) => [x, y]),
    2,
  );
  const within = (place: number): number => Math.min(Math.max(Math.round(place), 0), grid);
  const cells: number[] = [];
  for (let row = within(top - reach); row < within(top + height + reach); row++) {
    for (let column = within(left - reach); column < within(left + width + reach); column++) {
      if (beyond(outline, { x: column + 0.5, y: row + 0.5 }) <= reach) cells.push(row * grid + column);
    }
  }
  return cells;
}
