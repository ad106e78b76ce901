import { expect, test } from 'vitest';
import { type Clock, keepFor } from './retention.ts';

const DAY = 24 * 3600 * 1000;

test('history is pruned at once and once an hour, until it is ended; what fails is tried again', async () => {
  let [now, hourly, ended] = [100 * DAY, (): void => {}, false];
  const clock: Clock = {
    now: () => now,
    hourly: (work) => {
      hourly = work;
      return () => (ended = true);
    },
  };
  const pruned: number[] = [];
  const end = keepFor(
    30,
    async (before) => {
      pruned.push(before);
      throw new Error('the database is busy');
    },
    clock,
  );
  expect(pruned).toEqual([70 * DAY]);
  now += 3600 * 1000;
  hourly();
  await Promise.resolve();
  expect(pruned).toEqual([70 * DAY, 70 * DAY + 3600 * 1000]);
  end();
  expect(ended).toBe(true);
});
