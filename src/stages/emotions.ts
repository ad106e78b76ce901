import type { Emotions } from '../core/attributes.ts';
import type { ModelSession } from '../core/model-session.ts';
import type { Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';

/** Side of the expression network's input in pixels. */
export const EMOTIONS_SIZE = 112;

/** How much wider than the mesh's longer side its crop is; chosen by measurement (models/expression.md). */
export const EMOTIONS_ENLARGE = 1.2;

/** The emotions that the network tells apart; `sleepy` is read off the eyelids. */
export type NetworkEmotions = Omit<Emotions, 'sleepy'>;

/** Tells the expression of a face. */
export interface EmotionsModel {
  /**
   * One answer per crop; crops are those of {@link emotionsCrop}. Each is looked at twice, as it is and mirrored, which
   * doubles the cost and takes away some of the errors.
   */
  estimate(crops: readonly Crop[], signal?: AbortSignal): Promise<NetworkEmotions[]>;
}

/** The expression network on `session`. */
export function createEmotions(session: ModelSession): EmotionsModel {
  return {
    async estimate(crops, signal) {
      const size = session.entry.input.size[0];
      const inputs = crops.flatMap((crop) => [crop, mirrored(crop, size)]);
      const logits = await runCrops(session, inputs, ([output]) => output!.slice(), { signal });
      return crops.map((_, i) => decodeEmotions([logits[2 * i]!, logits[2 * i + 1]!]));
    },
  };
}

/** The crop that the network looks at: around the mesh (468 × (x, y, z) in the image), the eyes level. */
export function emotionsCrop(mesh: Float32Array, size: number = EMOTIONS_SIZE): Affine {
  return cropFromMesh(mesh, size, EMOTIONS_ENLARGE);
}

/** In the order of the network's output. */
const ORDER = [
  'angry',
  'disgusted',
  'scared',
  'happy',
  'sad',
  'surprised',
  'calm',
] as const satisfies readonly (keyof NetworkEmotions)[];

/** Reads seven logits for each look at one face: the softmax of their means. */
export function decodeEmotions(looks: readonly Float32Array[]): NetworkEmotions {
  const logits = ORDER.map((_, i) => looks.reduce((sum, look) => sum + look[i]!, 0) / looks.length);
  const top = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - top));
  const sum = shares.reduce((total, share) => total + share, 0);
  return Object.fromEntries(ORDER.map((name, i) => [name, shares[i]! / sum])) as unknown as NetworkEmotions;
}
