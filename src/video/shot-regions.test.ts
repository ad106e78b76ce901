import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometryFromList, geometryFromText, isReported, reportedBox } from './regions.ts';
import {
  DEFAULT_SHOT_RULES,
  leaveShots,
  NO_SHOTS,
  type ShotRules,
  type ShotState,
  takeShot,
} from './shot.ts';

function reports(scores: readonly number[], rules: Partial<ShotRules>, everyMs = 100): number[] {
  const all = { ...DEFAULT_SHOT_RULES, ...rules };
  let state: ShotState<number> = NO_SHOTS;
  const told: number[] = [];
  scores.forEach((score, i) => {
    const [next, report] = takeShot(state, { timeMs: i * everyMs, score, shot: i }, all);
    state = next;
    if (report) told.push(report.shot);
  });
  const last = leaveShots(state, all)[1];
  if (last) told.push(last.shot);
  return told;
}

describe('shots', () => {
  it('are reported in real time once good enough, and then when better by a step', () => {
    expect(reports([0.2, 0.3, 0.34, 0.36, 0.4, 0.42], {})).toEqual([1, 3, 5]);
  });

  it('wait for the delay, and begin anew after the refresh', () => {
    expect(reports([0.4, 0.6, 0.7, 0.8], { delayMs: 200 })).toEqual([0, 2]);
    expect(reports([0.9, 0.5, 0.5, 0.5, 0.5], { refreshMs: 300 })).toEqual([0, 3]);
  });

  it('are offline the best alone, when the face has left', () => {
    expect(reports([0.4, 0.9, 0.9, 0.5], { realtime: false })).toEqual([1]);
    expect(reports([0.1, NaN], { realtime: false })).toEqual([]);
  });
});

describe('regions', () => {
  it('count negative offsets from the right and bottom edges', () => {
    expect(geometryFromText('200x100+10+20', 640, 480)).toEqual({
      left: 10,
      top: 20,
      width: 200,
      height: 100,
    });
    expect(geometryFromText('200x100-0-20', 640, 480)).toEqual({
      left: 440,
      top: 360,
      width: 200,
      height: 100,
    });
    expect(geometryFromList([200, 100, -5, 20], 640, 480)).toMatchObject({ left: 435, top: 20 });
  });

  it('lie in the picture or are refused, for any text', () => {
    const sign = fc.constantFrom('+', '-');
    const whole = fc.nat(2000);
    fc.assert(
      fc.property(whole, whole, sign, whole, sign, whole, (w, h, sx, x, sy, y) => {
        const text = `${w}x${h}${sx}${x}${sy}${y}`;
        let box;
        try {
          box = geometryFromText(text, 640, 480);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_PARAM' });
          return;
        }
        expect(box.width > 0 && box.height > 0 && box.left >= 0 && box.top >= 0).toBe(true);
        expect(box.left + box.width <= 640 && box.top + box.height <= 480).toBe(true);
      }),
    );
    for (const text of ['', '10x10', 'x', '10x10+1', '1.5x2+0+0'])
      expect(() => geometryFromText(text, 640, 480)).toThrow(/geometry must be/);
  });

  it('judge a face by its centre, shorter and longer side', () => {
    const box = { left: 100, top: 100, width: 40, height: 60 };
    expect(isReported(box, { minFaceSize: 40, maxFaceSize: 60 })).toBe(true);
    expect(isReported(box, { minFaceSize: 41 })).toBe(false);
    expect(isReported(box, { maxFaceSize: 59 })).toBe(false);
    expect(isReported(box, { roi: { left: 120, top: 130, width: 5, height: 5 } })).toBe(true);
    expect(isReported(box, { roi: { left: 121, top: 130, width: 5, height: 5 } })).toBe(false);
    expect(reportedBox(box, 2)).toEqual({ left: 80, top: 70, width: 80, height: 120 });
    expect(reportedBox(box, 1)).toEqual(box);
  });
});
