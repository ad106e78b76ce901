import type { Point } from '../core/types.ts';
import { invert, similarity, type Affine } from '../geometry/similarity.ts';

/** Where the five points lie in an aligned crop. */
export type FivePoints = readonly [
  leftEye: Point,
  rightEye: Point,
  nose: Point,
  mouthLeft: Point,
  mouthRight: Point,
];

/** Side of the crop that {@link TEMPLATE} is for. */
const TEMPLATE_SIZE = 112;

/**
 * The ArcFace template: where embedding models expect eyes, nose tip and mouth corners (left and right of the image).
 * Source: insightface, face_align.py.
 */
const TEMPLATE: FivePoints = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** The five points for alignment, read off a dense mesh: an eye is the mean of its corners. */
export function fivePoints(mesh: Float32Array): FivePoints {
  return [
    meanOf(mesh, 33, 133),
    meanOf(mesh, 362, 263),
    meanOf(mesh, 1, 1),
    meanOf(mesh, 61, 61),
    meanOf(mesh, 291, 291),
  ];
}

/** Where the eyes are in an aligned crop of `size`², on its left and its right. */
export function templateEyes(size: number): readonly [left: Point, right: Point] {
  const scale = size / TEMPLATE_SIZE;
  const [left, right] = TEMPLATE.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
  return [left!, right!];
}

/** The map from an aligned crop of `size`² to the image: least squares, no shear, on the five points. */
export function alignFace(points: FivePoints, size: number = TEMPLATE_SIZE): Affine {
  const scale = size / TEMPLATE_SIZE;
  const template = TEMPLATE.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
  return invert(similarity(points, template));
}

function meanOf(mesh: Float32Array, i: number, j: number): Point {
  return { x: (mesh[3 * i]! + mesh[3 * j]!) / 2, y: (mesh[3 * i + 1]! + mesh[3 * j + 1]!) / 2 };
}
