import type { Emotions } from '../core/attributes.ts';
import type { ShapeLayer } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { CanonicalFace } from '../geometry/pose.ts';
import type { Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import { faceShape } from './face-shape.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';
import { asksFor, cropsOf, type DetailStage } from './detail-stage.ts';
import { sleepiness } from '../geometry/eyelids.ts';

/** Side of the expression network's input in pixels. */
export const EMOTIONS_SIZE = 112;

/** How much wider than the mesh's longer side its crop is; chosen by measurement (models/expression.md). */
export const EMOTIONS_ENLARGE = 1.2;

/** The emotions that the network tells apart; `sleepy` is read off the eyelids. */
export type NetworkEmotions = Omit<Emotions, 'sleepy'>;

/** A face: its crop is that of {@link emotionsCrop}, its mesh 468 × (x, y, z) in the image. */
export interface FaceToRead extends Crop {
  readonly mesh: Float32Array;
}

/** Tells the expression of a face. */
export interface EmotionsModel {
  /**
   * One answer per face. Each is looked at twice, as it is and mirrored, which doubles the cost and takes away some of the
   * errors.
   */
  estimate(faces: readonly FaceToRead[], signal?: AbortSignal): Promise<NetworkEmotions[]>;
}

/** The expression network on `model`; if its entry has a layer for the shape of the mesh, that counts as well. */
export function createEmotions(model: LazyModel, canonical: CanonicalFace): EmotionsModel {
  const { input, shape } = model.entry;
  return {
    async estimate(faces, signal) {
      const inputs = faces.flatMap((face) => [face, mirrored(face, input.size[0])]);
      const logits = await runCrops(model, inputs, ([output]) => output!.slice(), { signal });
      return faces.map(({ mesh }, i) => {
        const ofShape = shape && shapeLogits(faceShape(mesh, canonical, shape.points), shape);
        return decodeEmotions([logits[2 * i]!, logits[2 * i + 1]!], ofShape);
      });
    },
  };
}

/** The expression, and how far the eyelids are down. */
export const emotionsStage: DetailStage<Emotions> = {
  role: 'emotion',
  timedAs: 'emotions',
  isNeeded: (details) => asksFor(details, 'emotions'),
  create(model, canonicalFace) {
    const emotions = createEmotions(model, canonicalFace);
    return async (faces, signal) => {
      const found = await emotions.estimate(cropsOf(faces, emotionsCrop), signal);
      return found.map((each, i) => ({ ...each, sleepy: sleepiness(faces[i]!.mesh.points) }));
    };
  },
};

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

/** Seven logits of what {@link faceShape} gives. */
export function shapeLogits(shape: Float32Array, { weights }: ShapeLayer): Float32Array {
  const logits = new Float32Array(ORDER.length);
  shape.forEach((value, i) => {
    for (let j = 0; j < logits.length; j++) logits[j]! += value * weights[logits.length * i + j]!;
  });
  return logits;
}

/** Reads seven logits for each look at one face: the softmax of their means, to which those of its shape are added. */
export function decodeEmotions(
  looks: readonly Float32Array[],
  ofShape: Float32Array = new Float32Array(ORDER.length),
): NetworkEmotions {
  const logits = ORDER.map(
    (_, i) => looks.reduce((sum, look) => sum + look[i]!, 0) / looks.length + ofShape[i]!,
  );
  const top = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - top));
  const sum = shares.reduce((total, share) => total + share, 0);
  return Object.fromEntries(ORDER.map((name, i) => [name, shares[i]! / sum])) as unknown as NetworkEmotions;
}
