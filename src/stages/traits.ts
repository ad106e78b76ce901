import type { Attribute, Attributes } from '../core/attributes.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import type { CoveredShares } from './occlusion.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';
import { asksFor, cropsOf, type DetailStage } from './detail-stage.ts';

/** Side of the traits network's input in pixels. */
export const TRAITS_SIZE = 96;

/** How much wider than the mesh's longer side the network's crop is, so that hats and chins are inside. */
export const TRAITS_ENLARGE = 1.8;

/** What the traits network says of a face. */
export interface Traits extends Required<
  Pick<Attributes, 'bangs' | 'facialHair' | 'glasses' | 'helmet' | 'hat'>
> {
  /** Probability of a face mask. */
  readonly masked: number;
}

/** Tells what a face wears, in one pass. */
export interface TraitsModel {
  /** One answer per crop; crops are those of {@link traitsCrop}. */
  describe(crops: readonly Crop[], signal?: AbortSignal): Promise<Traits[]>;
}

/** The traits network on `model`. */
export function createTraits(model: LazyModel): TraitsModel {
  const size = model.entry.input.size[0];
  return {
    async describe(crops, signal) {
      const both = crops.flatMap((crop) => [crop, mirrored(crop, size)]);
      const read = ([logits, helmet]: readonly Float32Array[]): Float32Array =>
        Float32Array.of(...logits!, ...helmet!);
      const outputs = await runCrops(model, both, read, { signal });
      // The mean of a crop's logits and its mirrored crop's: fewer errors for twice the time.
      return crops.map((_, i) =>
        decodeTraits(outputs[2 * i]!.map((logit, k) => (logit + outputs[2 * i + 1]![k]!) / 2)),
      );
    },
  };
}

/** What is worn; a mask hides what emotions are read off. */
export const traitsStage: DetailStage<Traits> = {
  role: 'traits',
  timedAs: 'traits',
  isNeeded: (details) => asksFor(details, 'appearance', 'mask', 'emotions'),
  create(model) {
    const traits = createTraits(model);
    return (faces, signal) => traits.describe(cropsOf(faces, traitsCrop), signal);
  },
};

/** The crop that the traits network looks at: around the mesh (468 × (x, y, z) in the image), the eyes level. */
export function traitsCrop(mesh: Float32Array, size: number = TRAITS_SIZE): Affine {
  return cropFromMesh(mesh, size, TRAITS_ENLARGE);
}

const GLASSES = ['without', 'transparent', 'sunglasses'] as const;
const FACIAL_HAIR = ['without', 'moustache', 'beard', 'sideburns'] as const;

/** Where each answer's logit lies in the network's output. */
const HAT = 7;
const BANGS = 8;
const MASK = 9;
const HELMET = 10;

/**
 * Reads the network's ten logits (three of glasses, four of facial hair, hat, bangs, mask) and that of a helmet. A certainty is the
 * probability of the value given; those of glasses, facial hair, hat, bangs and helmet are calibrated (models/face-traits.md).
 */
export function decodeTraits(logits: Float32Array): Traits {
  return {
    glasses: likeliest(GLASSES, logits.subarray(0, 3)),
    facialHair: likeliest(FACIAL_HAIR, logits.subarray(3, 7)),
    helmet: decided(sigmoid(logits[HELMET]!)),
    hat: decided(sigmoid(logits[HAT]!)),
    bangs: decided(sigmoid(logits[BANGS]!)),
    masked: sigmoid(logits[MASK]!),
  };
}

/** From this covered share of nose or mouth on there is room for a mask. */
const MASK_COVERS = 0.4;

/**
 * A mask's probability, shared out among what it may cover, as if nose and mouth were covered independently. The networks must
 * agree: what hides neither nose nor mouth is no mask, but lipstick or a beard.
 */
export function maskOf(
  masked: number,
  { nose, mouth }: Pick<CoveredShares, 'nose' | 'mouth'>,
): Required<Attributes>['mask'] {
  const probability = masked * Math.min(1, Math.max(nose, mouth) / MASK_COVERS);
  if (probability < 0.5) return { value: 'without', certainty: 1 - probability };
  const chances = [
    ['nose_covered', nose * (1 - mouth)],
    ['mouth_covered', mouth * (1 - nose)],
    ['fully_covered', nose * mouth],
  ] as const;
  const sum = chances.reduce((total, [, chance]) => total + chance, 0);
  const [value, chance] = chances.reduce((best, other) => (other[1] > best[1] ? other : best));
  return { value, certainty: (probability * chance) / sum };
}

function decided(probability: number): Attribute<'without' | 'with'> {
  return probability < 0.5
    ? { value: 'without', certainty: 1 - probability }
    : { value: 'with', certainty: probability };
}

/** The value with the highest logit and its share of the softmax. */
function likeliest<T extends string>(values: readonly T[], logits: Float32Array): Attribute<T> {
  const top = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - top), 0);
  return { value: values[logits.indexOf(top)]!, certainty: 1 / sum };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
