import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameQueue } from './frame-queue.ts';
import type { Frame } from './frame-source.ts';

const closed: number[] = [];

const frame = (index: number): Frame<string> => ({
  index,
  timeMs: index * 40,
  width: 1,
  height: 1,
  image: `picture ${index}`,
  close: () => void closed.push(index),
});

test('newest only: what waited is dropped, closed and counted', async () => {
  closed.length = 0;
  const queue = new FrameQueue<string>(1);
  for (let k = 0; k < 5; k++) queue.push(frame(k));
  expect((await queue.next())?.index).toBe(4);
  expect([queue.dropped, closed]).toEqual([4, [0, 1, 2, 3]]);
  const next = queue.next();
  queue.push(frame(5));
  queue.push(frame(6));
  expect((await next)?.index).toBe(5);
  expect((await queue.next())?.index).toBe(6);
  expect(queue.dropped).toBe(4);
});

test('an end and a failure come after what waits; the failure is told once', async () => {
  const queue = new FrameQueue<string>();
  queue.push(frame(0));
  queue.fail(new Error('damaged'));
  queue.push(frame(1));
  expect(closed).toContain(1);
  expect((await queue.next())?.index).toBe(0);
  await expect(queue.next()).rejects.toThrow('damaged');
  expect(await queue.next()).toBeUndefined();
  queue.restart();
  queue.push(frame(7));
  queue.end();
  expect((await queue.next())?.index).toBe(7);
  expect(await queue.next()).toBeUndefined();
});

test('a pause holds frames back, but not the end', async () => {
  const queue = new FrameQueue<string>();
  queue.pause();
  queue.push(frame(0));
  let served = 0;
  const next = queue.next().then((given) => (served++, given));
  await Promise.resolve();
  expect(served).toBe(0);
  queue.resume();
  expect((await next)?.index).toBe(0);
  queue.pause();
  const last = queue.next();
  queue.end();
  expect(await last).toBeUndefined();
});

test('an aborted call takes nothing', async () => {
  const queue = new FrameQueue<string>();
  const abort = new AbortController();
  const [aborted, other] = [queue.next(abort.signal), queue.next()];
  abort.abort('why');
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'why' });
  queue.push(frame(3));
  expect((await other)?.index).toBe(3);
  await expect(queue.next(abort.signal)).rejects.toMatchObject({ code: 'ABORTED' });
});

test('whatever is pushed and taken: each frame is given or closed, once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('push', 'take', 'abort', 'pause', 'resume'), { maxLength: 60 }),
      fc.constantFrom(1, 3, Infinity),
      async (steps, limit) => {
        closed.length = 0;
        const queue = new FrameQueue<string>(limit);
        const given: number[] = [];
        const taking: Promise<void>[] = [];
        const take = (signal?: AbortSignal): void =>
          void taking.push(
            queue.next(signal).then(
              (taken) => void (taken && given.push(taken.index)),
              () => undefined,
            ),
          );
        let pushed = 0;
        for (const step of steps) {
          if (step === 'push') queue.push(frame(pushed++));
          if (step === 'take') take();
          if (step === 'pause') queue.pause();
          if (step === 'resume') queue.resume();
          if (step !== 'abort') continue;
          const abort = new AbortController();
          take(abort.signal);
          abort.abort();
        }
        queue.close();
        await Promise.all(taking);
        expect(given).toEqual([...given].sort((a, b) => a - b));
        expect([...given, ...closed].sort((a, b) => a - b)).toEqual(
          Array.from({ length: pushed }, (_, k) => k),
        );
        if (limit === Infinity) expect(queue.dropped).toBe(0);
      },
    ),
  );
});
