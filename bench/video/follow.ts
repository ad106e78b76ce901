/** Runs the tracker over simulated detections, and measures it. */
import { iou } from '../../src/geometry/boxes.ts';
import { between } from '../../src/video/kalman-box.ts';
import type { Sight } from '../../src/video/track.ts';
import type { TrackEvent } from '../../src/video/track-events.ts';
import {
  endTracker,
  planTracker,
  predictTracks,
  startTracker,
  stepTracker,
} from '../../src/video/tracker.ts';
import type { TrackerOptions } from '../../src/video/tracker-options.ts';
import { addClear, type ClearCounts, clearCounts, mota } from './metrics/clear.ts';
import { type NamedBox, scoreFrames } from './metrics/frames.ts';
import { addHota, type HotaCounts, hotaCounts, hotaOf } from './metrics/hota.ts';
import { addIdentity, idf1, type IdentityCounts, identityCounts } from './metrics/identity.ts';
import type { SimulatedFace } from './simulate.ts';
import { PICTURE, type Scene } from './trajectories.ts';

export interface FollowOptions {
  readonly tracker: TrackerOptions;
  /** Faces are looked for in every so many-th frame. */
  readonly stride: number;
  /** Whether what came before a track was confirmed is given to it afterwards. */
  readonly backlog: boolean;
}

export type Answers = readonly (readonly NamedBox[])[];

export interface Followed {
  /** What the tracker said, per frame. */
  readonly answers: Answers;
  readonly events: readonly TrackEvent[];
  /** Faces embedded. */
  readonly embedded: number;
}

/** One pass of the tracker over a scene. */
export function follow(
  scene: Scene,
  faces: readonly (readonly SimulatedFace[])[],
  { tracker, stride, backlog }: FollowOptions,
): Followed {
  let state = startTracker(tracker);
  const answers = scene.frames.map(() => new Map<number, NamedBox>());
  const events: TrackEvent[] = [];
  const put = (frame: number, named: NamedBox): void => void answers[frame]?.set(named.id, named);
  let embedded = 0;
  scene.frames.forEach((_, index) => {
    const timeMs = (index * 1000) / PICTURE.fps;
    const cut = scene.cuts.includes(index);
    if (index % stride !== 0 && !cut) {
      for (const { trackId, box } of predictTracks(state, timeMs)) put(index, { id: trackId, box });
      return;
    }
    const found = faces[index]!;
    const seen = found.map((face) => face.seen);
    const frame = { index, timeMs, cut };
    const wanted = new Set(planTracker(state, seen, frame).map(({ face }) => face));
    embedded += wanted.size;
    const known = found.map((face, i) => (wanted.has(i) ? { ...face.seen, ...face.embed() } : face.seen));
    const [next, step] = stepTracker(state, known, frame);
    state = next;
    events.push(...step.events);
    for (const { trackId, box } of step.active) put(index, { id: trackId, box });
    for (const event of backlog ? step.events : [])
      if (event.type !== 'lost')
        for (const { frame: at, box } of wayOf(event.sights)) put(at, { id: event.trackId, box });
  });
  events.push(...endTracker(state)[1].events);
  return { answers: answers.map((named) => [...named.values()]), events, embedded };
}

/** A box for each frame from the first sight to the last but one. */
function wayOf(sights: readonly Sight[]): { frame: number; box: NamedBox['box'] }[] {
  return sights.slice(1).flatMap((to, i) => {
    const from = sights[i]!;
    const span = to.frameIndex - from.frameIndex;
    return Array.from({ length: span }, (_, n) => ({
      frame: from.frameIndex + n,
      box: between(from.box, to.box, n / span),
    }));
  });
}

/**
 * OC-SORT's published output: a track's box only from the third sight in a row on (`min_hits`). A track is confirmed at its
 * third sight, so that the first that is heard of it counts as the third.
 */
export function publishedOutput(answers: Answers, minHits = 3): NamedBox[][] {
  const known = new Set<number>();
  let streaks = new Map<number, number>();
  return answers.map((named) => {
    streaks = new Map(named.map(({ id }) => [id, known.has(id) ? (streaks.get(id) ?? 0) + 1 : minHits]));
    for (const { id } of named) known.add(id);
    return named.filter(({ id }) => streaks.get(id)! >= minHits);
  });
}

/** Counts of a scene or of several. */
export interface Counts {
  readonly clear: ClearCounts;
  readonly identity: IdentityCounts;
  readonly hota: readonly HotaCounts[];
  readonly crossings: number;
  readonly embedded: number;
  readonly frames: number;
}

export function measure(scene: Scene, answers: Answers, embedded: number): Counts {
  const frames = scene.frames.map((faces, i) => ({
    truth: faces.map(({ person, box }) => ({ id: person, box })),
    answer: answers[i]!,
  }));
  const scored = scoreFrames(frames, iou);
  return {
    clear: clearCounts(scored),
    identity: identityCounts(scored),
    hota: hotaCounts(scored),
    crossings: scene.crossings,
    embedded,
    frames: frames.length,
  };
}

export function addCounts(all: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number): number => all.reduce((total, each) => total + of(each), 0);
  return {
    clear: addClear(all.map(({ clear }) => clear)),
    identity: addIdentity(all.map(({ identity }) => identity)),
    hota: addHota(all.map(({ hota }) => hota)),
    crossings: sum(({ crossings }) => crossings),
    embedded: sum(({ embedded }) => embedded),
    frames: sum(({ frames }) => frames),
  };
}

/** The figures of a table's row. */
export function figures(counts: Counts): Record<string, number> {
  const { hota, detA, assA } = hotaOf(counts.hota);
  return {
    IDF1: idf1(counts.identity),
    MOTA: mota(counts.clear),
    HOTA: hota,
    DetA: detA,
    AssA: assA,
    switches: counts.clear.switches,
    crossings: counts.crossings,
    'per 10 crossings': (10 * counts.clear.switches) / Math.max(1, counts.crossings),
    'embedded a frame': counts.embedded / counts.frames,
  };
}
