import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

const { signal } = new AbortController();

test('events are read in order, those from before the reader too', async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.push(2);
  const third = [queue.next(), queue.next(), queue.next()];
  queue.push(3);
  queue.end();
  queue.push(4);
  expect((await Promise.all(third)).map(({ value }) => value)).toEqual([1, 2, 3]);
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test('a failure comes after the events before it, once', async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.fail(new Error('gone'));
  expect(await queue.next()).toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toThrow('gone');
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test('a failure reaches a reader that waits', async () => {
  const queue = new EventQueue<number>();
  const readers = [queue.next(), queue.next()];
  queue.fail(new Error('gone'));
  await expect(readers[0]).rejects.toThrow('gone');
  expect(await readers[1]).toEqual({ done: true, value: undefined });
});

test('a producer waits until enough was read, and no longer once it is over', async () => {
  const queue = new EventQueue<number>();
  [1, 2, 3].forEach((event) => queue.push(event));
  let free = 0;
  const waiting = queue.untilFewerThan(2, signal).then(() => (free = queue.length));
  await queue.next();
  expect(free).toBe(0);
  await queue.next();
  await waiting;
  expect(free).toBe(1);
  queue.push(4);
  const again = queue.untilFewerThan(1, signal);
  queue.end();
  await again;
});

test('several producers wait, and none is forgotten', async () => {
  const queue = new EventQueue<number>();
  [1, 2].forEach((event) => queue.push(event));
  const waiting = [2, 1, 2].map((count) => queue.untilFewerThan(count, signal));
  await queue.next();
  await queue.next();
  await Promise.all(waiting);
  expect(queue.length).toBe(0);
});

test('a producer that is stopped waits no longer', async () => {
  const queue = new EventQueue<number>();
  [1, 2].forEach((event) => queue.push(event));
  const stopper = new AbortController();
  const waiting = queue.untilFewerThan(1, stopper.signal);
  stopper.abort();
  await waiting;
  await queue.untilFewerThan(1, stopper.signal);
  expect(queue.length).toBe(2);
});
