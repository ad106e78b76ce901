import { expect, test } from 'vitest';
import { EventLane } from './event-lane.ts';

test('pieces are done one after the other; nobody waits until many do', async () => {
  const lane = new EventLane();
  const log: number[] = [];
  let go: (() => void) | undefined;
  await lane.add(() => new Promise((resolve) => (go = resolve)));
  for (let i = 0; i < 63; i++) await lane.add(async () => void log.push(i));
  let isAdded = false;
  const added = lane.add(async () => void log.push(63)).then(() => (isAdded = true));
  await Promise.resolve();
  expect([log.length, isAdded]).toEqual([0, false]);
  go?.();
  await added;
  expect(log).toEqual(Array.from({ length: 64 }, (_, i) => i));
});

test('what fails is thrown at the end, and the rest is done', async () => {
  const lane = new EventLane();
  let isDone = false;
  await lane.add(() => Promise.reject(new Error('first')));
  await lane.add(async () => void (isDone = true));
  await expect(lane.done()).rejects.toThrow('first');
  expect(isDone).toBe(true);
});
