import { NearFaceError } from '../../../core/errors.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { withinMs } from '../../../core/within-ms.ts';
import type { Frame, SourceEvent, SourceInfo } from '../../../video/frame-source.ts';
import { FrameTimes } from '../../../video/frame-times.ts';
import { PulledFrames } from '../../../video/pulled-frames.ts';
import { damagedVideo, videoError } from '../../../video/video-error.ts';
import type { FileToDecode } from './link.ts';
import { grab, livePicture, type Picture } from './picture.ts';
import type { WireTimes } from './wire.ts';

/** A `<video>` that does not say within this time that it can play, or that it shows another place, never will. */
const LOAD_MS = 20_000;
const SEEK_MS = 10_000;
/** How long the word may take that another frame is shown, once the `<video>` has found the place. */
const PRESENT_MS = 300;
/** Browsers that never say a word, as WebKitGTK, are given the time for a picture. */
const SILENCES = 3;
const PAINT_MS = 50;
const HAVE_CURRENT_DATA = 2;
/** Where in a frame's time it is looked for: a browser may be wrong at one place and right at another. */
const SHARES: readonly number[] = [0.5, 0.25, 0.75];
/** What is shown says its time to a millisecond, in seconds. */
const ROUNDING = 0.001;

/**
 * A file whose codec WebCodecs does not decode here, but perhaps a `<video>` does: it is moved to the middle of each frame. Slower by far,
 * and exact only as far as the browser is.
 */
export class SeekFrames extends PulledFrames<Picture> {
  readonly info: SourceInfo;
  readonly #name: string;
  readonly #times: FrameTimes;
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  #silences = 0;

  private constructor(
    { source, name }: FileToDecode,
    info: SourceInfo,
    times: FrameTimes,
    onEvent: ((event: SourceEvent) => void) | undefined,
  ) {
    super(onEvent);
    this.info = { ...info, way: 'seeking' };
    this.#name = name;
    this.#times = times;
    this.#url = typeof source === 'string' ? source : URL.createObjectURL(source);
    this.#video = document.createElement('video');
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.preload = 'auto';
    if (typeof source === 'string') this.#video.crossOrigin = 'anonymous';
  }

  /**
   * @param times - of the file's frames
   * @throws NearFaceError `VIDEO_DECODING_FAILED` if the browser cannot play it either; `ABORTED`
   */
  static async open(
    file: FileToDecode,
    info: SourceInfo,
    { times, end }: WireTimes,
    {
      signal,
      onEvent,
    }: { signal?: AbortSignal | undefined; onEvent?: ((event: SourceEvent) => void) | undefined } = {},
  ): Promise<SeekFrames> {
    const last = times.length > 0 ? end - times[times.length - 1]! : 0;
    const frames = new SeekFrames(file, info, new FrameTimes(times, last), onEvent);
    try {
      await untilAborted(frames.#load(), signal);
      return frames;
    } catch (error) {
      await frames.close();
      throw error;
    }
  }

  seek(frameIndex: number): Promise<void> {
    return this.goTo(frameIndex, this.#times.count);
  }

  protected async make(index: number): Promise<Frame<Picture> | undefined> {
    if (index >= this.#times.count) return undefined;
    const picture = livePicture(await this.#show(index));
    return { index, timeMs: this.#times.timeMs(index), ...picture };
  }

  protected async letGo(): Promise<void> {
    this.#video.removeAttribute('src');
    this.#video.load();
    if (this.#url.startsWith('blob:')) URL.revokeObjectURL(this.#url);
  }

  async #load(): Promise<void> {
    const loaded = this.#happens('loadeddata', LOAD_MS);
    this.#video.src = this.#url;
    if (await loaded) return;
    const why = `this browser cannot decode its codec ${this.info.codec ?? ''}; convert it to H.264, VP9 or AV1`;
    const { error } = this.#video;
    throw videoError(this.#name, why, error ?? undefined, { codec: this.info.codec });
  }

  /** Moves there, a few times if the browser shows another frame than it was asked for. */
  async #show(index: number): Promise<Picture> {
    for (const share of SHARES) {
      const shownTime = await this.#moveTo(index, share);
      if (this.isClosed || shownTime === undefined || this.#times.indexAt(shownTime + ROUNDING) === index)
        break;
    }
    try {
      return await grab(this.#video, this.#name);
    } catch (error) {
      throw error instanceof NearFaceError ? error : damagedVideo(this.#name, index, error);
    }
  }

  /** @returns the time in the file of what is shown then, in seconds, if the browser tells */
  async #moveTo(index: number, share: number): Promise<number | undefined> {
    const video = this.#video;
    const shown = this.#presented();
    const found = this.#happens('seeked', SEEK_MS);
    video.currentTime = this.#times.within(index, share);
    const isThere = (await found) && video.readyState >= HAVE_CURRENT_DATA;
    if (!isThere && !this.isClosed) throw damagedVideo(this.#name, index, video.error ?? 'not found');
    const time = await withinMs(shown.time, this.#silences < SILENCES ? PRESENT_MS : PAINT_MS, undefined);
    shown.cancel();
    this.#silences = time === undefined ? this.#silences + 1 : 0;
    return time;
  }

  /** When another frame is on show. */
  #presented(): { readonly time: Promise<number | undefined>; readonly cancel: () => void } {
    const video = this.#video;
    if (!('requestVideoFrameCallback' in video))
      return { time: Promise.resolve(undefined), cancel: () => undefined };
    let request = 0;
    const time = new Promise<number>((resolve) => {
      request = video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime));
    });
    return { time, cancel: () => video.cancelVideoFrameCallback(request) };
  }

  /** Whether an event comes, in time and before an error. */
  #happens(type: string, ms: number): Promise<boolean> {
    const end = new AbortController();
    const { signal } = end;
    const event = new Promise<boolean>((resolve) => {
      this.#video.addEventListener(type, () => resolve(true), { signal });
      this.#video.addEventListener('error', () => resolve(false), { signal });
    });
    return withinMs(event, ms, false).finally(() => end.abort());
  }
}
