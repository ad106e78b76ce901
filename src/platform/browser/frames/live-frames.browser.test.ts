/** Live sources: streams by both ways, and the page's own `<video>`. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { drawNumber } from '../../../../tools/video/bar-code.ts';
import type { FrameSource, SourceEvent } from '../../../video/frame-source.ts';
import { openFrames } from './open-frames.ts';
import type { Picture } from './picture.ts';
import { openStream } from './stream-frames.ts';
import { HEIGHT, look, numbered, type Seen, watchFrames, WIDTH } from './test-frames.ts';

const undo: (() => void)[] = [];

afterEach(() => {
  for (const back of undo.splice(0).reverse()) back();
});

/** A canvas that shows another number every 20 ms, as a camera. */
class Camera {
  readonly canvas: HTMLCanvasElement = document.createElement('canvas');
  readonly stream: MediaStream;
  /** Not drawn on while it is so. */
  isStill = false;
  drawn = 0;

  constructor() {
    this.size(WIDTH, HEIGHT);
    this.stream = this.canvas.captureStream(50);
    const timer = setInterval(() => this.draw(), 20);
    undo.push(() => {
      clearInterval(timer);
      for (const track of this.stream.getTracks()) track.stop();
    });
  }

  get track(): MediaStreamTrack {
    return this.stream.getVideoTracks()[0]!;
  }

  size(width: number, height: number): void {
    Object.assign(this.canvas, { width, height });
    this.draw();
  }

  draw(): void {
    if (!this.isStill) drawNumber(this.canvas.getContext('2d')!, this.drawn++);
  }
}

const take = async (source: FrameSource<Picture>, count: number): Promise<Seen[]> => {
  const seen: Seen[] = [];
  while (seen.length < count) seen.push(look((await source.next())!));
  return seen;
};

const rises = (values: readonly number[]): boolean =>
  values.every((value, k) => k === 0 || value > values[k - 1]!);

/** How many frames are open that were made since. */
function countOpen(): () => number {
  const watched = watchFrames();
  undo.push(watched.stop);
  return () => watched.open.size;
}

describe.each([
  ['processor', true],
  ['video-frame-callback', false],
] as const)('a stream by %s', (way, useProcessor) => {
  const openCamera = (
    stream: MediaStream,
    options: Parameters<typeof openStream>[1] = {},
  ): FrameSource<Picture> & { events: SourceEvent[] } => {
    const events: SourceEvent[] = [];
    const source = openStream(stream, { useProcessor, onEvent: (event) => events.push(event), ...options });
    undo.push(() => void source.close());
    return Object.assign(source, { events });
  };

  test('frames as they come, with their size and rising times', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream);
    const seen = await take(source, 15);
    expect(source.info).toMatchObject({ kind: 'live', way, width: WIDTH, height: HEIGHT });
    expect(seen[0]!.timeMs).toBe(0);
    expect(rises(seen.map(({ timeMs }) => timeMs))).toBe(true);
    expect(rises(seen.map(({ number }) => number))).toBe(true);
    expect(source.events).toEqual([]);
  });

  test('of frames that wait only the newest is kept; the others are counted and closed', async () => {
    const count = countOpen();
    const camera = new Camera();
    const source = openCamera(camera.stream);
    look((await source.next())!);
    const slow: Seen[] = [];
    for (let k = 0; k < 4; k++) {
      await new Promise((done) => setTimeout(done, 250));
      const shown = camera.drawn;
      slow.push(look((await source.next())!));
      // The newest, not one of those before.
      expect(shown - slow.at(-1).number).toBeLessThan(8);
    }
    const last = slow.at(-1).index;
    expect(source.dropped).toBeGreaterThanOrEqual(10);
    // All that were not taken: five were, one may wait.
    expect([last + 1, last + 2]).toContain(source.dropped + 5);
    await source.close();
    expect(count()).toBe(0);
  });

  test('every frame in order, if nobody is slow', async () => {
    const source = openCamera(new Camera().stream, { dropFrames: false });
    const seen = await take(source, 5);
    await new Promise((done) => setTimeout(done, 150));
    seen.push(...(await take(source, 5)));
    expect(rises(seen.map(({ index }) => index))).toBe(true);
    // A page that is busy is not shown every frame; those it missed are counted.
    const missed = seen.at(-1).index + 1 - seen.length;
    expect(source.dropped).toBeGreaterThanOrEqual(missed);
    if (useProcessor) expect(missed).toBe(0);
  });

  test('a slow taker of every frame: so many wait, and the others are counted', async () => {
    const count = countOpen();
    const source = openCamera(new Camera().stream, { dropFrames: false });
    look((await source.next())!);
    await vi.waitUntil(() => source.dropped > 5, { timeout: 20_000 });
    expect(count()).toBeLessThanOrEqual(18);
    await source.close();
    expect(count()).toBe(0);
  });

  test('another size is an event, and the frames go on', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream);
    await take(source, 3);
    camera.size(WIDTH * 2, HEIGHT * 2);
    let frame = (await source.next())!;
    while (frame.width === WIDTH) {
      frame.close();
      frame = (await source.next())!;
    }
    frame.close();
    expect([frame.width, frame.height]).toEqual([WIDTH * 2, HEIGHT * 2]);
    expect(source.events).toEqual([
      { type: 'resized', index: expect.any(Number) as number, width: WIDTH * 2, height: HEIGHT * 2 },
    ]);
    expect(source.info).toMatchObject({ width: WIDTH * 2 });
  });

  test('a stopped track is an event, and the end', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream);
    await take(source, 2);
    camera.track.stop();
    for (let frame = await source.next(); frame; frame = await source.next()) frame.close();
    expect(source.events.map(({ type }) => type)).toEqual(['taken-away', 'ended']);
    expect(source.events[0]).toMatchObject({ reason: expect.stringMatching(/stopped/) as string });
    expect(await source.next()).toBeUndefined();
  });

  test('a camera that is unplugged is an event, and the end', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream);
    await take(source, 2);
    camera.track.dispatchEvent(new Event('ended'));
    for (let frame = await source.next(); frame; frame = await source.next()) frame.close();
    expect(source.events.map(({ type }) => type)).toEqual(['taken-away', 'ended']);
  });

  test('no frame for a while is an event; so is the next one', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream, { stallMs: 400 });
    await take(source, 2);
    camera.isStill = true;
    const reading = (async () => {
      while (!source.events.some(({ type }) => type === 'resumed')) look((await source.next())!);
    })();
    await vi.waitUntil(() => source.events.length > 0, { timeout: 20_000 });
    expect(source.events).toEqual([
      { type: 'stalled', index: expect.any(Number) as number, forMs: expect.any(Number) as number },
    ]);
    camera.isStill = false;
    await reading;
    expect(source.events.map(({ type }) => type)).toEqual(['stalled', 'resumed']);
  });

  test('muted and unmuted; nothing is missed meanwhile', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream, { stallMs: 200 });
    await take(source, 2);
    camera.isStill = true;
    camera.track.dispatchEvent(new Event('mute'));
    await new Promise((done) => setTimeout(done, 700));
    camera.track.dispatchEvent(new Event('unmute'));
    camera.isStill = false;
    await take(source, 2);
    expect(source.events.map(({ type }) => type)).toEqual(['muted', 'unmuted']);
  });

  test('paused: frames go by and are closed; after it comes what is new', async () => {
    const count = countOpen();
    const camera = new Camera();
    const source = openCamera(camera.stream);
    await take(source, 2);
    source.pause();
    const next = source.next();
    await new Promise((done) => setTimeout(done, 400));
    expect(count()).toBeLessThanOrEqual(1);
    const [before, shown] = [source.dropped, camera.drawn];
    source.resume();
    const { number, index } = look((await next)!);
    expect(number).toBeGreaterThanOrEqual(shown - 3);
    expect(index).toBeGreaterThan(8);
    expect(before).toBeLessThan(5);
  });

  test('closing leaves the stream as it is, and ends who waits', async () => {
    const camera = new Camera();
    const source = openCamera(camera.stream);
    await take(source, 2);
    source.pause();
    const waiting = source.next();
    await source.close();
    expect(await waiting).toBeUndefined();
    expect(camera.track.readyState).toBe('live');
    const again = openCamera(camera.stream);
    await take(again, 2);
  });
});

test('a stream of another name is one too, as a canvas of Firefox gives it', async () => {
  const { stream } = new Camera();
  Object.defineProperty(stream, Symbol.toStringTag, { value: 'CanvasCaptureMediaStream' });
  const source = await openFrames(stream, { assets: '' });
  expect((await take(source, 2)).length).toBe(2);
  await source.close();
});

describe('a browser that does not tell what a <video> shows', () => {
  /** Callbacks are promised and never come, as in WebKitGTK. */
  function silence(): () => void {
    const { requestVideoFrameCallback: request } = HTMLVideoElement.prototype;
    const back = (): void => void (HTMLVideoElement.prototype.requestVideoFrameCallback = request);
    HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;
    undo.push(back);
    return back;
  }

  test('it is looked at by a timer', async () => {
    silence();
    const camera = new Camera();
    const source = openStream(camera.stream, { useProcessor: false });
    undo.push(() => void source.close());
    const seen = await take(source, 12);
    expect(source.info.way).toBe('timer');
    const shown = seen.map(({ number }) => number);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(new Set(shown).size).toBeGreaterThan(1);
    expect(rises(seen.map(({ timeMs }) => timeMs))).toBe(true);
  });

  test('one that has told before is believed: a camera that stands still has stalled', async () => {
    const events: SourceEvent[] = [];
    const camera = new Camera();
    const options = {
      useProcessor: false,
      stallMs: 500,
      onEvent: (event: SourceEvent) => events.push(event),
    };
    const source = openStream(camera.stream, options);
    undo.push(() => void source.close());
    await take(source, 5);
    camera.isStill = true;
    await new Promise((done) => setTimeout(done, 2500));
    expect(events.map(({ type }) => type)).toEqual(['stalled']);
    expect(source.info.way).toBe('video-frame-callback');
  });
});

test('a stream without a live track of video is refused', () => {
  const camera = new Camera();
  camera.track.stop();
  for (const stream of [camera.stream, new MediaStream()])
    expect(() => openStream(stream, {})).toThrow(
      expect.objectContaining({
        code: 'BAD_PARAM',
        message: expect.stringContaining('live track') as string,
      }),
    );
});

describe("the page's own <video>", () => {
  async function video(
    options: Partial<HTMLVideoElement> = {},
    frames: number = 50,
  ): Promise<HTMLVideoElement> {
    const element = document.createElement('video');
    const url = URL.createObjectURL(await numbered({ frames, container: 'webm', codec: 'vp8' }));
    Object.assign(element, { muted: true, src: url, ...options });
    document.body.append(element);
    undo.push(() => (element.remove(), element.removeAttribute('src'), URL.revokeObjectURL(url)));
    await new Promise((done) => element.addEventListener('loadeddata', done, { once: true }));
    return element;
  }

  /** Each has the time of the picture in the file, from the first one's on. */
  const expectOwnTimes = (seen: readonly Seen[]): void => {
    for (const { number, timeMs } of seen) expect(timeMs).toBeCloseTo((number - seen[0]!.number) * 40, 0);
  };

  const openVideo = async (
    element: HTMLVideoElement,
  ): Promise<FrameSource<Picture> & { events: SourceEvent[] }> => {
    const events: SourceEvent[] = [];
    const source = await openFrames(element, {
      assets: '',
      stallMs: 400,
      onEvent: (event) => events.push(event),
    });
    undo.push(() => void source.close());
    return Object.assign(source, { events });
  };

  test('what it shows while it is played, up to its end', async () => {
    const element = await video();
    const source = await openVideo(element);
    expect(source.info).toMatchObject({ kind: 'live', way: 'video-frame-callback', width: WIDTH });
    void element.play();
    const seen: Seen[] = [];
    for (let frame = await source.next(); frame; frame = await source.next()) seen.push(look(frame));
    expect(seen.length).toBeGreaterThan(5);
    const played = seen.map(({ number }) => number);
    expect(played).toEqual([...played].sort((a, b) => a - b));
    expectOwnTimes(seen);
    expect(source.events).toEqual([{ type: 'ended', index: expect.any(Number) as number }]);
  });

  test('a page that is busy gets the time of what it sees, and each picture once', async () => {
    const element = await video();
    const busy = (): void => {
      for (const until = performance.now() + 150; performance.now() < until;);
      element.requestVideoFrameCallback(busy);
    };
    element.requestVideoFrameCallback(busy);
    const source = await openVideo(element);
    void element.play();
    const seen: Seen[] = [];
    for (let frame = await source.next(); frame; frame = await source.next()) seen.push(look(frame));
    expect(seen.length).toBeGreaterThan(3);
    expectOwnTimes(seen);
    expect(new Set(seen.map(({ number }) => number)).size).toBe(seen.length);
    expect(seen.length + source.dropped).toBeLessThanOrEqual(50);
  });

  test('a pause is a wait: neither an end nor a stall, and we neither play nor move it', async () => {
    const element = await video();
    const source = await openVideo(element);
    // What it shows already.
    expect(look((await source.next())!).number).toBe(0);
    const next = source.next();
    await new Promise((done) => setTimeout(done, 900));
    expect([element.paused, element.currentTime]).toEqual([true, 0]);
    expect(source.events).toEqual([]);
    void element.play();
    look((await next)!);
    element.pause();
    await new Promise((done) => setTimeout(done, 900));
    expect(source.events).toEqual([]);
  });

  test('what a paused one shows is read as soon as it can be', async () => {
    const element = await video();
    const cannot = (): never => {
      throw new DOMException('Nothing to show yet', 'InvalidStateError');
    };
    vi.stubGlobal('VideoFrame', cannot);
    vi.stubGlobal('createImageBitmap', async () => cannot());
    const source = await openVideo(element);
    await new Promise((done) => setTimeout(done, 50));
    vi.unstubAllGlobals();
    expect(look((await source.next())!).number).toBe(0);
  });

  test('moved by its user: an event, and time does not go back', async () => {
    const element = await video({ loop: true }, 150);
    const source = await openVideo(element);
    void element.play();
    const seen: Seen[] = [];
    while (seen.length === 0 || seen.at(-1).number < 20) seen.push(look((await source.next())!));
    element.currentTime = 0.1;
    void element.play();
    while (seen.at(-1).number >= 15) seen.push(look((await source.next())!));
    seen.push(...(await take(source, 3)));
    const times = seen.map(({ timeMs }) => timeMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(source.events.length).toBeGreaterThan(0);
    expect(
      source.events.every(({ type }) => type === 'jumped' || type === 'stalled' || type === 'resumed'),
    ).toBe(true);
    expect(source.events.some(({ type }) => type === 'jumped')).toBe(true);
  });

  test('one that fails is taken away', async () => {
    const element = await video();
    const source = await openVideo(element);
    element.src = URL.createObjectURL(new Blob(['no video']));
    for (let frame = await source.next(); frame; frame = await source.next()) frame.close();
    expect(source.events.map(({ type }) => type)).toEqual(['taken-away', 'ended']);
  });
});
