import { expect, test } from 'vitest';
import { blobOf } from './stream-blob.ts';

const streamOf = (
  pieces: readonly unknown[],
  onCancel = (): void => undefined,
): ReadableStream<Uint8Array> => {
  const left = [...pieces];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left.length === 0) controller.close();
      else controller.enqueue(left.shift() as Uint8Array);
    },
    cancel: onCancel,
  });
};

test('all bytes in their order, of a stream of many megabytes too', async () => {
  const pieces = Array.from({ length: 21 }, (_, i) => new Uint8Array(1e6).fill(i));
  const blob = await blobOf(streamOf(pieces), 'image/png');
  expect([blob.size, blob.type]).toEqual([21e6, 'image/png']);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  expect(pieces.every((_, i) => bytes[i * 1e6] === i && bytes[(i + 1) * 1e6 - 1] === i)).toBe(true);
  expect((await blobOf(streamOf([]), '')).size).toBe(0);
});

test("the stream's own error is passed on", async () => {
  const error = new Error('the cable is out');
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(error) });
  await expect(blobOf(stream, '')).rejects.toBe(error);
});

test('an abort ends a read that waits, and tells the source', async () => {
  const aborter = new AbortController();
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => undefined),
    cancel: () => void (cancelled = true),
  });
  const reading = blobOf(stream, '', aborter.signal);
  aborter.abort();
  await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  expect(cancelled).toBe(true);
  await expect(blobOf(streamOf([]), '', aborter.signal)).rejects.toMatchObject({ code: 'ABORTED' });
});

test('a piece that is not bytes is refused, and the source told', async () => {
  let cancelled = false;
  const stream = streamOf([new Uint8Array(1), 'text', new Uint8Array(1)], () => void (cancelled = true));
  await expect(blobOf(stream, '')).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'stream' } });
  expect(cancelled).toBe(true);
});
