import { expect, test } from 'vitest';
import { LiveFrames } from './live-frames.ts';

const INFO = { kind: 'live', mediaType: '', width: 4, height: 4, way: 'processor' } as const;

test('a source that fails while it is paused tells so when it goes on', async () => {
  const live = new LiveFrames<string>(INFO, {});
  let closed = 0;
  live.offer({ image: 'before', width: 4, height: 4, close: () => void closed++ }, 0);
  live.pause();
  live.fail(new Error('from another origin'));
  live.resume();
  await expect(live.next()).rejects.toThrow('from another origin');
  expect(await live.next()).toBeUndefined();
  expect(closed).toBe(1);
});

test('a source that ends while it is paused has ended when it goes on', async () => {
  const live = new LiveFrames<string>(INFO, {});
  live.offer({ image: 'before', width: 4, height: 4, close: () => undefined }, 0);
  live.pause();
  live.end();
  live.resume();
  expect(await live.next()).toBeUndefined();
});
