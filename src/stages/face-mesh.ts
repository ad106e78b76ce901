import type { Box, Point } from '../core/types.ts';
import { applyAffine, scaleOf, type Affine } from '../geometry/similarity.ts';

/** Points of the dense mesh. */
export const MESH_POINTS = 468;

/** The outer corners of the eyes, on the image's left and right. */
const EYE_CORNERS = [33, 263] as const;

/** A dense mesh in the image. */
export interface FaceMesh {
  /**
   * 468 × (x, y, z) in pixels of the image; z in the same scale, smaller towards the camera. Refined by the attention mesh,
   * 478, the last ten being the irises.
   */
  readonly points: Float32Array;
  /** How certain the model is that a face was in its crop, 0..1. */
  readonly presence: number;
}

/**
 * The crop in which the mesh model looks for a face, as the map from its pixels (`size`²) to the image: the square of
 * the box's longer side, enlarged, turned so that the eyes are level. `eyes` are those on the image's left and right;
 * without them the crop stands upright. Source: MediaPipe's face_detection_front_detection_to_roi.pbtxt.
 */
export function cropFromDetection(
  box: Box,
  eyes: readonly [left: Point, right: Point] | undefined,
  size: number,
  enlarge: number = 1.5,
): Affine {
  const side = Math.max(box.width, box.height) * enlarge;
  const angle = eyes ? lineAngle(eyes[0], eyes[1]) : 0;
  return turnedSquare({ x: box.left + box.width / 2, y: box.top + box.height / 2 }, side, angle, size);
}

/**
 * The crop for another look at a face whose mesh is known, from the frame before or a first pass: the enlarged square
 * around the points in the frame of the level eyes. Source: MediaPipe's face_landmark_landmarks_to_roi.pbtxt, with the
 * bounds taken in the turned frame, so that they do not grow with roll.
 */
export function cropFromMesh(mesh: Float32Array, size: number, enlarge: number = 1.5): Affine {
  const angle = lineAngle(pointOf(mesh, EYE_CORNERS[0]), pointOf(mesh, EYE_CORNERS[1]));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < 3 * MESH_POINTS; i += 3) {
    const along = cos * mesh[i]! + sin * mesh[i + 1]!;
    const across = cos * mesh[i + 1]! - sin * mesh[i]!;
    left = Math.min(left, along);
    right = Math.max(right, along);
    top = Math.min(top, across);
    bottom = Math.max(bottom, across);
  }
  const along = (left + right) / 2;
  const across = (top + bottom) / 2;
  const centre = { x: cos * along - sin * across, y: sin * along + cos * across };
  return turnedSquare(centre, Math.max(right - left, bottom - top) * enlarge, angle, size);
}

/** The same crop of `size`², turned upside down about its middle. */
export function upsideDown([a, b, c, d, x, y]: Affine, size: number): Affine {
  return [-a, -b, -c, -d, x + size * (a + c), y + size * (b + d)];
}

/**
 * Reads face_landmark's outputs: triples (x, y, z) in pixels of the crop, and the logit of presence; `crop` is the map
 * from crop to image.
 */
export function decodeFaceMesh(points: Float32Array, presenceLogit: number, crop: Affine): FaceMesh {
  const [a, b, c, d, tx, ty] = crop;
  const depth = scaleOf(crop);
  const mesh = new Float32Array(points.length);
  for (let i = 0; i < mesh.length; i += 3) {
    const x = points[i]!;
    const y = points[i + 1]!;
    mesh[i] = a * x + c * y + tx;
    mesh[i + 1] = b * x + d * y + ty;
    mesh[i + 2] = depth * points[i + 2]!;
  }
  return { points: mesh, presence: 1 / (1 + Math.exp(-presenceLogit)) };
}

/** Angle of the line through the eyes' outer corners in degrees, + counter-clockwise as seen. */
export function meshRollDeg(mesh: Float32Array): number {
  return (-lineAngle(pointOf(mesh, EYE_CORNERS[0]), pointOf(mesh, EYE_CORNERS[1])) * 180) / Math.PI;
}

/** Radians from the x axis, + clockwise as seen, since y points down. */
function lineAngle(from: Point, to: Point): number {
  return Math.atan2(to.y - from.y, to.x - from.x);
}

function pointOf(mesh: Float32Array, index: number): Point {
  return { x: mesh[3 * index]!, y: mesh[3 * index + 1]! };
}

function turnedSquare(centre: Point, side: number, angle: number, size: number): Affine {
  const scale = side / size;
  const a = scale * Math.cos(angle);
  const b = scale * Math.sin(angle);
  const corner = applyAffine([a, b, -b, a, centre.x, centre.y], { x: -size / 2, y: -size / 2 });
  return [a, b, -b, a, corner.x, corner.y];
}
