import { expect, test } from 'vitest';
import type { ImageInput } from '../../../api/image-input.ts';
import { ImageFrames } from './image-frames.ts';

const start = (): never => {
  throw new Error('nothing is decoded here');
};

test('images that never come keep nobody from closing', async () => {
  // eslint-disable-next-line require-yield -- it waits for ever
  async function* never(): AsyncGenerator<ImageInput> {
    await new Promise(() => undefined);
  }
  const frames = new ImageFrames(never(), { fps: 25, start });
  const abort = new AbortController();
  const asked = frames.next(abort.signal);
  abort.abort();
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
  await frames.close();
  expect(await frames.next()).toBeUndefined();
}, 3000);

test('an iterator that is not asked is ended, and its end waited for', async () => {
  let isOver = false;
  const images = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error('not asked')),
      return: async () => {
        await new Promise((done) => setTimeout(done, 5));
        isOver = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  await new ImageFrames(images, { fps: 25, start }).close();
  expect(isOver).toBe(true);
});
