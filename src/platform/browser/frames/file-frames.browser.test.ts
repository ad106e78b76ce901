/** Files, frame by frame: each once, in order, at its time, its number read off its pixels. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ClipOptions } from '../../../../tools/video/render-clip.ts';
import type { FrameSource, SourceEvent } from '../../../video/frame-source.ts';
import { readNumber } from '../../../../tools/video/bar-code.ts';
import { FileDecoder } from './file-decoder.ts';
import { type OpenOptions, openFrames } from './open-frames.ts';
import type { Picture } from './picture.ts';
import {
  HEIGHT,
  look,
  lookAtAll,
  numbered,
  numbers,
  startDecoder,
  WIDTH,
  workers,
  leftOpen,
} from './test-frames.ts';

const opened: FrameSource<Picture>[] = [];

async function open(file: Blob | string, more: Partial<OpenOptions> = {}): Promise<FrameSource<Picture>> {
  const source = await openFrames(file, { assets: '', startDecoder, ...more });
  opened.push(source);
  return source;
}

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  workers.length = 0;
  expect(leftOpen()).toBe(0);
});

const NTSC = 30000 / 1001;
const KINDS: readonly Partial<ClipOptions>[] = [
  { codec: 'avc', container: 'mp4', fps: 25 },
  { codec: 'avc', container: 'mov', fps: NTSC },
  { codec: 'avc', container: 'mp4-fragmented', fps: NTSC },
  { codec: 'avc', container: 'mkv', fps: 25 },
  { codec: 'vp9', container: 'webm', fps: 25 },
  { codec: 'vp9', container: 'mp4', fps: NTSC },
  { codec: 'vp8', container: 'webm', fps: NTSC },
  { codec: 'av1', container: 'webm', fps: 25 },
];

test.each(['mp4', 'mkv'] as const)(
  'frames of one time in %s, each with its own number',
  async (container) => {
    // The fourth is shown when the third is, as in what was cut together badly.
    const timeOf = (k: number): number => (k < 3 ? k : k - 1) / 25;
    const source = await open(await numbered({ frames: 9, codec: 'avc', container, timeOf }));
    const seen = await lookAtAll(source);
    expect(seen.map(({ index }) => index)).toEqual(numbers(9));
    await source.seek!(3);
    const again = await lookAtAll(source);
    expect(again.map(({ index }) => index)).toEqual(numbers(again.length, 3));
  },
);

describe('every frame once, in order, at its time', () => {
  test.each(KINDS)('$codec in $container at $fps', async ({ fps = 25, ...kind }) => {
    const frames = 70;
    const source = await open(await numbered({ frames, fps, ...kind }));
    expect(source.info).toMatchObject({
      kind: 'file',
      way: 'webcodecs',
      width: WIDTH,
      height: HEIGHT,
      frames,
    });
    expect(source.info.fps).toBeCloseTo(fps, 9);
    const seen = await lookAtAll(source);
    expect(seen.map(({ number }) => number)).toEqual(numbers(frames));
    expect(seen.map(({ index }) => index)).toEqual(numbers(frames));
    // WebM has milliseconds.
    const within = /webm|mkv/.test(kind.container!) ? 1.01 : 1e-3;
    for (const { index, timeMs } of seen)
      expect(Math.abs(timeMs - (index * 1000) / fps)).toBeLessThan(within);
    expect(Math.abs(source.info.durationMs! - (frames * 1000) / fps)).toBeLessThan(2 * within);
    expect(await source.next()).toBeUndefined();
  });

  test('a variable rate, and times that do not begin at 0', async () => {
    const times = [0.5, 0.54, 0.56, 0.8, 0.82, 1.5, 1.54, 1.58, 3];
    const source = await open(
      await numbered({ frames: 8, timeOf: (k) => times[k]!, container: 'mp4', keyFrameInterval: 0.5 }),
    );
    const seen = await lookAtAll(source);
    expect(seen.map(({ number }) => number)).toEqual(numbers(8));
    seen.forEach(({ timeMs }, k) => expect(timeMs).toBeCloseTo((times[k]! - 0.5) * 1000, 1));
    await source.seek!(5);
    expect(look((await source.next())!)).toMatchObject({ index: 5, number: 5 });
  });

  test('what a page can reach by URL, the index of which is not read first', async () => {
    const file = await numbered({ frames: 70, fps: NTSC, codec: 'vp9', container: 'webm' });
    const decoder = await FileDecoder.open(URL.createObjectURL(file), 'clip');
    expect(decoder.times).toBeUndefined();
    expect(decoder.info.frames).toBeUndefined();
    expect(decoder.info.fps).toBeCloseTo(NTSC, 9);
    expect(decoder.info.durationMs).toBeCloseTo((70 * 1000) / NTSC, -1);
    for (const from of [0, 50]) {
      const seen: number[] = [];
      for await (const { index, frame } of decoder.frames(from, new AbortController().signal)) {
        seen.push(index, readNumber(frame, WIDTH, HEIGHT));
        frame.close();
      }
      expect(seen).toEqual(numbers(70 - from, from).flatMap((k) => [k, k]));
    }
    decoder.close();
  });

  test('two readings are the same to the last digit', async () => {
    const clip = await numbered({ frames: 40, fps: NTSC });
    expect(await lookAtAll(await open(clip))).toEqual(await lookAtAll(await open(clip)));
  });
});

describe('seeking', () => {
  test('to any frame, exactly, from anywhere', async () => {
    const source = await open(await numbered({ frames: 120, fps: NTSC, keyFrameInterval: 0.7 }));
    for (const frame of [0, 119, 1, 60, 59, 61, 21, 20, 22, 118, 3]) {
      await source.seek!(frame);
      expect(look((await source.next())!)).toMatchObject({ index: frame, number: frame });
    }
    await source.seek!(100);
    expect((await lookAtAll(source)).map(({ number }) => number)).toEqual(numbers(20, 100));
    await source.seek!(117);
    expect((await lookAtAll(source)).map(({ number }) => number)).toEqual([117, 118, 119]);
  });

  test('while frames are on their way, whose places others take', async () => {
    const source = await open(await numbered({ frames: 60 }));
    for (let k = 0; k < 12; k++) {
      look((await source.next())!);
      const pending = source.next();
      await source.seek!(k * 4);
      // The call that was waiting may have been served before.
      look((await pending)!);
      await source.seek!(k * 4);
      expect(look((await source.next())!)).toMatchObject({ index: k * 4, number: k * 4 });
    }
  });

  test('a frame that is not there is refused, and nothing has moved', async () => {
    const source = await open(await numbered({ frames: 10 }));
    look((await source.next())!);
    for (const frame of [-1, 10, 1.5, NaN, '3' as never])
      await expect(source.seek!(frame)).rejects.toMatchObject({ code: 'BAD_PARAM' });
    expect(look((await source.next())!)).toMatchObject({ index: 1 });
  });
});

describe('as they are taken', () => {
  test('few frames are decoded ahead, however long nobody takes them', async () => {
    const source = await open(await numbered({ frames: 100, container: 'webm', codec: 'vp8' }));
    const close = VideoFrame.prototype.close;
    let closed = 0;
    VideoFrame.prototype.close = function (this: VideoFrame) {
      closed++;
      close.call(this);
    };
    try {
      look((await source.next())!);
      closed = 0;
      await new Promise((done) => setTimeout(done, 500));
      await source.seek!(0);
      // What had been sent and not taken: at most what is in flight.
      expect(closed).toBeGreaterThan(0);
      expect(closed).toBeLessThanOrEqual(4);
    } finally {
      VideoFrame.prototype.close = close;
    }
  });

  test('pause and resume', async () => {
    const source = await open(await numbered({ frames: 10 }));
    look((await source.next())!);
    source.pause();
    let isServed = false;
    const next = source.next().then((frame) => ((isServed = true), frame!));
    await new Promise((done) => setTimeout(done, 200));
    expect(isServed).toBe(false);
    source.resume();
    expect(look(await next)).toMatchObject({ index: 1 });
  });

  test('an aborted call leaves its frame to the next one', async () => {
    const source = await open(await numbered({ frames: 10 }));
    const abort = new AbortController();
    const next = source.next(abort.signal);
    abort.abort('enough');
    await expect(next).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect((await lookAtAll(source)).map(({ index }) => index)).toEqual(numbers(10));
    await expect(open(await numbered({ frames: 2 }), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  test('the end is an event, told once, when the last frame was taken; again after a seek', async () => {
    const events: SourceEvent[] = [];
    const onEvent = (event: SourceEvent): void => void events.push(event);
    const source = await open(await numbered({ frames: 3 }), { onEvent });
    look((await source.next())!);
    await new Promise((done) => setTimeout(done, 300));
    expect(events).toEqual([]);
    await lookAtAll(source);
    await source.next();
    expect(events).toEqual([{ type: 'ended', index: 3 }]);
    await source.seek!(2);
    await lookAtAll(source);
    expect(events).toHaveLength(2);
    const images = await openFrames([new ImageData(8, 8)], { assets: '', fps: 25, onEvent });
    expect(events).toHaveLength(2);
    (await images.next())!.close();
    await images.next();
    await images.next();
    expect(events.slice(2)).toEqual([{ type: 'ended', index: 1 }]);
    await images.close();
  });

  test('closed at any time: nothing more comes, and what waits is told so', async () => {
    const source = await open(await numbered({ frames: 30 }));
    const taken = (await source.next())!;
    const waiting = [
      source.next(),
      source.next(),
      source.next(),
      source.next(),
      source.next(),
      source.next(),
    ];
    await source.close();
    for (const frame of await Promise.all(waiting)) frame?.close();
    expect(await source.next()).toBeUndefined();
    await source.close();
    expect(look(taken).number).toBe(0);
  });

  test('a worker that dies is replaced, and no frame is lost or given twice', async () => {
    const source = await open(await numbered({ frames: 60 }));
    const seen = [];
    for (let frame = await source.next(); frame; frame = await source.next()) {
      seen.push(look(frame).number);
      if (seen.length % 20 === 5) {
        workers.at(-1).terminate();
        workers.at(-1).dispatchEvent(new Event('test-death'));
      }
    }
    expect(seen).toEqual(numbers(60));
    expect(workers).toHaveLength(4);
  });

  test('a worker that dies at one frame again and again is an error, told once', async () => {
    const source = await open(await numbered({ frames: 30 }));
    for (let k = 0; k < 5; k++) look((await source.next())!);
    source.pause();
    const ill = setInterval(() => {
      workers.at(-1).terminate();
      workers.at(-1).dispatchEvent(new Event('test-death'));
    }, 1);
    const failed = (async () => {
      for (;;) look((await source.next())!);
    })();
    source.resume();
    await expect(failed).rejects.toMatchObject({ code: 'WORKER_DIED' });
    clearInterval(ill);
    expect(await source.next()).toBeUndefined();
  });

  test('a worker script that is not there', async () => {
    const options = { assets: new URL('/nowhere/', location.href).href, startDecoder: undefined };
    await expect(open(await numbered({ frames: 2 }), options)).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining('/nowhere/video.worker.js') as string,
    });
  });

  test('newest only: at the speed of playing, what is late is dropped and counted', async () => {
    const source = await open(await numbered({ frames: 50 }), { dropFrames: true });
    const seen = [];
    for (let frame = await source.next(); frame; frame = await source.next()) {
      seen.push(look(frame));
      await new Promise((done) => setTimeout(done, 150));
    }
    expect(seen.every(({ index, number }) => index === number)).toBe(true);
    expect(seen.length + source.dropped).toBe(50);
    expect(source.dropped).toBeGreaterThan(20);
    expect(seen.at(-1).index).toBe(49);
  });
});

test.each([90, 180, 270] as const)(
  'a file that says it is turned by %i degrees is shown upright',
  async (rotation) => {
    const isTurned = rotation !== 180;
    const file = await numbered({
      frames: 5,
      rotation,
      ...(isTurned && { width: HEIGHT, height: WIDTH }),
      draw: (context) => {
        // The picture's own top edge is white when it is upright.
        const { width, height } = context.canvas;
        context.fillStyle = '#000';
        context.fillRect(0, 0, width, height);
        context.fillStyle = '#fff';
        if (rotation === 90) context.fillRect(0, 0, width / 4, height);
        if (rotation === 180) context.fillRect(0, (height * 3) / 4, width, height);
        if (rotation === 270) context.fillRect((width * 3) / 4, 0, width, height);
      },
    });
    const source = await open(file);
    expect(source.info).toMatchObject({ width: WIDTH, height: HEIGHT });
    const frame = (await source.next())!;
    expect([frame.width, frame.height]).toEqual([WIDTH, HEIGHT]);
    const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d')!;
    context.drawImage(frame.image, 0, 0);
    frame.close();
    const lightAt = (x: number, y: number): number => context.getImageData(x, y, 1, 1).data[0]!;
    expect(lightAt(WIDTH / 2, 2)).toBeGreaterThan(200);
    expect([lightAt(2, HEIGHT - 3), lightAt(WIDTH - 3, HEIGHT - 3)].every((light) => light < 60)).toBe(true);
  },
);
