import { type Liveness, livenessOf, MIN_LIVENESS_SIZE } from '../core/liveness.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { Affine } from '../geometry/similarity.ts';
import type { DetailStage } from './detail-stage.ts';
import { MESH_POINTS } from './face-mesh.ts';
import { runCrops } from './run-crops.ts';

/** Side of the network's input in pixels. */
export const LIVENESS_SIZE = 128;

/** How much wider than the mesh's longer side the network's crop is; chosen by measurement (models/face-liveness.md). */
export const LIVENESS_ENLARGE = 2;
/** Where the picture has room for less than this, nothing is told: the network takes what is missing for the edge of a print. */
const LEAST_ENLARGE = 1.4;

/** Whether a face is before the camera, or a picture of one. */
export const livenessStage: DetailStage<Liveness | undefined> = {
  role: 'liveness',
  timedAs: 'liveness',
  isNeeded: ({ liveness }) => liveness,
  create(model: LazyModel) {
    return async (faces, signal) => {
      const crops = faces.map(({ image, mesh: { points } }) => {
        const toImage = livenessCrop(points, image);
        return toImage && { image, toImage };
      });
      const told = crops.filter((crop) => crop !== undefined);
      const found = await runCrops(model, told, ([logits]) => decodeLiveness(logits!), { signal });
      let next = 0;
      return crops.map((crop) => (crop ? found[next++] : undefined));
    };
  },
};

/**
 * The crop that the network looks at, upright, as the map from its pixels to the picture's: a square about the middle of the mesh
 * (468 × (x, y, z) in the picture), moved into the picture where it would reach out of it, and made smaller where it does not fit. Undefined for a
 * face that is too small, or has too little around it in the picture.
 */
export function livenessCrop(
  mesh: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  size: number = LIVENESS_SIZE,
): Affine | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < 3 * MESH_POINTS; i += 3) {
    left = Math.min(left, mesh[i]!);
    right = Math.max(right, mesh[i]!);
    top = Math.min(top, mesh[i + 1]!);
    bottom = Math.max(bottom, mesh[i + 1]!);
  }
  const face = Math.max(right - left, bottom - top);
  const side = Math.min(LIVENESS_ENLARGE * face, width, height);
  if (!(face >= MIN_LIVENESS_SIZE) || side < LEAST_ENLARGE * face) return undefined;
  const at = (middle: number, most: number): number => Math.min(Math.max(middle - side / 2, 0), most - side);
  const scale = side / size;
  return [scale, 0, 0, scale, at((left + right) / 2, width), at((top + bottom) / 2, height)];
}

/** Reads the network's three logits: the share of the first in their softmax, which is that of a face itself. */
export function decodeLiveness(logits: Float32Array): Liveness {
  const top = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - top), 0);
  return livenessOf(Math.exp(logits[0]! - top) / sum);
}
