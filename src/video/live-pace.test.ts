import { expect, test } from 'vitest';
import { LivePace, type Leisure } from './live-pace.ts';

/** A frame every 40 ms that takes so long, the time of each and what is done in it. */
function leisures(
  frames: readonly { took: number; task?: 'search' | 'embed'; dropped?: number }[],
): Leisure[] {
  let now = 0;
  let index = 0;
  const pace = new LivePace(() => now);
  return frames.map(({ took, task, dropped = 0 }) => {
    index += 1 + dropped;
    pace.begin({ index, timeMs: 40 * index });
    if (task) pace.hasDone(task);
    now += took;
    pace.end();
    return pace.leisure;
  });
}

test('a frame that was searched leaves no time for a shot; one whose faces were told apart, for a first one', () => {
  expect(leisures([{ took: 10 }, { took: 30, task: 'search' }, { took: 30, task: 'embed' }])).toEqual([
    'any',
    'none',
    'first',
  ]);
});

test('what takes longer than a frame is made up for before shots are improved', () => {
  const light = { took: 20 };
  expect(leisures([{ took: 100 }, light, light, light, light])).toEqual([
    'any',
    'first',
    'first',
    'first',
    'any',
  ]);
});

test('frames that were dropped have made up for it', () => {
  expect(leisures([{ took: 100 }, { took: 20, dropped: 2 }])).toEqual(['any', 'any']);
});

test('a search waits while frames do, and after a frame whose faces were told apart', () => {
  let now = 0;
  const pace = new LivePace(() => now);
  const pressed = [10, 60, 10, 10, 10].map((took, i) => {
    pace.begin({ index: i, timeMs: 40 * i });
    const { isPressed } = pace;
    if (i === 3) pace.hasDone('embed');
    now += took;
    pace.end();
    return isPressed;
  });
  expect(pressed).toEqual([false, false, true, false, true]);
});
