import { expect, test } from 'vitest';
import { NearFaceError } from './errors.ts';
import { SerialQueue } from './serial-queue.ts';

const later = (ms = 1): Promise<void> => new Promise((done) => setTimeout(done, ms));

test('functions run one at a time, in order', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const work = (name: string, ms: number) => async () => {
    log.push(`${name} starts`);
    await later(ms);
    log.push(`${name} ends`);
    return name;
  };
  const names = await Promise.all([
    queue.run(work('a', 5)),
    queue.run(work('b', 1)),
    queue.run(work('c', 0)),
  ]);
  expect(names).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('a failed function, sync or async, does not poison the next', async () => {
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

test('a function aborted while it waits rejects at once and never starts', async () => {
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

test('an aborted signal is refused, and a running function gets its signal', async () => {
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

test('close rejects what waits and what comes, and lets the running function end', async () => {
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

test('of a series only the newest that waits is run; other calls keep their place', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const frame = (name: string, series: string) => queue.run(() => void log.push(name), undefined, series);
  const running = queue.run(() => later(5), undefined, 'camera');
  const first = frame('camera 1', 'camera');
  const photo = queue.run(() => void log.push('photo'));
  const other = frame('door 1', 'door');
  const second = frame('camera 2', 'camera');
  await expect(first).rejects.toMatchObject({ code: 'ABORTED', details: { reason: 'superseded' } });
  await Promise.all([running, photo, other, second]);
  expect(log).toEqual(['photo', 'door 1', 'camera 2']);
});
