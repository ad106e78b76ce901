import { abortedError, badParam, throwIfAborted } from '../../core/errors.ts';
import type { ImageInput, RgbaPixels } from '../../api/image-input.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { blobOfBytes, copyPixels, isPixels, shorten, tagOf, unreadable } from '../../image/given.ts';
import { closeWire } from '../../core/wire-image.ts';
import { checkPixels } from '../../image/pixel-limit.ts';
import type { BrowserInput } from './browser-image.ts';
import { refuseProxy, unproxied } from './proxies.ts';
import { MAX_RELATIVE_URL, MAX_URL } from '../../image/text-input.ts';
import { imageOfText } from '../text-image.ts';

const ACCEPTED =
  'an image: a Blob or File, encoded bytes (ArrayBuffer, Uint8Array), a base64 string, a data: or other URL, ' +
  'ImageData, pixels { width, height, data }, ImageBitmap, <img>, <canvas>, OffscreenCanvas, <video> or VideoFrame';

const ACCEPTED_TEXT =
  `${ACCEPTED}; a relative URL starts with ./ or / or ends in an image's extension, and has at most ${MAX_RELATIVE_URL} ` +
  `characters, one with its scheme at most ${MAX_URL}`;

const FETCH_REMEDY =
  'check the address; another origin must allow it with Access-Control-Allow-Origin, and a Content-Security-Policy must ' +
  'list it in connect-src';

type Reader = (
  input: never,
  param: string,
  signal: AbortSignal | undefined,
) => Promise<BrowserInput> | BrowserInput;

/** By the object's own tag, so that objects of other frames and realms are known too. */
const READERS: Readonly<Record<string, Reader>> = {
  Blob: (input: Blob) => encoded(input),
  File: (input: Blob) => encoded(input),
  ArrayBuffer: fromBytes,
  Uint8Array: fromBytes,
  Object: (input: RgbaPixels, param) => fromPixels(input, param),
  String: fromText,
  URL: (input: URL, param, signal) => fromText(input.href, param, signal),
  ImageData: fromImageData,
  ImageBitmap: fromBitmap,
  HTMLImageElement: fromImageElement,
  HTMLCanvasElement: fromCanvas,
  OffscreenCanvas: fromCanvas,
  HTMLVideoElement: fromVideo,
  VideoFrame: fromVideoFrame,
};

/** Whether a value is of a kind that {@link toWireImage} takes; says nothing of its content. */
export function isImageInput(value: unknown): value is ImageInput {
  const given = unproxied(value);
  const tag = tagOf(given);
  return tag === 'Object' ? isPixels(given) : Object.hasOwn(READERS, tag);
}

/**
 * Makes a copy of what the user gave that can be sent to the vision worker; the user's object is neither closed,
 * detached nor changed. Runs in the page, touches browser globals only when called.
 * @throws `BAD_PARAM` naming `param` for anything that is not an image; `IMAGE_DECODING_FAILED` for an image that
 * cannot be read (not loaded, not found, from another origin without CORS); `IMAGE_TOO_LARGE`; `ABORTED`.
 */
export async function toWireImage(
  input: ImageInput,
  param: string,
  signal?: AbortSignal,
): Promise<BrowserInput> {
  throwIfAborted(signal);
  if (!isImageInput(input)) throw badParam(param, input, ACCEPTED);
  const given = unproxied(input);
  const tag = tagOf(given);
  refuseProxy(given, tag, param);
  const wire = await READERS[tag]!(given as never, param, signal);
  if (signal?.aborted) {
    closeWire(wire.image);
    throw abortedError(signal.reason);
  }
  return wire;
}

function encoded(blob: Blob): BrowserInput {
  return { image: { kind: 'encoded', blob }, transfer: [] };
}

function fromBytes(input: Uint8Array | ArrayBuffer, param: string): BrowserInput {
  return encoded(blobOfBytes(input, param));
}

function fromPixels(input: RgbaPixels, param: string): BrowserInput {
  const { width, height, data } = copyPixels(input, param);
  return { image: { kind: 'pixels', pixels: new ImageData(data, width, height) }, transfer: [data.buffer] };
}

async function fromText(text: string, param: string, signal: AbortSignal | undefined): Promise<BrowserInput> {
  return encoded(await imageOfText(text, { param, signal, accepted: ACCEPTED_TEXT, remedy: FETCH_REMEDY }));
}

function fromImageData(input: ImageData, param: string): BrowserInput | Promise<BrowserInput> {
  checkPixels(input.width, input.height);
  if (tagOf(input.data) !== 'Uint8ClampedArray') return copied(input, input.width, input.height, param);
  try {
    const pixels = new ImageData(input.data.slice(), input.width, input.height, {
      colorSpace: input.colorSpace,
    });
    return { image: { kind: 'pixels', pixels }, transfer: [pixels.data.buffer] };
  } catch (error) {
    throw unreadable(param, 'the ImageData has no pixels any more; it was detached by a transfer', error);
  }
}

async function fromBitmap(input: ImageBitmap, param: string): Promise<BrowserInput> {
  if (input.width === 0)
    throw unreadable(param, 'the ImageBitmap was closed or transferred; pass it before that');
  return copied(input, input.width, input.height, param);
}

async function fromCanvas(input: HTMLCanvasElement | OffscreenCanvas, param: string): Promise<BrowserInput> {
  if (input.width === 0 || input.height === 0) {
    throw unreadable(
      param,
      `the canvas is ${input.width} × ${input.height} pixels; give it a size and draw on it`,
    );
  }
  return copied(input, input.width, input.height, param);
}

async function fromImageElement(
  input: HTMLImageElement,
  param: string,
  signal: AbortSignal | undefined,
): Promise<BrowserInput> {
  let shown = input;
  if (!input.complete || input.naturalWidth === 0) {
    try {
      if (input.loading === 'lazy') shown = eagerCopy(input);
      await untilAborted(shown.decode(), signal);
    } catch (error) {
      if (signal?.aborted) throw abortedError(signal.reason);
      throw unreadable(
        param,
        `the <img> could not be loaded (src ${shorten(input.src) || 'is empty'})`,
        error,
      );
    }
  }
  return copied(shown, shown.naturalWidth, shown.naturalHeight, param);
}

/** The same picture in an element of its own: a lazy one that is not about to be seen never loads. */
function eagerCopy(input: HTMLImageElement): HTMLImageElement {
  const copy = input.ownerDocument.createElement('img');
  copy.loading = 'eager';
  copy.crossOrigin = input.crossOrigin;
  copy.referrerPolicy = input.referrerPolicy;
  if (input.currentSrc) {
    copy.src = input.currentSrc;
  } else {
    copy.sizes = input.sizes;
    copy.srcset = input.srcset;
    copy.src = input.src;
  }
  return copy;
}

async function fromVideo(input: HTMLVideoElement, param: string): Promise<BrowserInput> {
  const HAVE_CURRENT_DATA = 2;
  if (input.readyState < HAVE_CURRENT_DATA || input.videoWidth === 0) {
    throw unreadable(param, 'the <video> has no frame yet; wait for its loadeddata event');
  }
  return copied(input, input.videoWidth, input.videoHeight, param);
}

function fromVideoFrame(input: VideoFrame, param: string): BrowserInput {
  try {
    const frame = input.clone();
    return { image: { kind: 'frame', frame }, transfer: [frame] };
  } catch (error) {
    throw unreadable(param, 'the VideoFrame is closed; close it after the call', error);
  }
}

const COPY_REMEDY =
  'it may be damaged, closed, or of a pixel format that is not supported; draw it on a canvas first';

async function copied(
  source: ImageBitmap | ImageData | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | HTMLVideoElement,
  width: number,
  height: number,
  param: string,
): Promise<BrowserInput> {
  checkPixels(width, height);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (error) {
    throw unreadable(param, `the browser could not read the ${tagOf(source)}; ${COPY_REMEDY}`, error);
  }
  if (isTainted(bitmap)) {
    bitmap.close();
    throw unreadable(
      param,
      `the ${tagOf(source)} shows an image of another origin, which the browser keeps from scripts; load it with ` +
        'crossorigin="anonymous" from a server that sends Access-Control-Allow-Origin',
    );
  }
  return { image: { kind: 'bitmap', bitmap }, transfer: [bitmap] };
}

/** Whether the browser refuses to give out the pixels. Such a bitmap could not be sent to a worker. */
function isTainted(bitmap: ImageBitmap): boolean {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!context) return false;
  context.drawImage(bitmap, 0, 0, 1, 1, 0, 0, 1, 1);
  try {
    context.getImageData(0, 0, 1, 1);
    return false;
  } catch {
    return true;
  }
}
