/** What the tests of frames share: clips that bear their frames' numbers, and the worker from its source. */
import { drawNumber, readNumber } from '../../../../tools/video/bar-code.ts';
import { type ClipOptions, renderClip } from '../../../../tools/video/render-clip.ts';
import { NearFaceError } from '../../../core/errors.ts';
import type { Frame, FrameSource } from '../../../video/frame-source.ts';
import type { StartDecoder } from './link.ts';
import type { Picture } from './picture.ts';
import type { FramesReply } from './wire.ts';

/** The clip's size: 19 cells of 16 pixels, a multiple of 16 as encoders like it. */
export const WIDTH = 304;
export const HEIGHT = 64;

/** A clip whose frames bear their numbers. */
export function numbered(options: Partial<ClipOptions> & Pick<ClipOptions, 'frames'>): Promise<Blob> {
  return renderClip({ fps: 25, width: WIDTH, height: HEIGHT, draw: drawNumber, ...options });
}

/** The workers that were started; the last one is the one that runs. */
export const workers: Worker[] = [];

/** The frames that came from workers. */
export const received: Picture[] = [];

/** How many of them are open; they are forgotten. */
export function leftOpen(): number {
  return received.splice(0).filter((image) => ('codedWidth' in image ? image.codedWidth : image.width) > 0)
    .length;
}

/** The worker, from its source. */
export const startDecoder: StartDecoder = (died) => {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('../../../worker/video.worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', (event) => died(new NearFaceError('WORKER_DIED', event.message)));
  worker.addEventListener('test-death', () => died(new NearFaceError('WORKER_DIED', 'ended by the test')));
  worker.postMessage({ port: port2 }, [port2]);
  port1.addEventListener('message', ({ data }: MessageEvent<FramesReply>) => {
    if (data.type === 'frame') received.push(data.image);
  });
  workers.push(worker);
  return { port: port1, end: () => worker.terminate() };
};

/** A frame as the tests look at it; the frame is closed. */
export interface Seen {
  readonly index: number;
  readonly timeMs: number;
  readonly number: number;
}

export function look(frame: Frame<Picture>): Seen {
  const number = readNumber(frame.image, frame.width, frame.height);
  frame.close();
  return { index: frame.index, timeMs: frame.timeMs, number };
}

/** All frames, up to the end. */
export async function lookAtAll(source: FrameSource<Picture>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let frame = await source.next(); frame; frame = await source.next()) seen.push(look(frame));
  return seen;
}

export const numbers = (count: number, from: number = 0): number[] =>
  Array.from({ length: count }, (_, k) => k + from);

/** Frames of this page, from {@link watchFrames} on. */
export interface Watched {
  made: number;
  readonly open: ReadonlySet<VideoFrame>;
  stop(): void;
}

/** Watches every `VideoFrame` that is made here, by whatever makes them, until it is closed. */
export function watchFrames(): Watched {
  const { VideoDecoder: Decoder, VideoFrame: Frame, ReadableStreamDefaultReader: Reader } = globalThis;
  const open = new Set<VideoFrame>();
  const [close, read] = [Frame.prototype.close, Reader.prototype.read];
  const stop = (): void => {
    Object.assign(globalThis, { VideoDecoder: Decoder, VideoFrame: Frame });
    Object.assign(Frame.prototype, { close });
    Object.assign(Reader.prototype, { read });
  };
  const watched: Watched = { made: 0, open, stop };
  const opened = (frame: VideoFrame): VideoFrame => (open.add(frame), watched.made++, frame);
  Frame.prototype.close = function (this: VideoFrame) {
    open.delete(this);
    close.call(this);
  };
  Reader.prototype.read = async function (this: ReadableStreamDefaultReader) {
    const result = await read.call(this);
    if (result.value instanceof Frame) opened(result.value);
    return result;
  };
  const make = (target: typeof VideoFrame, given: unknown[]): VideoFrame =>
    opened(Reflect.construct(target, given) as VideoFrame);
  globalThis.VideoFrame = new Proxy(Frame, { construct: make });
  globalThis.VideoDecoder = class extends Decoder {
    constructor({ output, error }: VideoDecoderInit) {
      super({ output: (frame) => output(opened(frame)), error });
    }
  };
  return watched;
}
