import { reliabilityOfMean, unitOf } from '../core/mean-look.ts';
import { type Appearance, judgeLook, type Verdict } from './appearance.ts';
import { assign } from './assignment.ts';
import { continueAs, type Track } from './track.ts';
import type { Moved, TrackEvent } from './track-events.ts';
import type { TrackerOptions } from './tracker-options.ts';

/**
 * Finds tracks that are not confirmed yet to be lost ones that came back, once their faces could be embedded: the lost one goes
 * on in the younger one's place.
 */
export function reviveBorn(
  moved: readonly Moved[],
  { appearance, reviveMs }: TrackerOptions,
  timeMs: number,
): { kept: readonly Moved[]; events: TrackEvent[] } {
  if (!appearance) return { kept: moved, events: [] };
  const born = moved.filter(({ track }) => track.id === 0 && track.misses === 0 && track.look);
  const lost = moved.filter(
    ({ track }) => track.id > 0 && track.misses > 0 && track.look && timeMs - track.last.timeMs <= reviveMs,
  );
  if (born.length === 0 || lost.length === 0) return { kept: moved, events: [] };
  const sameness = (young: Track, old: Track): number => {
    if (old.last.timeMs >= young.first.timeMs) return 0;
    const verdict = judgeTracks(appearance, young, old);
    return verdict?.isSame ? verdict.confidence : 0;
  };
  const costs = born.flatMap((young) => lost.map((old) => -sameness(young.track, old.track)));
  const assigned = assign(costs, born.length, lost.length);
  const joined = new Map<number, Track>();
  born.forEach(({ track }, i) => {
    const j = assigned[i]!;
    if (j >= 0 && costs[i * lost.length + j]! < 0) joined.set(track.key, lost[j]!.track);
  });
  const taken = new Set([...joined.values()].map(({ key }) => key));
  const kept = moved.flatMap((each) => {
    const old = joined.get(each.track.key);
    if (old) return [{ ...each, track: continueAs(old, each.track) }];
    return taken.has(each.track.key) ? [] : [each];
  });
  const events = born.flatMap(({ track }): TrackEvent[] => {
    const old = joined.get(track.key);
    return old ? [{ type: 'returned', trackId: old.id, since: old.last, sights: track.pending }] : [];
  });
  return { kept, events };
}

/** Whether a young track's looks show that it is none of the lost ones; true where none is lost. */
export function isToldFrom(young: Track, lost: readonly Track[], { appearance }: TrackerOptions): boolean {
  return !appearance || lost.every((old) => judgeTracks(appearance, young, old)?.isDifferent === true);
}

/** Compares the means of two tracks; undefined where one has none. */
function judgeTracks(appearance: Appearance, young: Track, old: Track): Verdict | undefined {
  const embedding = young.look && unitOf(young.look);
  if (!embedding || !old.look) return undefined;
  return judgeLook(appearance, { embedding, reliability: reliabilityOfMean(young.look) }, old.look);
}
