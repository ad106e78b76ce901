import type { Affine } from '../geometry/similarity.ts';
import { decodeFaceMesh, MESH_POINTS, type FaceMesh } from './face-mesh.ts';

/** Points of a refined mesh: the dense mesh's, then five of each iris, image-left first, the centre before the rim. */
export const REFINED_POINTS = 478;

/** Centres of the irises on the image's left and right. */
export const PUPILS = [468, 473] as const;

/** Points of a part, in the order in which the attention mesh gives them. Source: MediaPipe, tensors_to_face_landmarks_with_attention.pbtxt. */
// prettier-ignore
const LIPS = [
  61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
  78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
  76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
  62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
] as const;

/** The first {@link LID_POINTS} are the lids' edges, then the halo and the brow. */
// prettier-ignore
const LEFT_EYE = [
  33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
  130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
  226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
  35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
  156, 70, 63, 105, 66, 107, 55, 193,
] as const;

// prettier-ignore
const RIGHT_EYE = [
  263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
  359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
  446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
  265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
  383, 300, 293, 334, 296, 336, 285, 417,
] as const;

const LID_POINTS = 16;
const IRIS_POINTS = 5;

/** The attention mesh's outputs in pixels of the crop: triples, then pairs of each part, and the logit of presence. */
export interface AttentionOutputs {
  readonly points: Float32Array;
  readonly lips: Float32Array;
  readonly leftEye: Float32Array;
  readonly rightEye: Float32Array;
  readonly leftIris: Float32Array;
  readonly rightIris: Float32Array;
  readonly presence: Float32Array;
}

/**
 * The refined mesh in the image: lips, eyes and brows take x and y of their parts and keep the dense mesh's z; an iris lies
 * at the mean z of its lids. `crop` is the map from crop to image. Source: MediaPipe's LandmarksRefinementCalculator, as
 * tensors_to_face_landmarks_with_attention.pbtxt sets it.
 */
export function decodeAttentionMesh(outputs: AttentionOutputs, crop: Affine): FaceMesh {
  const inCrop = new Float32Array(3 * REFINED_POINTS);
  inCrop.set(outputs.points.subarray(0, 3 * MESH_POINTS));
  place(inCrop, LIPS, outputs.lips);
  place(inCrop, LEFT_EYE, outputs.leftEye);
  place(inCrop, RIGHT_EYE, outputs.rightEye);
  placeIris(inCrop, PUPILS[0], outputs.leftIris, LEFT_EYE);
  placeIris(inCrop, PUPILS[1], outputs.rightIris, RIGHT_EYE);
  return decodeFaceMesh(inCrop, outputs.presence[0]!, crop);
}

function place(mesh: Float32Array, points: readonly number[], pairs: Float32Array): void {
  points.forEach((point, i) => {
    mesh[3 * point] = pairs[2 * i]!;
    mesh[3 * point + 1] = pairs[2 * i + 1]!;
  });
}

function placeIris(mesh: Float32Array, first: number, pairs: Float32Array, eye: readonly number[]): void {
  const lids = eye.slice(0, LID_POINTS);
  const depth = lids.reduce((sum, point) => sum + mesh[3 * point + 2]!, 0) / LID_POINTS;
  const points = Array.from({ length: IRIS_POINTS }, (_, i) => first + i);
  place(mesh, points, pairs);
  for (const point of points) mesh[3 * point + 2] = depth;
}
