/** Images in a row as a source of frames, and files through a `<video>` that is moved from frame to frame. */
import { afterEach, describe, expect, test } from 'vitest';
import { drawNumber } from '../../../../tools/video/bar-code.ts';
import type { FrameSource } from '../../../video/frame-source.ts';
import { FileFrames } from './file-frames.ts';
import { openFrames } from './open-frames.ts';
import type { VideoInput } from '../../../api/video-input.ts';
import type { Picture } from './picture.ts';
import { SeekFrames } from './seek-frames.ts';
import { HEIGHT, look, lookAtAll, numbered, numbers, startDecoder, WIDTH, workers } from './test-frames.ts';

const opened: FrameSource<Picture>[] = [];

async function open(input: VideoInput, fps?: number): Promise<FrameSource<Picture>> {
  const source = await openFrames(input, { assets: '', startDecoder, fps });
  opened.push(source);
  return source;
}

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

function canvasOf(number: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  drawNumber(canvas.getContext('2d')!, number);
  return canvas;
}

const png = (number: number): Promise<Blob> => canvasOf(number).convertToBlob({ type: 'image/png' });

describe('images in a row', () => {
  test('of an array, of all kinds; what was given stays as it is', async () => {
    const bitmap = await createImageBitmap(canvasOf(1));
    const frame = new VideoFrame(canvasOf(2), { timestamp: 0 });
    const pixels = canvasOf(3).getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT);
    const source = await open([await png(0), bitmap, frame, pixels, canvasOf(4)], 25);
    expect(source.info).toMatchObject({ kind: 'images', way: 'images', frames: 5, fps: 25, durationMs: 200 });
    expect(await lookAtAll(source)).toEqual(
      numbers(5).map((index) => ({ index, number: index, timeMs: index * 40 })),
    );
    expect([bitmap.width, frame.displayWidth]).toEqual([WIDTH, WIDTH]);
    frame.close();
    await source.seek!(3);
    expect((await lookAtAll(source)).map(({ number }) => number)).toEqual([3, 4]);
    await expect(source.seek!(5)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  });

  test('of a generator, asked for as they are needed, and told when it is over', async () => {
    let asked = 0;
    let isOver = false;
    async function* images(): AsyncGenerator<Blob> {
      try {
        for (;;) yield png(asked++);
      } finally {
        isOver = true;
      }
    }
    const source = await open(images(), 10);
    expect(source.info.frames).toBeUndefined();
    expect(source.seek).toBeUndefined();
    for (const index of [0, 1, 2])
      expect(look((await source.next())!)).toEqual({ index, number: index, timeMs: index * 100 });
    expect(asked).toBe(3);
    const abort = new AbortController();
    const aborted = source.next(abort.signal);
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(look((await source.next())!).number).toBe(3);
    await source.close();
    expect(isOver).toBe(true);
    expect(await source.next()).toBeUndefined();
  });

  test('a call that is aborted while it decodes, and one that is closed meanwhile', async () => {
    const source = await open([await png(0), await png(1)], 25);
    const reading = new AbortController();
    const aborted = source.next(reading.signal);
    await new Promise((done) => setTimeout(done, 0));
    reading.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(look((await source.next())!).number).toBe(0);
    const last = source.next();
    await source.close();
    (await last)?.close();
    expect(await source.next()).toBeUndefined();
  });

  test('a worker that dies: the error says so, and the next image is read by another', async () => {
    const source = await open([await png(0), await png(1), await png(2)], 25);
    look((await source.next())!);
    const dying = source.next();
    const worker = workers.at(-1);
    worker.terminate();
    await new Promise((done) => setTimeout(done, 50));
    worker.dispatchEvent(new Event('test-death'));
    const outcome = await dying.then(
      (frame) => frame && look(frame).number,
      (error: { code: string }) => error.code,
    );
    expect(['WORKER_DIED', 1]).toContain(outcome);
    expect(look((await source.next())!).number).toBe(2);
  });

  test('one that is no image is named, and those after it come', async () => {
    const source = await open([await png(0), new Blob(['no picture']), 7 as never, await png(3)], 25);
    look((await source.next())!);
    await expect(source.next()).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringMatching(/^images\[1\]: /) as string,
      details: { param: 'images[1]' },
    });
    await expect(source.next()).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'images[2]' } });
    expect(look((await source.next())!)).toMatchObject({ index: 3, number: 3 });
    expect(await source.next()).toBeUndefined();
  });

  test('a rate is needed, and what is no source is refused', async () => {
    for (const fps of [undefined, 0, -1, NaN, Infinity, '25' as never])
      await expect(open([await png(0)], fps)).rejects.toMatchObject({
        code: 'BAD_PARAM',
        details: { param: 'options.fps' },
      });
    for (const input of [7, null, undefined, {}, new Uint8Array(4)])
      await expect(open(input as never, 25)).rejects.toMatchObject({
        code: 'BAD_PARAM',
        details: { param: 'source' },
      });
  });
});

describe('a <video> that is moved', () => {
  async function openBySeeking(file: Blob): Promise<SeekFrames> {
    const decoded = await FileFrames.open({ source: file, name: 'clip' }, startDecoder);
    await decoded.close();
    const source = await SeekFrames.open({ source: file, name: 'clip' }, decoded.info, decoded.times!);
    opened.push(source);
    return source;
  }

  test.each([
    ['avc', 'mp4', 25],
    ['vp9', 'webm', 30000 / 1001],
  ] as const)('every frame once, in order: %s in %s at %f', async (codec, container, fps) => {
    const source = await openBySeeking(await numbered({ frames: 30, codec, container, fps }));
    expect(source.info).toMatchObject({ way: 'seeking', frames: 30, width: WIDTH, height: HEIGHT });
    const seen = await lookAtAll(source);
    expect(seen.map(({ number }) => number)).toEqual(numbers(30));
    expect(seen.map(({ index }) => index)).toEqual(numbers(30));
    await source.seek(17);
    expect(look((await source.next())!)).toMatchObject({ index: 17, number: 17 });
    await source.close();
    expect(await source.next()).toBeUndefined();
  });

  test('what the browser cannot play either is refused with the codec', async () => {
    const clip = await numbered({ frames: 3 });
    const { info, times, ...decoded } = await FileFrames.open({ source: clip, name: 'clip' }, startDecoder);
    void decoded;
    const file = { source: new Blob(['no film']), name: 'clip.mp4' };
    await expect(SeekFrames.open(file, info, times!)).rejects.toMatchObject({
      code: 'VIDEO_DECODING_FAILED',
      message: expect.stringMatching(/^clip\.mp4: .*avc1.*convert/) as string,
    });
  });
});
