import { describe, expect, test } from 'vitest';
import { isSearchDue, NO_SEARCH_YET, searched, type SearchPlan, skipped } from './search-plan.ts';

/** The frames of a file, 40 ms apart, in which faces are looked for everywhere. */
function searchedFrames(count: number, cuts: readonly number[], still: readonly number[] = []): number[] {
  const frames: number[] = [];
  let plan = NO_SEARCH_YET;
  for (let frame = 0; frame < count; frame++) {
    const isCut = cuts.includes(frame);
    const isDue = !still.includes(frame) && (isCut || isSearchDue(plan, 40 * frame, undefined));
    if (isDue) frames.push(frame);
    plan = isDue ? searched(plan, 40 * frame, 5, isCut) : skipped(plan);
  }
  return frames;
}

describe('when a file is searched whole', () => {
  test('every third frame, and the first three, and those after a cut', () => {
    expect(searchedFrames(20, [12])).toEqual([0, 1, 2, 5, 8, 11, 12, 13, 14, 17]);
  });

  test('the first three in which something moves', () => {
    expect(searchedFrames(12, [], [0, 1, 3])).toEqual([2, 4, 5, 8, 11]);
  });
});

test('a live source is searched as the machine can, whatever is new', () => {
  const plan = searched(NO_SEARCH_YET, 0, 100, false);
  const due = (from: SearchPlan, times: readonly number[], isPressed: boolean): boolean[] =>
    times.map((timeMs) => isSearchDue(from, timeMs, { isPressed }));
  expect(due(plan, [100, 599, 600], false)).toEqual([false, false, true]);
  const fast = searched(NO_SEARCH_YET, 0, 10, true);
  expect(due(fast, [40, 119, 120], false)).toEqual([false, false, true]);
  expect(due(fast, [120, 239, 240], true)).toEqual([false, false, true]);
});
