import type { BestShot, LostEvent, Person } from 'nearface';
import { personName } from '../model/person-words.ts';

/** One stretch of a video in which somebody was seen. */
export interface VideoAppearance {
  readonly trackId: number;
  /** As the session told it. */
  readonly lost: LostEvent;
  readonly person: string;
  readonly personId?: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Of the best shot, 0..1. */
  readonly quality?: number | undefined;
  /** With the closest face that passed, −1..1. */
  readonly similarity?: number | undefined;
  readonly shot?: BestShot | undefined;
  /** Of the shot's thumbnail. */
  readonly url?: string | undefined;
}

/** A person's appearances, in a row. */
export interface VideoLane {
  /** The person's id; of somebody who was not seen well enough for one, the track's. */
  readonly key: string;
  readonly name: string;
  readonly isNamed: boolean;
  readonly appearances: readonly VideoAppearance[];
}

/** Tracks shorter than this that were never seen well are no appearances. */
const SHORTEST_MS = 200;

/** What a track that has ended was; nothing for what was hardly seen. */
export function appearanceOf(event: LostEvent, startTime: number): VideoAppearance | undefined {
  const { trackId, best: shot, matches, firstFrame, lastFrame, firstTimeMs, lastTimeMs, reason } = event;
  if (reason === 'same' || (!shot && lastTimeMs - firstTimeMs < SHORTEST_MS)) return undefined;
  const [match] = matches;
  return {
    ...{ trackId, lost: event, shot, firstFrame, lastFrame },
    personId: event.personId ?? match?.record.personId,
    person: match?.record.meta ?? '',
    startMs: firstTimeMs - startTime,
    endMs: lastTimeMs - startTime,
    quality: shot?.score,
    similarity: match?.cosine,
    url: shot && URL.createObjectURL(shot.thumbnail),
  };
}

/** A lane for each person, in the order in which they came. */
export function lanesOf(
  appearances: readonly VideoAppearance[],
  byId: (id: string) => Person | undefined,
): readonly VideoLane[] {
  const lanes = new Map<string, VideoAppearance[]>();
  for (const one of appearances.toSorted((a, b) => a.startMs - b.startMs)) {
    const key = one.personId ?? `track-${one.trackId}`;
    lanes.set(key, [...(lanes.get(key) ?? []), one]);
  }
  return [...lanes].map(([key, some]) => {
    const person = byId(key);
    const called = person?.meta || (some.find((one) => one.person)?.person ?? '');
    const name = called || (person ? personName(person) : 'Somebody');
    return { key, name, isNamed: called !== '', appearances: some };
  });
}

/** The appearance of a lane that shows the face best. */
export function bestOf({ appearances }: VideoLane): VideoAppearance {
  return appearances.reduce((best, one) => ((one.quality ?? -1) > (best.quality ?? -1) ? one : best));
}
