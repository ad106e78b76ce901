import { expect, test } from 'vitest';
import { NearFaceError } from './errors.ts';
import { SerialQueue } from './serial-queue.ts';

const later = (ms = 1): Promise<void> => new Promise((done) => setTimeout(done, ms));

test('jobs run one at a time, in order', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const job = (name: string, ms: number) => async () => {
    log.push(`${name} starts`);
    await later(ms);
    log.push(`${name} ends`);
    return name;
  };
  const names = await Promise.all([queue.run(job('a', 5)), queue.run(job('b', 1)), queue.run(job('c', 0))]);
  expect(names).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('a failed job, sync or async, does not poison the next', async () => {
  const queue = new SerialQueue();
  const failures = [
    queue.run(() => Promise.reject(new Error('async'))),
    queue.run(() => {
      throw new Error('sync');
    }),
  ];
  const good = queue.run(() => 7);
  await expect(failures[0]).rejects.toThrow('async');
  await expect(failures[1]).rejects.toThrow('sync');
  await expect(good).resolves.toBe(7);
  await expect(queue.run(() => 8)).resolves.toBe(8);
});

test('a job aborted while it waits rejects at once and never starts', async () => {
  const queue = new SerialQueue();
  const aborter = new AbortController();
  let started = false;
  let ended = false;
  const slow = queue.run(async () => {
    await later(20);
    ended = true;
  });
  const waiting = queue.run(() => {
    started = true;
  }, aborter.signal);
  aborter.abort(new Error('changed my mind'));
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'changed my mind' } });
  expect(ended).toBe(false);
  await slow;
  await expect(queue.run(() => 'next')).resolves.toBe('next');
  expect(started).toBe(false);
});

test('an aborted signal is refused, and a running job gets its signal', async () => {
  const queue = new SerialQueue();
  await expect(queue.run(() => 1, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  const aborter = new AbortController();
  const running = queue.run(async (signal) => {
    await later(5);
    return signal?.aborted;
  }, aborter.signal);
  await later();
  aborter.abort();
  await expect(running).resolves.toBe(true);
});

test('close rejects what waits and what comes, and lets the running job end', async () => {
  const queue = new SerialQueue();
  const running = queue.run(async () => {
    await later(5);
    return 'done';
  });
  const waiting = queue.run(() => 1);
  const error = new NearFaceError('DISPOSED', 'gone');
  queue.close(error);
  queue.close(new Error('twice'));
  await expect(waiting).rejects.toBe(error);
  await expect(queue.run(() => 1)).rejects.toBe(error);
  await expect(running).resolves.toBe('done');
});
