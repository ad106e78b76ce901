import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FaceSeen } from './track.ts';
import type { TrackedBox } from './track-events.ts';
import { endTracker, planTracker, predictTracks, startTracker, stepTracker } from './tracker.ts';
import { DEFAULT_TRACKER } from './tracker-options.ts';

/** Somebody who walks through the picture: where at first, how far a frame, and in which frames a detector sees it. */
const walker = fc.record({
  left: fc.double({ min: 0, max: 600, noNaN: true }),
  top: fc.double({ min: 0, max: 400, noNaN: true }),
  dx: fc.double({ min: -9, max: 9, noNaN: true }),
  dy: fc.double({ min: -4, max: 4, noNaN: true }),
  width: fc.double({ min: 30, max: 110, noNaN: true }),
  seen: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
});
const people = fc.array(walker, { minLength: 1, maxLength: 5 });
type People = typeof people extends fc.Arbitrary<infer T> ? T : never;

/** What a detector and an embedding model would see of them, frame by frame. */
function framesOf(of: People): FaceSeen[][] {
  return Array.from({ length: 24 }, (_, frame) =>
    of.flatMap(({ left, top, dx, dy, width, seen }, person) =>
      seen[frame]
        ? [
            {
              box: { left: left + dx * frame, top: top + dy * frame, width, height: 1.2 * width },
              score: 0.9 - 0.01 * person,
              embedding: Float32Array.from({ length: 6 }, (__, axis) => (axis === person ? 1 : 0)),
              reliability: 1,
            },
          ]
        : [],
    ),
  );
}

function run(frames: readonly (readonly FaceSeen[])[]) {
  let state = startTracker(DEFAULT_TRACKER);
  const steps = frames.map((faces, index) => {
    const frame = { index, timeMs: 40 * index };
    const wanted = new Set(planTracker(state, faces, frame).map(({ face }) => face));
    const seen = faces.map(({ box, score, embedding, reliability }, i) =>
      wanted.has(i) ? { box, score, embedding, reliability } : { box, score },
    );
    const [next, step] = stepTracker(state, seen, frame);
    state = next;
    return step;
  });
  return { steps, state, end: endTracker(state)[1].events };
}

/** Each track as the places it was seen at, whatever it is called. */
function ways(steps: readonly { readonly active: readonly TrackedBox[] }[]): string[] {
  const of = new Map<number, string[]>();
  steps.forEach(({ active }, frame) => {
    for (const { trackId, box, predicted } of active)
      if (!predicted) of.set(trackId, [...(of.get(trackId) ?? []), `${frame} ${box.left} ${box.top}`]);
  });
  return [...of.values()].map((way) => way.join(', ')).sort();
}

describe('the tracker', () => {
  test('answers the same observations by the same tracks, to the last digit', () => {
    fc.assert(
      fc.property(people, (of) => {
        const [first, second] = [run(framesOf(of)), run(framesOf(of))];
        expect(second).toEqual(first);
      }),
      { numRuns: 40 },
    );
  });

  test('does not care in which order a frame is told', () => {
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 4 }), (of, turn) => {
        const frames = framesOf(of);
        const turned = frames.map((faces, i) => {
          const by = (turn + i) % Math.max(1, faces.length);
          return [...faces.slice(by), ...faces.slice(0, by)].reverse();
        });
        expect(ways(run(turned).steps)).toEqual(ways(run(frames).steps));
      }),
      { numRuns: 60 },
    );
  });

  test('numbers faces that come together by how sure they are, then from left to right', () => {
    const at = (left: number, score: number): FaceSeen => ({
      box: { left, top: 9, width: 50, height: 60 },
      score,
    });
    const faces = [at(100, 0.7), at(300, 0.9), at(200, 0.9)];
    for (const told of [faces, faces.toReversed()]) {
      const { active } = run([told, told]).steps[1]!;
      expect(active.map(({ trackId, box }) => [trackId, box.left])).toEqual([
        [1, 200],
        [2, 300],
        [3, 100],
      ]);
    }
  });

  test('gives no face to two tracks, no track two faces, and no number twice', () => {
    fc.assert(
      fc.property(people, (of) => {
        const { steps, end } = run(framesOf(of));
        for (const { active } of steps) {
          const faces = active.flatMap(({ face }) => (face === undefined ? [] : [face]));
          expect(new Set(faces).size).toBe(faces.length);
          expect(new Set(active.map(({ trackId }) => trackId)).size).toBe(active.length);
        }
        const events = [...steps.flatMap((step) => step.events), ...end];
        const idsOf = (type: string): number[] =>
          events.flatMap((event) => (event.type === type ? [event.trackId] : []));
        expect(new Set(idsOf('appeared')).size).toBe(idsOf('appeared').length);
        // Whoever appeared is lost once.
        expect(idsOf('lost').sort()).toEqual(idsOf('appeared').sort());
      }),
      { numRuns: 40 },
    );
  });
});

describe('predictions', () => {
  const moving = (frames: number) => {
    const faces = Array.from({ length: frames }, (_, i): FaceSeen[] => [
      { box: { left: 100 + 5 * i, top: 50, width: 80, height: 100 }, score: 0.9 },
    ]);
    return run(faces).state;
  };

  test('carry a face on at its speed', () => {
    const state = moving(20);
    const [now] = predictTracks(state, 40 * 19);
    const [later] = predictTracks(state, 40 * 21);
    expect(now).toMatchObject({ trackId: 1, predicted: true });
    expect(now!.box.left).toBeCloseTo(195, 0);
    expect(later!.box.left).toBeCloseTo(205, 0);
    expect(later!.box.width).toBeCloseTo(80, 0);
  });

  test('for half a second, and change nothing', () => {
    const state = moving(20);
    const before = JSON.stringify(state);
    const [half] = predictTracks(state, 40 * 19 + 500);
    expect(predictTracks(state, 40 * 19 + 5000)[0]!.box).toEqual(half!.box);
    expect(JSON.stringify(state)).toBe(before);
  });

  test('tell of nobody who is not confirmed, or was missed for long', () => {
    expect(predictTracks(moving(1), 40)).toEqual([]);
    const [seen, gone] = [10, 5].map((frames) => Array.from({ length: frames }, () => frames === 10));
    const box = { left: 100, top: 50, width: 80, height: 100 };
    const frames = [...seen!, ...gone!].map((there): FaceSeen[] => (there ? [{ box, score: 0.9 }] : []));
    expect(predictTracks(run(frames).state, 40 * 15)).toEqual([]);
  });
});
