import type { Point, Point3 } from '../core/types.ts';
import { PUPILS, REFINED_POINTS } from './face-mesh-attention.ts';

/** The face oval from the image-left temple down to the chin, as mesh indices. Source: MediaPipe FACEMESH_FACE_OVAL. */
const LEFT_OVAL = [127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152] as const;
/** The face oval from the chin up to the image-right temple. */
const RIGHT_OVAL = [152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356] as const;
/**
 * Which part of each segment of {@link LEFT_OVAL}'s length lies in the plane of a face that looks straight ahead. Source:
 * models/canonical-face.json, length in x and y over length in x, y and z; the right side is its mirror image.
 */
const FRONTAL_SHARES = [0.969, 1, 0.995, 0.969, 0.826, 0.69, 0.733, 0.756, 0.779, 0.91, 0.991] as const;
/** Steps of the contour on each side of the chin, which is landmark 16. */
const STEPS = 16;

/**
 * Landmark → mesh index, in runs of consecutive landmarks. Left and right are the image's; in MediaPipe's names,
 * which are the person's, the image-left brow is `rightEyebrow`. 74, 77, 104 and 105 are computed.
 */
const CORRESPONDENCES: readonly (readonly [first: number, ...mesh: number[]])[] = [
  // Left brow, upper edge, outer to inner; right brow, upper edge, inner to outer.
  [33, 70, 63, 105, 66, 107, 336, 296, 334, 293, 300],
  // Nose: bridge from between the eyes to the tip, then the base from image-left to image-right.
  [43, 168, 197, 5, 4, 240, 97, 2, 326, 460],
  // Left eye: outer corner, upper lid, inner corner, lower lid back.
  [52, 33, 160, 158, 133, 153, 144],
  // Right eye: inner corner, upper lid, outer corner, lower lid back.
  [58, 362, 385, 387, 263, 373, 380],
  // Lower edges of the brows: left outer to inner, right inner to outer.
  [64, 53, 52, 65, 55, 285, 295, 282, 283],
  // Middles of the left eye's upper and lower lid.
  [72, 159, 145],
  // Middles of the right eye's upper and lower lid.
  [75, 386, 374],
  // Nose, left and right in turn: root at the inner corners of the eyes, upper end of the wings, widest points.
  [78, 122, 351, 198, 420, 129, 358],
  // Outer lip: left corner, upper edge, right corner, lower edge back.
  [84, 61, 39, 37, 0, 267, 269, 291, 321, 314, 17, 84, 91],
  // Inner lip: left corner, upper edge, right corner, lower edge back.
  [96, 78, 82, 13, 312, 308, 317, 14, 87],
];

const LEFT_EYE = [33, 160, 159, 158, 133, 153, 145, 144] as const;
const RIGHT_EYE = [362, 385, 386, 387, 263, 373, 374, 380] as const;

/**
 * The 106 landmarks of a face, read off its dense mesh (n × (x, y, z)) and in the mesh's frame. The contour 0–32
 * lies on the mesh's face oval, spaced on each side of the chin (16) by equal arc length as seen from the front, which is
 * worked out from lengths in three dimensions, so that it stays on the same places of the face when the head turns. 104 and 105 are the centres of the irises of a refined
 * mesh (478 points) or, without them, the centres of the eyes, as 74 and 77 always are.
 */
export function landmarks106(mesh: Float32Array): Point[] {
  const landmarks = new Array<Point>(106);
  spread(mesh, LEFT_OVAL, FRONTAL_SHARES).forEach((point, i) => (landmarks[i] = point));
  spread(mesh, RIGHT_OVAL, FRONTAL_SHARES.toReversed()).forEach((point, i) => (landmarks[STEPS + i] = point));
  for (const [first, ...indices] of CORRESPONDENCES) {
    indices.forEach((index, i) => (landmarks[first + i] = pointOf(mesh, index)));
  }
  const left = centreOf(mesh, LEFT_EYE);
  const right = centreOf(mesh, RIGHT_EYE);
  landmarks[74] = left;
  landmarks[77] = right;
  const refined = mesh.length >= 3 * REFINED_POINTS;
  landmarks[104] = refined ? pointOf(mesh, PUPILS[0]) : left;
  landmarks[105] = refined ? pointOf(mesh, PUPILS[1]) : right;
  return landmarks;
}

/** The flat mesh as points. */
export function meshPoints(mesh: Float32Array): Point3[] {
  return Array.from({ length: mesh.length / 3 }, (_, i) => ({
    x: mesh[3 * i]!,
    y: mesh[3 * i + 1]!,
    z: mesh[3 * i + 2]!,
  }));
}

function pointOf(mesh: Float32Array, index: number): Point {
  return { x: mesh[3 * index]!, y: mesh[3 * index + 1]! };
}

function centreOf(mesh: Float32Array, indices: readonly number[]): Point {
  let x = 0;
  let y = 0;
  for (const index of indices) {
    x += mesh[3 * index]!;
    y += mesh[3 * index + 1]!;
  }
  return { x: x / indices.length, y: y / indices.length };
}

/** STEPS + 1 points at equal distances along the polyline of some mesh points, ends included; `shares` of each segment count. */
function spread(mesh: Float32Array, indices: readonly number[], shares: readonly number[]): Point[] {
  const lengths = indices.slice(1).map((index, i) => shares[i]! * distance(mesh, indices[i]!, index));
  const step = lengths.reduce((sum, length) => sum + length, 0) / STEPS;
  const points: Point[] = [];
  for (let i = 0, segment = 0, passed = 0; i <= STEPS; i++) {
    while (segment < lengths.length - 1 && passed + lengths[segment]! < i * step)
      passed += lengths[segment++]!;
    const share = lengths[segment]! > 0 ? Math.min(1, (i * step - passed) / lengths[segment]!) : 0;
    const from = 3 * indices[segment]!;
    const to = 3 * indices[segment + 1]!;
    points.push({
      x: mesh[from]! + share * (mesh[to]! - mesh[from]!),
      y: mesh[from + 1]! + share * (mesh[to + 1]! - mesh[from + 1]!),
    });
  }
  return points;
}

function distance(mesh: Float32Array, i: number, j: number): number {
  return Math.hypot(
    mesh[3 * i]! - mesh[3 * j]!,
    mesh[3 * i + 1]! - mesh[3 * j + 1]!,
    mesh[3 * i + 2]! - mesh[3 * j + 2]!,
  );
}
