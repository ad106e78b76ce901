import type { Attributes, AttributeGroup, Emotions } from '../../core/attributes.ts';
import type { Box } from '../../core/types.ts';
import { type Field, flag, withDefault } from '../fields.ts';
import type { Call } from '../route.ts';
import { wholeBox } from '../whole-box.ts';

/** In front of every path: both versions serve all routes. */
export const VERSION_PATH = '/:v{v[01]}';

/** A box as it is told: four whole numbers. */
export function boxOut(box: Box): { x1: number; y1: number; x2: number; y2: number } {
  const { left, top, right, bottom } = wholeBox(box);
  return { x1: left, y1: top, x2: right, y2: bottom };
}

/** A time as it is told: UTC to the microsecond, without a zone. */
export function timeOut(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000');
}

/** What may be measured of a face; only v1 is asked. */
export const attributeFields = (): {
  readonly gender: Field<boolean>;
  readonly age: Field<boolean>;
  readonly emotions: Field<boolean>;
} => ({
  gender: withDefault(flag('Whether the gender is estimated (v1)'), false),
  age: withDefault(flag('Whether the age is estimated (v1)'), false),
  emotions: withDefault(flag('Whether emotions are estimated (v1)'), false),
});

/** Which of them a call asks for. */
export interface Asked {
  readonly gender: boolean;
  readonly age: boolean;
  readonly emotions: boolean;
}

export function askedOf(
  call: Call<Readonly<Record<string, unknown>>, Asked, unknown>,
): Asked & { readonly details: { readonly attributes?: readonly AttributeGroup[] } } {
  const { gender, age, emotions } = call.fields;
  const isV1 = call.params['v'] !== 'v0';
  const groups: AttributeGroup[] = [];
  if (isV1 && (gender || age)) groups.push('demographics');
  if (isV1 && emotions) groups.push('emotions');
  return {
    ...{ gender: isV1 && gender, age: isV1 && age, emotions: isV1 && emotions },
    details: groups.length > 0 ? { attributes: groups } : {},
  };
}

const EMOTIONS: Readonly<Record<Exclude<keyof Emotions, 'sleepy'>, string>> = {
  angry: 'angry',
  disgusted: 'disgust',
  scared: 'fear',
  happy: 'happy',
  sad: 'sad',
  surprised: 'surprise',
  calm: 'neutral',
};

/** The seven emotions that are told, the surest first. */
export function emotionsOut(
  emotions: Emotions,
): readonly { readonly emotion: string; readonly score: number }[] {
  const told = Object.entries(EMOTIONS).map(([name, emotion]) => ({
    emotion,
    score: emotions[name as keyof Emotions],
  }));
  return told.sort((a, b) => b.score - a.score);
}

/** What was measured of a face, in its words. */
export function attributesOut(
  attributes: Attributes | undefined,
  asked: Asked = { gender: true, age: true, emotions: true },
): { readonly age?: number; readonly gender?: string; readonly emotions?: readonly string[] } {
  const { age, gender, emotions } = attributes ?? {};
  return {
    ...(asked.age && age && { age: age.value }),
    ...(asked.gender && gender && { gender: gender.value }),
    ...(asked.emotions &&
      emotions && {
        emotions: emotionsOut(emotions)
          .slice(0, 2)
          .map(({ emotion }) => emotion),
      }),
  };
}

export const faceSchema: Readonly<Record<string, unknown>> = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    timestamp: { type: 'string' },
    photo: { type: 'string' },
    thumbnail: { type: 'string' },
    normalized: { type: 'string' },
    photo_hash: { type: 'string' },
    x1: { type: 'integer' },
    y1: { type: 'integer' },
    x2: { type: 'integer' },
    y2: { type: 'integer' },
    meta: { type: 'string' },
    galleries: { type: 'array', items: { type: 'string' } },
    person_id: { type: 'integer' },
    friend: { type: 'boolean' },
    cam_id: { type: 'string' },
    age: { type: 'number' },
    gender: { type: 'string' },
    emotions: { type: 'array', items: { type: 'string' } },
  },
};

export const pageSchema = (items: object): Readonly<Record<string, unknown>> => ({
  type: 'object',
  properties: {
    results: { type: 'array', items },
    next_page: { type: ['string', 'null'] },
    prev_page: { type: ['string', 'null'] },
  },
});
