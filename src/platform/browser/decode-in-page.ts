import { abortedError, badParam, NearFaceError, throwIfAborted } from '../../core/errors.ts';
import type { DecodeHook } from '../../api/image-input.ts';
import { closeWire } from '../../core/wire-image.ts';
import { formatOf, isComplete, type ImageFormat } from '../../image/format.ts';
import type { BrowserInput } from './browser-image.ts';
import { toWireImage, untilAborted } from './image-input.ts';
import { orientationOfWebp } from '../../image/exif.ts';
import { transformFor, turnsSides } from '../../image/orientation.ts';
import { checkPixels } from '../../image/pixel-limit.ts';
import { orientationToApply } from './webp-orientation.ts';

/**
 * Decodes what the worker's decoders refused, as `refusal` says: as an `<img>` shows it, whose decoder puts up with some damage,
 * then by `hook`, unless it is text, such as the page that a server sends for a wrong address. Undefined if neither can.
 * @throws NearFaceError `IMAGE_DECODING_FAILED` if the hook fails; `BAD_PARAM` if it answers something else;
 * `IMAGE_TOO_LARGE`; `ABORTED`
 */
export async function decodeInPage(
  file: Blob,
  hook: DecodeHook | undefined,
  param: string,
  refusal: NearFaceError,
  signal: AbortSignal | undefined,
): Promise<BrowserInput | undefined> {
  throwIfAborted(signal);
  const wire =
    (await decodeByElement(file, signal)) ??
    (hook && !isText(file) ? await decodeByHook(file, hook, param, refusal, signal) : undefined);
  if (signal?.aborted) {
    if (wire) closeWire(wire.image);
    throw abortedError(signal.reason);
  }
  if (!wire || wire.image.kind === 'encoded' || wire.image.kind === 'frame') return undefined;
  return { image: { ...wire.image, file }, transfer: wire.transfer };
}

/** Formats that elements show; a drawing in SVG has no pixels of its own. */
const SHOWN: ReadonlySet<ImageFormat> = new Set([
  'jpg',
  'png',
  'webp',
  'gif',
  'avif',
  'bmp',
  'ico',
  'jxl',
  'heic',
  'tiff',
]);

async function decodeByElement(
  file: Blob,
  signal: AbortSignal | undefined,
): Promise<BrowserInput | undefined> {
  if (typeof Image === 'undefined' || typeof OffscreenCanvas === 'undefined') return undefined;
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => new ArrayBuffer(0)));
  const format = formatOf(bytes);
  if (!format || !SHOWN.has(format) || !isComplete(format, bytes)) return undefined;
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await untilAborted(image.decode(), signal);
    const orientation = await orientationToApply(format, format === 'webp' ? orientationOfWebp(bytes) : 1);
    const bitmap = drawn(image, orientation);
    return { image: { kind: 'bitmap', bitmap }, transfer: [bitmap] };
  } catch (error) {
    // A limit of ours, or the call was aborted; what the decoder refuses is no `NearFaceError`.
    if (error instanceof NearFaceError) throw error;
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function drawn(image: HTMLImageElement, orientation: number): ImageBitmap {
  const { naturalWidth, naturalHeight } = image;
  checkPixels(naturalWidth, naturalHeight);
  const turned = turnsSides(orientation);
  const [width, height] = turned ? [naturalHeight, naturalWidth] : [naturalWidth, naturalHeight];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.setTransform(...transformFor(orientation, width, height));
  context.drawImage(image, 0, 0, naturalWidth, naturalHeight);
  return canvas.transferToImageBitmap();
}

/** Pictures that are written as text, as SVG is, are of type `image`. */
function isText(file: Blob): boolean {
  return file.type.startsWith('text/');
}

async function decodeByHook(
  file: Blob,
  hook: DecodeHook,
  param: string,
  refusal: NearFaceError,
  signal: AbortSignal | undefined,
): Promise<BrowserInput> {
  throwIfAborted(signal);
  let decoded: unknown;
  try {
    decoded = await untilAborted(Promise.resolve(hook(file)), signal);
  } catch (error) {
    if (error instanceof NearFaceError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text = `${param}: options.decode failed: ${why}. It was asked because: ${refusal.message}`;
    throw new NearFaceError('IMAGE_DECODING_FAILED', text, refusal.details, error);
  }
  const tag = Object.prototype.toString.call(decoded);
  if (tag !== '[object ImageData]' && tag !== '[object ImageBitmap]')
    throw badParam('the answer of options.decode', decoded, 'an ImageBitmap or ImageData');
  return toWireImage(decoded as ImageBitmap | ImageData, param, signal);
}
