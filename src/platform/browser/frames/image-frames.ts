import type { ImageInput } from '../../../api/image-input.ts';
import { badParam, NearFaceError } from '../../../core/errors.ts';
import { SerialQueue } from '../../../core/serial-queue.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { checkPixels } from '../../../image/pixel-limit.ts';
import { bytesOf, readEncodedHeader } from '../../../image/encoded-header.ts';
import { undecoded } from '../../../image/undecoded.ts';
import type { Frame, FrameSource, SourceInfo } from '../../../video/frame-source.ts';
import { checkFrameIndex } from '../../../video/frame-times.ts';
import type { BrowserImage } from '../browser-image.ts';
import { toWireImage } from '../image-input.ts';
import { livePicture, type Picture } from './picture.ts';

/** Images in a row; of an array any can be had, of the others each once, in their order. */
export type ImageRow = Iterable<ImageInput> | AsyncIterable<ImageInput>;

/** Images that are shown one after the other, each for 1 / `fps` seconds. What was given is neither closed nor changed. */
export class ImageFrames implements FrameSource<Picture> {
  readonly dropped = 0;
  #info: SourceInfo;
  readonly #fps: number;
  readonly #array: readonly ImageInput[] | undefined;
  readonly #iterator: Iterator<ImageInput> | AsyncIterator<ImageInput> | undefined;
  readonly #turns = new SerialQueue();
  #index = 0;
  #asked: Promise<{ readonly image: ImageInput } | undefined> | undefined;
  #isClosed = false;
  #pause: { readonly until: Promise<void>; readonly resume: () => void } | undefined;

  /** @throws NearFaceError `BAD_PARAM` */
  constructor(images: ImageRow, fps: number | undefined) {
    if (typeof fps !== 'number' || !(fps > 0 && fps <= 1000))
      throw badParam(
        'options.fps',
        fps,
        'the frames a second at which the images were taken, above 0 to 1000',
      );
    this.#fps = fps;
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
      while (this.#pause && !this.#isClosed) await untilAborted(this.#pause.until, signal);
      if (this.#isClosed) return undefined;
      const index = this.#index;
      // What an aborted call has asked for is there for the next one.
      this.#asked ??= this.#given(index);
      const given = await untilAborted(this.#asked, signal);
      if (!given || this.#isClosed) return undefined;
      this.#asked = undefined;
      this.#index = index + 1;
      const picture = livePicture(await readPicture(given.image, `images[${index}]`, signal));
      const { width, height } = picture;
      this.#info = { ...this.#info, width, height };
      return { index, timeMs: (index * 1000) / this.#fps, ...picture };
    }, signal);
  }

  pause(): void {
    let resume = (): void => undefined;
    const until = new Promise<void>((done) => (resume = done));
    this.#pause ??= { until, resume };
  }

  resume(): void {
    this.#pause?.resume();
    this.#pause = undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.resume();
    await this.#iterator?.return?.();
  }

  async #seek(frameIndex: number): Promise<void> {
    checkFrameIndex(frameIndex, this.#array?.length);
    await this.#turns.run(() => {
      this.#index = frameIndex;
      this.#asked = undefined;
    });
  }

  async #given(index: number): Promise<{ readonly image: ImageInput } | undefined> {
    if (this.#array) return index < this.#array.length ? { image: this.#array[index]! } : undefined;
    const item: IteratorResult<ImageInput, unknown> = await this.#iterator!.next();
    return item.done ? undefined : { image: item.value };
  }
}

/** The image's pixels as they are shown. @throws NearFaceError as `detect` does */
async function readPicture(
  input: ImageInput,
  param: string,
  signal: AbortSignal | undefined,
): Promise<Picture> {
  const { image } = await toWireImage(input, param, signal);
  try {
    return await pictureOf(image);
  } catch (error) {
    if (!(error instanceof NearFaceError)) throw error;
    throw new NearFaceError(
      error.code,
      `${param}: ${error.message}`,
      { ...error.details, param },
      error.cause,
    );
  }
}

async function pictureOf(image: BrowserImage): Promise<Picture> {
  if (image.kind === 'frame') return image.frame;
  if (image.kind === 'bitmap') return image.bitmap;
  if (image.kind === 'pixels') return createImageBitmap(image.pixels);
  const { blob } = image;
  const { format, size } = await readEncodedHeader(blob);
  if (size) checkPixels(size.width, size.height);
  try {
    return await createImageBitmap(blob, { imageOrientation: 'from-image' });
  } catch (error) {
    throw undecoded(blob, format, await bytesOf(blob.slice(0, 8)), error);
  }
}
