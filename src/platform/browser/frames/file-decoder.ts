import type { SourceInfo } from '../../../video/frame-source.ts';
import { NearFaceError } from '../../../core/errors.ts';
import { checkFrameIndex, type FrameTimes } from '../../../video/frame-times.ts';
import { cutVideo, damagedVideo, videoError } from '../../../video/video-error.ts';
import { type Container, openContainer } from './container.ts';
import { decodeFrames, DecodingStopped } from './decode-frames.ts';
import { fileEnd } from './file-length.ts';
import { Upright } from './upright.ts';

/** A decoded frame of a file, as it is shown. Whoever takes it closes the picture. */
export interface FileFrame {
  readonly index: number;
  readonly timeMs: number;
  readonly frame: VideoFrame;
}

/** Decodes a file frame by frame, by WebCodecs; runs in a worker as in a page. */
export class FileDecoder {
  /** Its `way` is `seeking` where the codec, or WebCodecs, is missing here: then there are times, but no frames. */
  readonly info: SourceInfo;
  /** When the frames are shown; `undefined` where the whole of what is at an address would have to be read first. */
  readonly times: FrameTimes | undefined;
  readonly #container: Container;
  readonly #source: Blob | string;

  private constructor(
    container: Container,
    source: Blob | string,
    times: FrameTimes | undefined,
    way: 'webcodecs' | 'seeking',
    known: Partial<SourceInfo>,
  ) {
    this.#container = container;
    this.#source = source;
    this.times = times;
    const { mediaType, width, height, config } = container;
    this.info = { kind: 'file', mediaType, width, height, codec: config.codec, way, ...known };
  }

  /**
   * @param source - the file, or an absolute URL
   * @param name - for messages
   * @throws NearFaceError `VIDEO_DECODING_FAILED`
   */
  static async open(source: Blob | string, name: string): Promise<FileDecoder> {
    const container = await openContainer(source, name);
    try {
      const way = (await canDecode(container.config)) ? 'webcodecs' : 'seeking';
      const isCheap = container.hasIndex || typeof source !== 'string' || way === 'seeking';
      const times = isCheap ? await container.times() : undefined;
      if (times?.count === 0) throw videoError(name, 'there is no frame in the file; get it again, whole');
      const known = times ? tableInfo(times) : await container.glance();
      return new FileDecoder(container, source, times, way, known);
    } catch (error) {
      container.close();
      throw NearFaceError.from(error, 'VIDEO_DECODING_FAILED', name);
    }
  }

  /**
   * Every frame in the order of presentation, from number `from` on.
   *
   * @throws NearFaceError `VIDEO_DECODING_FAILED`, once the frames before the damage were given; `BAD_PARAM` if there is no frame `from`;
   * `ABORTED`
   */
  async *frames(from: number, signal: AbortSignal): AsyncGenerator<FileFrame, void, undefined> {
    const times = this.times ?? (from > 0 ? await this.#container.times() : undefined);
    checkFrameIndex(from, times?.count);
    let next = from;
    let first = times?.first;
    try {
      const upright = new Upright(this.#container);
      for await (const { time, frame } of decodeFrames(this.#container, times?.times[from] ?? 0, signal)) {
        first ??= time;
        const index = times?.indexFrom(next, time) ?? next;
        if (index < next) {
          // Another of one time, before the frame that was asked for.
          frame.close();
          continue;
        }
        const timeMs = times?.timeMs(index) ?? (time - first) * 1000;
        next = index + 1;
        yield { index, timeMs, frame: upright.frame(frame, frame.timestamp) };
      }
    } catch (error) {
      throw this.#explain(error, next);
    }
    if (await this.#isCut(next)) throw cutVideo(this.#container.name, next, times?.count);
  }

  close(): void {
    this.#container.close();
  }

  #explain(error: unknown, next: number): unknown {
    if (!(error instanceof DecodingStopped)) return error;
    const { name } = this.#container;
    if (error.at === 'decode') return damagedVideo(name, next, error.cause);
    return cutVideo(name, next, this.times?.count, error.cause);
  }

  async #isCut(next: number): Promise<boolean> {
    if (this.times && next < this.times.count) return true;
    return typeof this.#source !== 'string' && (await fileEnd(this.#source)) === 'cut';
  }
}

function tableInfo({ count, durationMs, fps }: FrameTimes): Partial<SourceInfo> {
  return { frames: count, durationMs, ...(fps !== undefined && { fps }) };
}

async function canDecode(config: VideoDecoderConfig): Promise<boolean> {
  if (typeof VideoDecoder === 'undefined') return false;
  try {
    return (await VideoDecoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}
