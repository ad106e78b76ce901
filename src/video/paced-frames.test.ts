import { expect, test } from 'vitest';
import type { Frame, FrameSource, SourceInfo } from './frame-source.ts';
import { type Clock, PacedFrames } from './paced-frames.ts';
import { Pause } from './pause.ts';

const info: SourceInfo = { kind: 'file', mediaType: 'video/mp4', width: 1, height: 1, way: 'webcodecs' };

/** Frames at 25 a second; `failsAt` cannot be read. */
class Recorded implements FrameSource<number> {
  readonly info: SourceInfo = info;
  readonly dropped = 0;
  readonly closed: number[] = [];
  #index = 0;
  readonly #count: number;
  readonly #failsAt: number;

  constructor(count: number, failsAt: number = Infinity) {
    this.#count = count;
    this.#failsAt = failsAt;
  }

  async next(signal?: AbortSignal): Promise<Frame<number> | undefined> {
    signal?.throwIfAborted();
    const index = this.#index++;
    if (index === this.#failsAt) throw new Error('damaged');
    if (index >= this.#count || index > this.#failsAt) return undefined;
    const close = (): void => void this.closed.push(index);
    return { index, timeMs: index * 40, width: 1, height: 1, image: index, close };
  }

  async seek(frameIndex: number): Promise<void> {
    this.#index = frameIndex;
  }

  pause(): void {}
  resume(): void {}
  async close(): Promise<void> {}
}

class FakeClock implements Clock {
  ms = 5000;
  now(): number {
    return this.ms;
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }
}

test('a taker that keeps up gets every frame at its time', async () => {
  const clock = new FakeClock();
  const paced = new PacedFrames(new Recorded(5), clock);
  const times = [];
  for (let frame = await paced.next(); frame; frame = await paced.next()) {
    times.push([frame.index, clock.ms - 5000]);
    clock.ms += 15;
  }
  expect(times).toEqual([[0, 0], [1, 40], [2, 80], [3, 120], [4, 160]]); // prettier-ignore
  expect(paced.dropped).toBe(0);
});

test('a slow one gets the newest that is due; the others are closed and counted', async () => {
  const clock = new FakeClock();
  const source = new Recorded(12);
  const paced = new PacedFrames(source, clock);
  const indices = [];
  for (let frame = await paced.next(); frame; frame = await paced.next()) {
    indices.push(frame.index);
    clock.ms += 100;
  }
  expect(indices).toEqual([0, 2, 5, 7, 10, 11]);
  expect(source.closed).toEqual([1, 3, 4, 6, 8, 9]);
  expect(paced.dropped).toBe(6);
});

test('what fails is told after the frame before it, once', async () => {
  const paced = new PacedFrames(new Recorded(9, 2), new FakeClock());
  expect((await paced.next())?.index).toBe(0);
  expect((await paced.next())?.index).toBe(1);
  await expect(paced.next()).rejects.toThrow('damaged');
  expect(await paced.next()).toBeUndefined();
});

test('a pause makes no frame late; a seek begins anew', async () => {
  const clock = new FakeClock();
  const paced = new PacedFrames(new Recorded(100), clock);
  await paced.next();
  paced.pause();
  clock.ms += 60_000;
  paced.resume();
  expect((await paced.next())?.index).toBe(1);
  await paced.seek(50);
  expect((await paced.next())?.index).toBe(50);
  expect((await paced.next())?.index).toBe(51);
  expect(paced.dropped).toBe(0);
});

/** A recorded source that gives nothing while it is paused. */
class Pausing extends Recorded {
  readonly #pause = new Pause();

  override async next(signal?: AbortSignal): Promise<Frame<number> | undefined> {
    await this.#pause.over(signal);
    return super.next(signal);
  }

  override pause(): void {
    this.#pause.begin();
  }

  override resume(): void {
    this.#pause.end();
  }
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('while it is paused nothing is given, neither what was read ahead nor what was waited for', async () => {
  const clock = new FakeClock();
  const paced = new PacedFrames(new Pausing(9), clock);
  let given: (number | undefined)[] = [];
  const ask = async (): Promise<void> => void given.push((await paced.next())?.index);
  await ask();
  // The second frame was read ahead.
  paced.pause();
  void ask();
  await settled();
  expect(given).toEqual([0]);
  paced.resume();
  await settled();
  expect(given).toEqual([0, 1]);
  let wake = (): void => undefined;
  clock.sleep = () => new Promise((done) => (wake = done));
  void ask();
  await settled();
  paced.pause();
  wake();
  await settled();
  expect(given).toEqual([0, 1]);
  paced.resume();
  await settled();
  expect([given, paced.dropped]).toEqual([[0, 1, 2], 0]);
  given = [];
  await paced.close();
});

test('paused while it is behind: no frame is dropped by the pause', async () => {
  const clock = new FakeClock();
  const paced = new PacedFrames(new Pausing(9), clock);
  await paced.next();
  clock.ms += 45;
  // The frame after the one that is due is looked for as it is paused.
  const asked = paced.next();
  paced.pause();
  await settled();
  clock.ms += 60_000;
  paced.resume();
  expect((await asked)?.index).toBe(1);
  expect((await paced.next())?.index).toBe(2);
  expect(paced.dropped).toBe(0);
});

test('aborted while it waits for a frame: the frame is kept', async () => {
  const clock = new FakeClock();
  const source = new Recorded(5);
  const paced = new PacedFrames(source, clock);
  await paced.next();
  const abort = new AbortController();
  clock.sleep = () => new Promise(() => abort.abort());
  await expect(paced.next(abort.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  clock.sleep = async (ms) => void (clock.ms += ms);
  expect((await paced.next())?.index).toBe(1);
  const again = new AbortController();
  clock.sleep = () => new Promise(() => again.abort());
  await expect(paced.next(again.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  await paced.close();
  expect(source.closed).toEqual([2]);
});
