import { expect, test, vi } from 'vitest';
import { readPiece } from './read-piece.ts';

test('a read is held by a timer while it waits, and by none when it has ended', async () => {
  vi.useFakeTimers();
  try {
    let push: (piece: number) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const stream = new ReadableStream<number>({
      start: (controller) => {
        push = (piece) => controller.enqueue(piece);
        fail = (error) => controller.error(error);
      },
    });
    const reader = stream.getReader();
    const first = readPiece(reader);
    expect(vi.getTimerCount()).toBe(1);
    push(7);
    expect(await first).toEqual({ done: false, value: 7 });
    expect(vi.getTimerCount()).toBe(0);

    const second = readPiece(reader);
    expect(vi.getTimerCount()).toBe(1);
    fail(new Error('the cable is out'));
    await expect(second).rejects.toThrow('the cable is out');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
