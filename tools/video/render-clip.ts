/** Runs in the page: makes video files of what is drawn, for tests, benchmarks and the demo's sample clip. */
import {
  BufferTarget,
  CanvasSource,
  getFirstEncodableVideoCodec,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  type VideoCodec,
  WebMOutputFormat,
} from 'mediabunny';

/** What is made. */
export interface ClipOptions {
  readonly frames: number;
  /** As in 25 or 30000 / 1001. */
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  /** Draws a frame on a canvas that shows the one before; may load what it needs. */
  readonly draw: (context: OffscreenCanvasRenderingContext2D, frameIndex: number) => void | Promise<void>;
  /** Default: H.264 where the browser encodes it, else VP9, else VP8. */
  readonly codec?: VideoCodec;
  /** Default: `mp4`, or `webm` for VP8 and VP9. */
  readonly container?: ClipContainer;
  /** Bits a second. Default: enough that faces are as they were drawn. */
  readonly bitrate?: number;
  /** Seconds between key frames. Default: 1. */
  readonly keyFrameInterval?: number;
  /** Clockwise; players turn the picture by it. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** When each frame is shown, in seconds. Default: `frameIndex / fps`. */
  readonly timeOf?: (frameIndex: number) => number;
}

/** What a clip is written as. */
export type ClipContainer =
  'mp4' | 'mp4-fragmented' | 'mp4-index-first' | 'mp4-index-last' | 'mov' | 'webm' | 'mkv';

const FORMATS: Readonly<Record<ClipContainer, () => OutputFormat>> = {
  mp4: () => new Mp4OutputFormat(),
  'mp4-fragmented': () => new Mp4OutputFormat({ fastStart: 'fragmented' }),
  'mp4-index-first': () => new Mp4OutputFormat({ fastStart: 'in-memory' }),
  'mp4-index-last': () => new Mp4OutputFormat({ fastStart: false }),
  mov: () => new MovOutputFormat(),
  webm: () => new WebMOutputFormat(),
  mkv: () => new MkvOutputFormat(),
};

/** Draws, encodes and writes a clip. */
export async function renderClip(options: ClipOptions): Promise<Blob> {
  const { frames, fps, width, height, draw, rotation = 0, keyFrameInterval = 1 } = options;
  const candidates: VideoCodec[] = options.container === 'webm' ? ['vp9', 'vp8'] : ['avc', 'vp9', 'vp8'];
  const codec = options.codec ?? (await getFirstEncodableVideoCodec(candidates, { width, height }));
  if (!codec) throw new Error(`this browser encodes no video of ${width} × ${height}`);
  const container = options.container ?? (codec === 'vp8' || codec === 'vp9' ? 'webm' : 'mp4');
  const format = FORMATS[container]();
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const bitrate = options.bitrate ?? Math.max(300_000, width * height * fps * 0.2);
  const source = new CanvasSource(canvas, { codec, bitrate, keyFrameInterval });
  const timeOf = options.timeOf ?? ((frameIndex) => frameIndex / fps);
  // Times are multiples of the rate's interval only where they are regular.
  output.addVideoTrack(source, { rotation, ...(!options.timeOf && { frameRate: fps }) });
  await output.start();
  for (let k = 0; k < frames; k++) {
    await draw(context, k);
    await source.add(timeOf(k), timeOf(k + 1) - timeOf(k));
  }
  await output.finalize();
  return new Blob([target.buffer!], { type: format.mimeType });
}
