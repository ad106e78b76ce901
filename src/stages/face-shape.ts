import { headFrame, type CanonicalFace } from '../geometry/pose.ts';

/** A point of the dense mesh and its mirror image on the other side of the face; the same point where it lies between. */
export type MirroredPair = readonly [point: number, mirrored: number];

/**
 * The shape of a face without its size, place and turn: for each pair, (x, y, z) of its first point in the frame of the head, as
 * the mean of the pair with the second point mirrored, so that a face and its mirror image have the same shape. x points to the
 * image's right, y down, z away from the camera; the unit is the weighted root mean square distance of the points that count for
 * pose from their centroid. `mesh` is 468 × (x, y, z) in pixels.
 */
export function faceShape(
  mesh: Float32Array,
  canonical: CanonicalFace,
  pairs: readonly MirroredPair[],
): Float32Array {
  const { rotation, centre } = headFrame(mesh, canonical);
  const size = spread(mesh, centre, canonical.weights);
  const shape = new Float32Array(3 * pairs.length);
  pairs.forEach((pair, i) => {
    pair.forEach((point, side) => {
      for (let axis = 0; axis < 3; axis++) {
        let along = 0;
        for (let k = 0; k < 3; k++) along += rotation[3 * k + axis]! * (mesh[3 * point + k]! - centre[k]!);
        const mirrored = side === 1 && axis === 0 ? -along : along;
        shape[3 * i + axis]! += size > 0 ? mirrored / (2 * size) : 0;
      }
    });
  });
  return shape;
}

function spread(mesh: Float32Array, centre: readonly number[], weights: Float32Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    total += weight;
    for (let k = 0; k < 3; k++) sum += weight * (mesh[3 * i + k]! - centre[k]!) ** 2;
  }
  return Math.sqrt(sum / total);
}
