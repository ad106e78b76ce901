import { expect, test } from 'vitest';
import type { Frame, SourceEvent, SourceInfo } from './frame-source.ts';
import { PulledFrames } from './pulled-frames.ts';

/** Three frames, each of which is made when a test says so. */
class Numbers extends PulledFrames<number> {
  readonly info: SourceInfo = { kind: 'images', mediaType: '', width: 1, height: 1, way: 'images' };
  readonly closed: number[] = [];
  readonly made: number[] = [];
  wait: Promise<unknown> = Promise.resolve();
  letsGo = 0;

  constructor(events: SourceEvent[] = []) {
    super((event) => void events.push(event));
  }

  seek(frameIndex: number): Promise<void> {
    return this.goTo(frameIndex, 3);
  }

  protected async make(index: number): Promise<Frame<number> | undefined> {
    if (index >= 3) return undefined;
    this.made.push(index);
    await this.wait;
    const close = (): void => void this.closed.push(index);
    return { index, timeMs: index, width: 1, height: 1, image: index, close };
  }

  protected async letGo(): Promise<void> {
    this.letsGo++;
  }
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('frames come in order, and the end is told once each time that it is reached', async () => {
  const events: SourceEvent[] = [];
  const source = new Numbers(events);
  const all = await Promise.all([source.next(), source.next(), source.next(), source.next(), source.next()]);
  expect(all.map((frame) => frame?.index)).toEqual([0, 1, 2, undefined, undefined]);
  await source.seek(2);
  expect([(await source.next())?.index, await source.next()]).toEqual([2, undefined]);
  expect(events).toEqual([
    { type: 'ended', index: 3 },
    { type: 'ended', index: 3 },
  ]);
  await expect(source.seek(3)).rejects.toMatchObject({ code: 'BAD_PARAM' });
});

test('paused, none is made; closed meanwhile, whoever waits is told that it is over', async () => {
  const source = new Numbers();
  source.pause();
  const asked = source.next();
  await settled();
  expect(source.made).toEqual([]);
  source.resume();
  expect((await asked)?.index).toBe(0);
  source.pause();
  const last = source.next();
  await Promise.all([source.close(), source.close()]);
  expect([await last, source.letsGo]).toEqual([undefined, 1]);
});

test('a frame that was aborted, or closed, while it was made is let go of; the aborted one comes again', async () => {
  const source = new Numbers();
  let go = (): void => undefined;
  const hold = (): void => void (source.wait = new Promise<void>((done) => (go = done)));
  hold();
  const abort = new AbortController();
  const asked = source.next(abort.signal);
  await settled();
  abort.abort();
  go();
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
  expect(source.closed).toEqual([0]);
  expect((await source.next())?.index).toBe(0);
  hold();
  const last = source.next();
  await settled();
  await source.close();
  go();
  expect([await last, source.closed]).toEqual([undefined, [0, 1]]);
});

test('what fails as it is closed is not missed', async () => {
  const source = new Numbers();
  let fail = (_: Error): void => undefined;
  source.wait = new Promise((_, reject) => (fail = reject));
  const last = source.next();
  await settled();
  await source.close();
  fail(new Error('gone'));
  expect(await last).toBeUndefined();
});
