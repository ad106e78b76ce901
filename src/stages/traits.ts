import type { Attribute, Attributes } from '../core/attributes.ts';
import type { ModelSession } from '../core/model-session.ts';
import type { Completeness } from '../core/quality.ts';
import type { Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';

/** Side of the traits network's input in pixels. */
export const TRAITS_SIZE = 96;

/** How much wider than the mesh's longer side the network's crop is, so that hats and chins are inside. */
export const TRAITS_ENLARGE = 1.8;

/** What the traits network says of a face. */
export interface Traits extends Required<
  Pick<Attributes, 'bangs' | 'facialHair' | 'glasses' | 'hat' | 'mask'>
> {
  readonly completeness: Completeness;
}

/** Tells what a face wears and what hides it, in one pass. */
export interface TraitsModel {
  /** One answer per crop; crops are those of {@link traitsCrop}. */
  describe(crops: readonly Crop[], signal?: AbortSignal): Promise<Traits[]>;
}

/** The traits network on `session`. */
export function createTraits(session: ModelSession): TraitsModel {
  const size = session.entry.input.size[0];
  return {
    async describe(crops, signal) {
      const both = crops.flatMap((crop) => [crop, mirrored(crop, size)]);
      const outputs = await runCrops(session, both, (views) => views.map((view) => view.slice()), { signal });
      return crops.map((_, i) => decodeTraits(withMirrored(outputs[2 * i]!, outputs[2 * i + 1]!)));
    },
  };
}

/** The mean of a crop's outputs and its mirrored crop's, whose left and right parts change places: fewer errors for twice the time. */
function withMirrored(
  [traits, covered]: readonly Float32Array[],
  [otherTraits, otherCovered]: readonly Float32Array[],
): Float32Array[] {
  return [
    traits!.map((logit, i) => (logit + otherTraits![i]!) / 2),
    covered!.map((logit, part) => (logit + otherCovered![MIRRORED_PARTS[part]!]!) / 2),
  ];
}

/** The crop that the traits network looks at: around the mesh (468 × (x, y, z) in the image), the eyes level. */
export function traitsCrop(mesh: Float32Array, size: number = TRAITS_SIZE): Affine {
  return cropFromMesh(mesh, size, TRAITS_ENLARGE);
}

const GLASSES = ['without', 'transparent', 'sunglasses'] as const;
const FACIAL_HAIR = ['without', 'moustache', 'beard', 'sideburns'] as const;

/** Where each answer's logits lie in the network's first output. */
const HAT = 7;
const BANGS = 8;
const MASK = 9;

/** The parts in the order of the network's second output, and how much of a face each is; the shares add up to 1. */
const PARTS = [
  ['leftEyeBrow', 0.07],
  ['rightEyeBrow', 0.07],
  ['leftEye', 0.13],
  ['rightEye', 0.13],
  ['nose', 0.2],
  ['mouth', 0.2],
  ['faceContour', 0.2],
] as const satisfies readonly (readonly [Exclude<keyof Completeness, 'total'>, number])[];
const [LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, NOSE, MOUTH, CONTOUR] = [0, 1, 2, 3, 4, 5, 6] as const;

/** Each part's place in a mirror. */
const MIRRORED_PARTS = [RIGHT_BROW, LEFT_BROW, RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, CONTOUR] as const;

/**
 * The estimated covered shares from which on a part counts as touched, and at which as gone, part by part: at the first, held-out
 * faces with nothing before them stay whole; estimates are drawn towards the usual, so that a covered part seldom reaches 1,
 * and of the contour, which goes around the whole face, half is all that one thing covers. Source: models/face-traits.md.
 */
const SPANS: readonly (readonly [touched: number, gone: number])[] = [
  [0.2, 0.7],
  [0.2, 0.7],
  [0.22, 0.75],
  [0.22, 0.75],
  [0.1, 0.65],
  [0.08, 0.7],
  [0.05, 0.4],
];

/**
 * Reads the network's two outputs: ten logits of traits (three of glasses, four of facial hair, hat, bangs, mask) and seven
 * of the parts' covered shares. A certainty is the probability of the value given; those of glasses, facial hair, hat and
 * bangs are calibrated (models/face-traits.md).
 */
export function decodeTraits([traits, covered]: readonly Float32Array[]): Traits {
  const shares = Array.from(covered!, sigmoid);
  return {
    glasses: likeliest(GLASSES, traits!.subarray(0, 3)),
    facialHair: likeliest(FACIAL_HAIR, traits!.subarray(3, 7)),
    hat: decided(sigmoid(traits![HAT]!)),
    bangs: decided(sigmoid(traits![BANGS]!)),
    mask: maskOf(sigmoid(traits![MASK]!), shares[NOSE]!, shares[MOUTH]!),
    completeness: completenessOf(shares),
  };
}

/** The visible share of each part, from the covered ones; `total` is their mean, weighted by how much of a face each is. */
function completenessOf(shares: readonly number[]): Completeness {
  const visible = shares.map((share, part) => {
    const [touched, gone] = SPANS[part]!;
    return 1 - Math.min(Math.max((share - touched) / (gone - touched), 0), 1);
  });
  return {
    total: PARTS.reduce((sum, [, weight], part) => sum + weight * visible[part]!, 0),
    leftEyeBrow: visible[LEFT_BROW]!,
    rightEyeBrow: visible[RIGHT_BROW]!,
    leftEye: visible[LEFT_EYE]!,
    rightEye: visible[RIGHT_EYE]!,
    nose: visible[NOSE]!,
    mouth: visible[MOUTH]!,
    faceContour: visible[CONTOUR]!,
  };
}

/** The mask's probability is shared out among what it may cover, as if nose and mouth were covered independently. */
function maskOf(mask: number, nose: number, mouth: number): Traits['mask'] {
  if (mask < 0.5) return { value: 'without', certainty: 1 - mask };
  const chances = [
    ['nose_covered', nose * (1 - mouth)],
    ['mouth_covered', mouth * (1 - nose)],
    ['fully_covered', nose * mouth],
  ] as const;
  const sum = chances.reduce((total, [, chance]) => total + chance, 0);
  const [value, chance] = chances.reduce((best, other) => (other[1] > best[1] ? other : best));
  return { value, certainty: sum > 0 ? (mask * chance) / sum : 0 };
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
