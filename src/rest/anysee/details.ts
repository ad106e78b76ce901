import type { Attribute, Attributes, Emotions } from '../../core/attributes.ts';
import type { Quality } from '../../core/quality.ts';
import type { Face } from '../../core/types.ts';
import type { JsonSchema } from '../fields.ts';
import { wholeRectangle } from '../whole-box.ts';
import type { Asked } from './image.ts';

/** What is told of a face: what was asked for, and nothing else. */
export function detailsOut(
  { position, angle, landmarks, quality, attributes }: Omit<Face, 'score'>,
  asked: Asked,
): Record<string, unknown> {
  return {
    ...(asked.position && { position: wholeRectangle(position) }),
    ...(asked.angle && angle && { angle: wholeCentre(angle) }),
    ...(asked.landmarks &&
      landmarks && { landmarks: landmarks.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })) }),
    ...(asked.quality && quality && { quality: qualityOut(quality) }),
    ...(asked.attributes && attributes && { attributes: attributesOut(attributes) }),
  };
}

function wholeCentre({ pitch, yaw, roll, centerX, centerY }: NonNullable<Face['angle']>): object {
  return { pitch, yaw, roll, centerX: Math.round(centerX), centerY: Math.round(centerY) };
}

function qualityOut(quality: Quality): object {
  const { brightness, sharpness, mouthClosed, centered, size, integrity, completeness } = quality;
  return { brightness, sharpness, mouthClosed, centered, size, integrity, completeness };
}

type Valued = Exclude<keyof Attributes, 'age' | 'emotions'>;

/** How each attribute's values are spelt. */
const WORDS: {
  readonly [Name in Valued]: Readonly<Record<NonNullable<Attributes[Name]>['value'], string>>;
} = {
  gender: { male: 'male', female: 'female' },
  bangs: { without: 'without_bangs', with: 'with_bangs' },
  facialHair: {
    ...{ without: 'without_facial_hair', moustache: 'with_moustache' },
    ...{ beard: 'with_beard', sideburns: 'with_sideburns' },
  },
  helmet: { without: 'without_helmet', with: 'with_helmet' },
  hat: { without: 'without_hat', with: 'with_hat' },
  glasses: {
    without: 'without_glasses',
    transparent: 'with_transparent_glasses',
    sunglasses: 'with_sunglasses',
  },
  mask: {
    ...{ without: 'without_mask', nose_covered: 'with_nose_covered_mask' },
    ...{ mouth_covered: 'with_mouth_covered_mask', fully_covered: 'with_fully_covered_mask' },
  },
};

/** What can be told of a face's looks. */
export const ATTRIBUTES: readonly string[] = ['age', ...Object.keys(WORDS), 'emotions'];

function attributesOut(attributes: Attributes): Record<string, unknown> {
  const { age, emotions } = attributes;
  const valued = Object.entries(WORDS).flatMap(
    ([name, words]: [string, Readonly<Record<string, string>>]) => {
      const found: Attribute<string> | undefined = attributes[name as Valued];
      return found ? [[name, { value: words[found.value], certainty: found.certainty }] as const] : [];
    },
  );
  return {
    ...(age && { age: { value: age.value, upperlimit: age.upperLimit, lowerlimit: age.lowerLimit } }),
    ...Object.fromEntries(valued),
    ...(emotions && { emotions: emotionsOut(emotions) }),
  };
}

/** The surest first. */
function emotionsOut(emotions: Emotions): readonly { readonly value: string; readonly certainty: number }[] {
  return Object.entries(emotions)
    .map(([value, certainty]: [string, number]) => ({ value, certainty }))
    .sort((a, b) => b.certainty - a.certainty);
}

export const detailsSchema: JsonSchema = {
  type: 'object',
  description: 'What was asked for by returnDetails, and nothing else',
  properties: {
    position: { type: 'object' },
    angle: { type: 'object' },
    landmarks: { type: 'array', items: { type: 'object' } },
    quality: { type: 'object' },
    attributes: { type: 'object' },
  },
};
