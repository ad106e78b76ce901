import type { ImageInput } from '../../../api/image-input.ts';
import type { ImageRow } from '../../../api/video-input.ts';
import { badParam, NearFaceError } from '../../../core/errors.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import type { Frame, SourceEvent, SourceInfo } from '../../../video/frame-source.ts';
import { PulledFrames } from '../../../video/pulled-frames.ts';
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
export class ImageFrames extends PulledFrames<Picture> {
  #info: SourceInfo;
  readonly #fps: number;
  readonly #decoder: PictureDecoder;
  readonly #array: readonly ImageInput[] | undefined;
  readonly #iterator: Iterator<ImageInput> | AsyncIterator<ImageInput> | undefined;
  /** What an aborted call has asked for is there for the next one. */
  #asked: Promise<{ readonly image: ImageInput } | undefined> | undefined;

  /** @throws NearFaceError `BAD_PARAM` */
  constructor(images: ImageRow, { fps, start, onEvent }: ImageRowOptions) {
    super(onEvent);
    if (typeof fps !== 'number' || !(fps > 0 && fps <= 1000))
      throw badParam(
        'options.fps',
        fps,
        'the frames a second at which the images were taken, above 0 to 1000',
      );
    this.#fps = fps;
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
    if (this.#array) this.seek = (frameIndex) => this.goTo(frameIndex, this.#array?.length);
  }

  /** Only of an array. */
  readonly seek?: (frameIndex: number) => Promise<void>;

  get info(): SourceInfo {
    return this.#info;
  }

  /** @throws NearFaceError as that image does; the call after it gives the next image */
  protected async make(index: number, signal: AbortSignal | undefined): Promise<Frame<Picture> | undefined> {
    this.#asked ??= this.#given(index);
    const given = await untilAborted(this.#asked, signal);
    if (!given || this.isClosed) return undefined;
    try {
      const picture = livePicture(await this.#read(given.image, `images[${index}]`, signal));
      const { width, height } = picture;
      this.#info = { ...this.#info, width, height };
      return { index, timeMs: (index * 1000) / this.#fps, ...picture };
    } catch (error) {
      if (!signal?.aborted) this.goOn(index + 1);
      throw error;
    }
  }

  protected override goOn(index: number): void {
    super.goOn(index);
    this.#asked = undefined;
  }

  protected async letGo(): Promise<void> {
    await this.#decoder.close();
    const left = Promise.resolve(this.#iterator?.return?.());
    // A generator that is asked for an image ends when it has it, if ever.
    if (this.#asked) left.catch(() => undefined);
    else await left;
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
