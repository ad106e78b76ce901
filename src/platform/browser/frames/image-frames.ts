import type { ImageInput } from '../../../api/image-input.ts';
import type { ImageRow } from '../../../api/video-input.ts';
import { badParam, NearFaceError } from '../../../core/errors.ts';
import { SerialQueue } from '../../../core/serial-queue.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from '../../../video/frame-source.ts';
import type { LivePicture } from '../../../video/live-frames.ts';
import { checkFrameIndex } from '../../../video/frame-times.ts';
import { Pause } from '../../../video/pause.ts';
import { toWireImage } from '../image-input.ts';
import type { StartDecoder } from './link.ts';
import { livePicture, type Picture } from './picture.ts';
import { PictureDecoder } from './picture-decoder.ts';

/** How they are read. */
export interface ImageRowOptions {
  /** Frames a second at which they were taken. */
  readonly fps?: number | undefined;
  /** Starts the worker that decodes them. */
  readonly start: StartDecoder;
  readonly onEvent?: ((event: SourceEvent) => void) | undefined;
}

/** Images that are shown one after the other, each for 1 / `fps` seconds. What was given is neither closed nor changed. */
export class ImageFrames implements FrameSource<Picture> {
  readonly dropped = 0;
  #info: SourceInfo;
  readonly #fps: number;
  readonly #onEvent: ((event: SourceEvent) => void) | undefined;
  #hasEnded = false;
  readonly #decoder: PictureDecoder;
  readonly #array: readonly ImageInput[] | undefined;
  readonly #iterator: Iterator<ImageInput> | AsyncIterator<ImageInput> | undefined;
  readonly #turns = new SerialQueue();
  #index = 0;
  #asked: Promise<{ readonly image: ImageInput } | undefined> | undefined;
  #isClosed = false;
  readonly #pause = new Pause();

  /** @throws NearFaceError `BAD_PARAM` */
  constructor(images: ImageRow, { fps, start, onEvent }: ImageRowOptions) {
    if (typeof fps !== 'number' || !(fps > 0 && fps <= 1000))
      throw badParam(
        'options.fps',
        fps,
        'the frames a second at which the images were taken, above 0 to 1000',
      );
    this.#fps = fps;
    this.#onEvent = onEvent;
    this.#decoder = new PictureDecoder(start);
    this.#array = Array.isArray(images) ? (images as readonly ImageInput[]) : undefined;
    if (!this.#array)
      this.#iterator =
        Symbol.asyncIterator in images
          ? images[Symbol.asyncIterator]()
          : (images as Iterable<ImageInput>)[Symbol.iterator]();
    const count = this.#array?.length;
    const counted = count === undefined ? undefined : { frames: count, durationMs: (count * 1000) / fps };
    this.#info = { kind: 'images', mediaType: '', width: 0, height: 0, fps, way: 'images', ...counted };
    if (this.#array) this.seek = (frameIndex) => this.#seek(frameIndex);
  }

  /** Only of an array. */
  readonly seek?: (frameIndex: number) => Promise<void>;

  get info(): SourceInfo {
    return this.#info;
  }

  /** @throws NearFaceError as that image does; the call after it gives the next image */
  next(signal?: AbortSignal): Promise<Frame<Picture> | undefined> {
    return this.#turns.run(async () => {
      while (this.#pause.isOn && !this.#isClosed) await this.#pause.over(signal);
      if (this.#isClosed) return undefined;
      const index = this.#index;
      // What an aborted call has asked for is there for the next one.
      this.#asked ??= this.#given(index);
      const given = await untilAborted(this.#asked, signal);
      if (this.#isClosed) return undefined;
      if (!given) return this.#end();
      const picture = await this.#picture(given.image, index, signal);
      if (!picture) return undefined;
      this.#goTo(index + 1);
      const { width, height } = picture;
      this.#info = { ...this.#info, width, height };
      return { index, timeMs: (index * 1000) / this.#fps, ...picture };
    }, signal);
  }

  /** Goes on behind the image, unless the call is aborted; undefined if it is closed meanwhile. */
  async #picture(
    image: ImageInput,
    index: number,
    signal: AbortSignal | undefined,
  ): Promise<LivePicture<Picture> | undefined> {
    try {
      const picture = livePicture(await this.#read(image, `images[${index}]`, signal));
      if (!this.#isClosed) return picture;
      picture.close();
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!this.#isClosed) {
        this.#goTo(index + 1);
        throw error;
      }
    }
    return undefined;
  }

  #end(): undefined {
    if (!this.#hasEnded) this.#onEvent?.({ type: 'ended', index: this.#index });
    this.#hasEnded = true;
  }

  #goTo(index: number): void {
    this.#hasEnded = false;
    this.#index = index;
    this.#asked = undefined;
  }

  pause(): void {
    this.#pause.begin();
  }

  resume(): void {
    this.#pause.end();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.resume();
    await this.#decoder.close();
    const left = Promise.resolve(this.#iterator?.return?.());
    // A generator that is asked for an image ends when it has it, if ever.
    if (this.#asked) left.catch(() => undefined);
    else await left;
  }

  async #seek(frameIndex: number): Promise<void> {
    checkFrameIndex(frameIndex, this.#array?.length);
    await this.#turns.run(() => this.#goTo(frameIndex));
  }

  async #given(index: number): Promise<{ readonly image: ImageInput } | undefined> {
    if (this.#array) return index < this.#array.length ? { image: this.#array[index]! } : undefined;
    const item: IteratorResult<ImageInput, unknown> = await this.#iterator!.next();
    return item.done ? undefined : { image: item.value };
  }

  /** The image's pixels as they are shown. @throws NearFaceError as `detect` does */
  async #read(input: ImageInput, param: string, signal: AbortSignal | undefined): Promise<Picture> {
    const { image } = await toWireImage(input, param, signal);
    if (image.kind === 'frame') return image.frame;
    if (image.kind === 'bitmap') return image.bitmap;
    if (image.kind === 'pixels') return createImageBitmap(image.pixels);
    try {
      return await this.#decoder.decode(image.blob, signal);
    } catch (error) {
      if (!(error instanceof NearFaceError) || error.code === 'ABORTED') throw error;
      const { code, message, details, cause } = error;
      throw new NearFaceError(code, `${param}: ${message}`, { ...details, param }, cause);
    }
  }
}
