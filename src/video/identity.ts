import { dot } from '../core/dot.ts';
import { type MeanLook, reliabilityOfMean, unitOf } from '../core/mean-look.ts';
import type { MeanFace, TrackMatch } from './events.ts';

export type { MeanFace } from './events.ts';

/** A mean whose cosine with the one that was looked up is below this has changed enough to be looked up again; while nobody was found, below the second. */
const CHANGED_COSINE = 0.97;
const CHANGED_UNKNOWN = 0.995;
/** Means of a lower cosine are not one: the rest is rounding. */
const ANOTHER_COSINE = 1 - 1e-6;
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
  return embedding && { embedding, reliability: reliabilityOfMean(look) };
}

/** Whether a track's mean should be looked up: it never was, or has changed since. */
export function isSearchDue(identity: Identity | undefined, mean: MeanFace, timeMs: number): boolean {
  if (!identity) return true;
  return timeMs - identity.askedMs >= LEAST_EVERY_MS && hasChanged(identity, mean, CHANGED_UNKNOWN);
}

/** Whether the mean of a track that ends should be looked up once more: nobody was found yet, and it is another one than was asked for. */
export function isLastSearchDue(identity: Identity | undefined, mean: MeanFace): boolean {
  return !identity || hasChanged(identity, mean, ANOTHER_COSINE);
}

/** @param unknown - the cosine of another mean while nobody was found */
function hasChanged(
  { asked, matches, reliability: before }: Identity,
  { embedding, reliability }: MeanFace,
  unknown: number,
): boolean {
  const changed = matches.length > 0 ? CHANGED_COSINE : unknown;
  return dot(asked, embedding) < changed || reliability > before + IMPROVED_BY;
}

/**
 * The identity after a search, and what is to be told: the first answer, that it improved or changed, or nothing. A track is one face, so
 * that who was found once is not unknown again: only somebody else takes the name away, by a mean that can be trusted as much.
 */
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
  if (isOther && old && (!now || mean.reliability < before.reliability))
    return [{ ...asked, matches: before.matches }, undefined];
  const isBetter = old && now && certainty(now) >= certainty(old) + IMPROVED_BY;
  return [{ ...asked, matches }, isOther || isBetter ? 'updated' : undefined];
}

function certainty({ confidence, cosine }: TrackMatch): number {
  return confidence ?? cosine;
}
