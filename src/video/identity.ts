import { type MeanLook, unitOf } from './appearance.ts';
import type { MeanFace, TrackMatch } from './events.ts';

export type { MeanFace } from './events.ts';

/** A mean whose cosine with the one that was looked up is below this has changed enough to be looked up again. */
const CHANGED_COSINE = 0.97;
/** Least time between two searches of a track, in ms of the video. */
const LEAST_EVERY_MS = 400;
/** An answer for the same face has improved when its confidence has risen by this much. */
const IMPROVED_BY = 0.02;

/** What is known of who a track is. */
export interface Identity {
  /** The mean embedding that was looked up last, how far it could be trusted, and when. */
  readonly asked: Float32Array;
  readonly reliability: number;
  readonly askedMs: number;
  readonly matches: readonly TrackMatch[];
}

/** A track's mean; undefined where it has none. Its reliability is that of its embeddings, those that count most counting most. */
export function meanFaceOf(look: MeanLook | undefined): MeanFace | undefined {
  const embedding = look && unitOf(look);
  return embedding && { embedding, reliability: Math.min(1, look.squares / look.weight) };
}

/** Whether a track's mean should be looked up: it never was, or has changed since. */
export function isSearchDue(identity: Identity | undefined, mean: MeanFace, timeMs: number): boolean {
  if (!identity) return true;
  if (timeMs - identity.askedMs < LEAST_EVERY_MS) return false;
  const { embedding, reliability } = mean;
  return dot(identity.asked, embedding) < CHANGED_COSINE || reliability > identity.reliability + IMPROVED_BY;
}

/** The identity after a search, and what is to be told: the first answer, that it improved or changed, or nothing. */
export function answered(
  before: Identity | undefined,
  mean: MeanFace,
  timeMs: number,
  matches: readonly TrackMatch[],
): [Identity, 'identified' | 'updated' | undefined] {
  const asked = { asked: mean.embedding, reliability: mean.reliability, askedMs: timeMs };
  if (!before) return [{ ...asked, matches }, 'identified'];
  const [old] = before.matches;
  const [now] = matches;
  const isOther = old?.record.id !== now?.record.id;
  // A look that can be trusted less takes nobody's name away.
  if (isOther && old && mean.reliability < before.reliability)
    return [{ ...asked, matches: before.matches }, undefined];
  const isBetter = old && now && certainty(now) >= certainty(old) + IMPROVED_BY;
  return [{ ...asked, matches }, isOther || isBetter ? 'updated' : undefined];
}

function certainty({ confidence, cosine }: TrackMatch): number {
  return confidence ?? cosine;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
