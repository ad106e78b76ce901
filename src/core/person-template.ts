import {
  coherenceOf,
  type Look,
  type MeanLook,
  meanOfLooks,
  reliabilityOfMean,
  unitOf,
} from './mean-look.ts';
import type { FaceRecord } from './records.ts';
import { byteReliability, reliabilityByte } from './reliability.ts';

/** Several faces of one person as one. */
export interface PersonTemplate {
  /**
   * Points where the mean of the embeddings does, weighted by their reliabilities, and is a little shorter than 1: its product with a
   * probe of unit length is a cosine that says as much as one of two faces.
   */
  readonly vector: Float32Array<ArrayBuffer>;
  /** That of its faces, those that count most counting most; a multiple of 1/255. */
  readonly reliability: number;
}

/** What a face of reliability 0 counts, so that a person who has no better ones has a template too. */
const LEAST_RELIABILITY = byteReliability(1);

/** By how much cosines of strangers grow in a mean: by the coherence to the power of minus this. */
const COHERENCE_POWER = 0.3;

/**
 * The template of some faces; nothing where they cancel each other out.
 *
 * In a mean what is by chance in single photos fades, so that it is more like the person, and, by less, more like strangers too: on
 * lfw-dev, of means of 2, 3, 5 and 7 photos, strangers pass `medium` 1.2, 1.4, 1.8 and 2.0 times as often as of single photos. Their
 * cosines grow with a power of the coherence (the length of the mean of unit vectors), {@link COHERENCE_POWER}, which is undone
 * here. It was fitted to half of the people; on the other half strangers then pass `medium` in 0.057, 0.057, 0.070 and 0.084 % of pairs
 * (0.055 % with single photos, 0.1 % is promised).
 */
export function personTemplate(faces: readonly Look[]): PersonTemplate | undefined {
  return templateOfMean(meanOfLooks(faces.map(lookForTemplate)));
}

/** A face as it counts in a template. */
export function lookForTemplate({ embedding, reliability }: Look): Look {
  return {
    embedding,
    reliability: reliability === undefined ? undefined : Math.max(LEAST_RELIABILITY, reliability),
  };
}

/** The template that a mean of such faces is. */
export function templateOfMean(mean: MeanLook | undefined): PersonTemplate | undefined {
  const unit = mean && unitOf(mean);
  if (!unit) return undefined;
  const length = coherenceOf(mean) ** COHERENCE_POWER;
  const reliability = byteReliability(reliabilityByte(reliabilityOfMean(mean)));
  return { vector: unit.map((value) => value * length), reliability };
}

/**
 * Who a face is of, as a key: the person of `nf.people` that it is of, or else the name that it carries, or else nobody but itself. Two
 * people of one name are two.
 */
export function personKeyOf({
  id,
  meta,
  personId,
}: Pick<FaceRecord, 'id' | 'meta'> & { readonly personId?: string }): string {
  return personId !== undefined ? `person ${personId}` : meta ? `meta ${meta}` : `face ${id}`;
}
