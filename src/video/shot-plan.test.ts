import { describe, expect, test } from 'vitest';
import type { FrameFace } from '../core/frames.ts';
import type { Leisure } from './live-pace.ts';
import { afterShot, type LiveTime, planShots, promiseOf, type ShotPlan } from './shot-plan.ts';

const face = (width: number, score = 0.9): FrameFace => ({
  box: { left: 0, top: 0, width, height: width },
  score,
});

const ANY: LiveTime = { last: undefined, leisure: 'any' };

/** When a face that never gets better is measured within some seconds. */
function times(live: boolean, faceAt: (timeMs: number) => FrameFace = () => face(80)): number[] {
  const measured: number[] = [];
  let plan: ShotPlan | undefined;
  for (let timeMs = 0; timeMs <= 8000; timeMs += 40) {
    const one = faceAt(timeMs);
    if (planShots([{ trackId: 1, face: one, plan }], timeMs, live ? ANY : undefined).length === 0) continue;
    plan = afterShot(plan, one, timeMs, { isBetter: measured.length === 0, live });
    measured.push(timeMs);
  }
  return measured;
}

describe('when shots are measured', () => {
  test('at first, soon after, then less and less often; of a file never less than every half second', () => {
    const gaps = (live: boolean): number[] => times(live).map((time, i, all) => time - (all[i - 1] ?? 0));
    expect(gaps(false).slice(0, 3)).toEqual([0, 120, 200]);
    expect(Math.max(...gaps(false))).toBeLessThanOrEqual(440);
    expect(Math.max(...gaps(true))).toBeGreaterThan(1400);
    expect(times(true).length).toBeLessThan(times(false).length / 2);
  });

  test('at once when the face promises to be better', () => {
    const clearer = times(true, (timeMs) => face(80, timeMs < 4000 ? 0.6 : 0.9));
    expect(clearer).toContain(4000);
  });

  test('not for a face that is larger than the embedding model needs', () => {
    expect(promiseOf(face(200))).toBe(promiseOf(face(120)));
    expect(promiseOf(face(40))).toBeLessThan(promiseOf(face(60)));
    const eyes = [
      { x: 10, y: 10 },
      { x: 22, y: 10 },
    ] as const;
    expect(promiseOf({ ...face(80), eyes })).toBeCloseTo(12 * 0.9);
  });

  test('of three faces in a frame at most, those first that never were', () => {
    const plan = afterShot(undefined, face(80), 0, { isBetter: true, live: false });
    const candidates = [1, 2, 3, 4].map((trackId) => ({
      trackId,
      face: face(80),
      plan: trackId > 1 ? plan : undefined,
    }));
    expect(planShots(candidates, 200, undefined).map(({ trackId }) => trackId)).toEqual([1, 2, 3]);
    expect(planShots(candidates, 200, ANY).map(({ trackId }) => trackId)).toEqual([1]);
  });

  test('of a live source a fifth of the time is for better shots; a first one does not wait', () => {
    const plan = afterShot(undefined, face(80), 0, { isBetter: true, live: true });
    const last = { timeMs: 0, tookMs: 60 };
    const live = { last, leisure: 'any' } as const;
    const due = (timeMs: number, known: ShotPlan | undefined): number =>
      planShots([{ trackId: 1, face: face(80), plan: known }], timeMs, live).length;
    expect([due(200, plan), due(280, plan), due(320, plan)]).toEqual([0, 0, 1]);
    expect(due(40, undefined)).toBe(1);
  });

  test('of a live source as the frame leaves time for', () => {
    const plan = afterShot(undefined, face(80), 0, { isBetter: true, live: true });
    const due = (leisure: Leisure, known: ShotPlan | undefined): number =>
      planShots([{ trackId: 1, face: face(80), plan: known }], 400, { last: undefined, leisure }).length;
    expect((['any', 'first', 'none'] as const).map((leisure) => due(leisure, plan))).toEqual([1, 0, 0]);
    expect((['any', 'first', 'none'] as const).map((leisure) => due(leisure, undefined))).toEqual([1, 1, 0]);
  });
});
