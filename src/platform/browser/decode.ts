import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import {
  decodedFrom,
  type DecodedPixels,
  MAX_WORKING_PIXELS,
  onWhite,
  shrinkFactor,
} from '../../image/decoded-image.ts';
import type { ImageDimensions } from '../../image/dimensions.ts';
import { bytesOf, orientationOf, readEncodedHeader } from '../../image/encoded-header.ts';
import { isComplete, mediaTypeOf, type ImageFormat } from '../../image/format.ts';
import { turnsSides } from '../../image/orientation.ts';
import { checkPixels, checkWholePixels } from '../../image/pixel-limit.ts';
import { undecoded } from '../../image/undecoded.ts';
import type { BrowserImage } from './browser-image.ts';
import { BROWSER } from './decoder-words.ts';
import { PixelReader } from './pixel-reader.ts';
import { orientationToApply } from './webp-orientation.ts';

/**
 * Decodes an image: EXIF orientation applied, transparent parts on white, 16 bits and other colour spaces to 8-bit
 * sRGB as the browser does it, animations by their first frame. EXIF orientation of
 * WebP files is applied here where the browser does not. Owns `image` and closes it, whatever happens. A caller
 * with many images of one size, as from a camera, passes the same `reader`, and gives an image's pixels back to it once
 * they are read no more.
 * @throws `IMAGE_DECODING_FAILED` also for a truncated file; `IMAGE_TOO_LARGE`; `ABORTED`; `BACKEND_UNAVAILABLE` where
 * the browser falsifies the pixels that are read from canvases.
 */
export async function decodeImage(
  image: BrowserImage,
  signal?: AbortSignal,
  maxWorkingPixels: number = MAX_WORKING_PIXELS,
  reader: PixelReader = new PixelReader(),
): Promise<DecodedPixels> {
  try {
    throwIfAborted(signal);
    if (image.kind === 'encoded') return await decodeBlob(image.blob, signal, maxWorkingPixels, reader);
    if (image.kind === 'frame') return await decodeFrame(image.frame, maxWorkingPixels, reader);
    const decoded = await decodeUpright(image, maxWorkingPixels, reader);
    return image.file ? { ...decoded, orientation: await orientationOf(image.file) } : decoded;
  } finally {
    if (image.kind === 'bitmap') image.bitmap.close();
    if (image.kind === 'frame') image.frame.close();
  }
}

/** What has its size and its turn already. */
function decodeUpright(
  image: Extract<BrowserImage, { readonly kind: 'pixels' | 'bitmap' }>,
  maxWorkingPixels: number,
  reader: PixelReader,
): Promise<DecodedPixels> {
  if (image.kind === 'pixels') return decodePixels(image.pixels, maxWorkingPixels, reader);
  const { bitmap } = image;
  return readPixels(bitmap, bitmap.width, bitmap.height, maxWorkingPixels, reader);
}

async function decodeBlob(
  blob: Blob,
  signal: AbortSignal | undefined,
  maxWorkingPixels: number,
  reader: PixelReader,
): Promise<DecodedPixels> {
  const { format, size } = await readEncodedHeader(blob);
  throwIfAborted(signal);
  if (size && format !== 'jpg') checkWholePixels(size.width, size.height);
  if (size && format && (await reader.takesCutFiles()) && !isComplete(format, await bytesOf(blob)))
    throw await refused(blob, format);
  const shrink = size ? shrinkFactor(size.width, size.height, maxWorkingPixels) : 1;
  const orientation = await orientationToApply(format, size?.orientation ?? 1);
  const stored = size && turnsSides(orientation) ? { width: size.height, height: size.width } : size;
  const picture = await decodeByBrowser(blob, format, stored, shrink);
  try {
    throwIfAborted(signal);
    const [width, height] = sizeOf(picture);
    const decoded =
      'codedWidth' in picture && orientation === 1
        ? await decodeFrame(picture, maxWorkingPixels, reader)
        : await readPixels(picture, width, height, maxWorkingPixels, reader, orientation);
    const inPixels = size && shrink < 1 ? inOriginalPixels(decoded, size) : decoded;
    return { ...inPixels, orientation: size?.orientation ?? 1 };
  } finally {
    picture.close();
  }
}

async function refused(blob: Blob, format: ImageFormat | undefined, cause?: unknown): Promise<NearFaceError> {
  return undecoded({ blob, format, firstBytes: await bytesOf(blob.slice(0, 8)) }, BROWSER, cause);
}

/**
 * By `createImageBitmap`; by `ImageDecoder`, where the browser has one, a JPEG that is to be scaled down, which it does while
 * decoding (24 to 6 megapixels in 140 ms instead of 310), and some files that the other refuses.
 */
async function decodeByBrowser(
  blob: Blob,
  format: ImageFormat | undefined,
  stored: Pick<ImageDimensions, 'width' | 'height'> | undefined,
  shrink: number,
): Promise<ImageBitmap | VideoFrame> {
  const options: ImageBitmapOptions = { imageOrientation: 'from-image', premultiplyAlpha: 'default' };
  if (stored && shrink < 1) {
    const frame = format === 'jpg' && (await firstFrame(blob, format, stored, shrink));
    if (frame) return frame;
    // One side only: the browser keeps the aspect of the image as it orients it, whatever the header said.
    options.resizeWidth = Math.max(1, Math.round(stored.width * shrink));
    options.resizeQuality = 'medium';
  }
  try {
    return await createImageBitmap(blob, options);
  } catch (error) {
    const frame = format && (await firstFrame(blob, format));
    if (frame) return frame;
    throw await refused(blob, format, error);
  }
}

/** At about `shrink` times its stored size, where the decoder can; undefined where it cannot read the file. */
async function firstFrame(
  blob: Blob,
  format: ImageFormat,
  stored?: Pick<ImageDimensions, 'width' | 'height'>,
  shrink: number = 1,
): Promise<VideoFrame | undefined> {
  if (typeof ImageDecoder === 'undefined') return undefined;
  let decoder: ImageDecoder | undefined;
  try {
    const scaled = stored && {
      desiredWidth: Math.max(1, Math.round(stored.width * shrink)),
      desiredHeight: Math.max(1, Math.round(stored.height * shrink)),
    };
    const data = await blob.arrayBuffer();
    decoder = new ImageDecoder({ data, type: mediaTypeOf(format), ...scaled });
    const { image } = await decoder.decode();
    return image;
  } catch {
    return undefined;
  } finally {
    decoder?.close();
  }
}

function sizeOf(picture: ImageBitmap | VideoFrame): [width: number, height: number] {
  return 'displayWidth' in picture
    ? [picture.displayWidth, picture.displayHeight]
    : [picture.width, picture.height];
}

/** The decoded image with its size as the header says, turned if the browser turned it. */
function inOriginalPixels(decoded: DecodedPixels, header: ImageDimensions): DecodedPixels {
  const { pixels, orientation } = decoded;
  const aspect = Math.log(pixels.width / pixels.height);
  const asHeader = Math.log(header.width / header.height);
  const turned = Math.abs(aspect + asHeader) < Math.abs(aspect - asHeader);
  const [width, height] = turned ? [header.height, header.width] : [header.width, header.height];
  const scale = Math.sqrt((width * height) / (pixels.width * pixels.height));
  return { pixels, width, height, scale, orientation };
}

async function decodePixels(
  pixels: ImageData,
  maxWorkingPixels: number,
  reader: PixelReader,
): Promise<DecodedPixels> {
  const { width, height, data } = pixels;
  checkPixels(width, height);
  const direct = pixels.colorSpace === 'srgb' && data instanceof Uint8ClampedArray;
  if (direct && width * height <= maxWorkingPixels) {
    return decodedFrom(onWhite({ width, height, data }), width, height);
  }
  const bitmap = await createImageBitmap(pixels);
  try {
    return await readPixels(bitmap, width, height, maxWorkingPixels, reader);
  } finally {
    bitmap.close();
  }
}

async function decodeFrame(
  frame: VideoFrame,
  maxWorkingPixels: number,
  reader: PixelReader,
): Promise<DecodedPixels> {
  const { displayWidth: width, displayHeight: height } = frame;
  if (width * height <= maxWorkingPixels) {
    const pixels = await reader.copy(frame);
    if (pixels) return decodedFrom(pixels, width, height);
  }
  return await readPixels(frame, width, height, maxWorkingPixels, reader);
}

/** Draws on white as `orientation` has it and reads back, scaled down if it has more than `maxWorkingPixels`. */
async function readPixels(
  source: ImageBitmap | VideoFrame,
  storedWidth: number,
  storedHeight: number,
  maxWorkingPixels: number,
  reader: PixelReader,
  orientation: number = 1,
): Promise<DecodedPixels> {
  const [width, height] = turnsSides(orientation) ? [storedHeight, storedWidth] : [storedWidth, storedHeight];
  if (width < 1 || height < 1) {
    throw new NearFaceError(
      'IMAGE_DECODING_FAILED',
      `The image has ${width} × ${height} pixels: nothing to see`,
    );
  }
  checkPixels(width, height);
  const shrink = shrinkFactor(width, height, maxWorkingPixels);
  const workWidth = Math.max(1, Math.round(width * shrink));
  const workHeight = Math.max(1, Math.round(height * shrink));
  return decodedFrom(await reader.read(source, workWidth, workHeight, orientation), width, height);
}
