import { abortedError, badParam, NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { closeWire } from '../../core/wire-image.ts';
import { formatOf, isComplete, type ImageFormat } from '../../image/format.ts';
import type { BrowserInput } from './browser-image.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { isPixels, tagOf } from '../../image/given.ts';
import { decodeByHook, isText } from '../decode-by-hook.ts';
import type { RefusedImage } from '../port.ts';
import { toWireImage } from './image-input.ts';
import { orientationOfWebp } from '../../image/exif.ts';
import { transformFor, turnsSides } from '../../image/orientation.ts';
import { checkPixels } from '../../image/pixel-limit.ts';
import { orientationToApply } from './webp-orientation.ts';

/**
 * Decodes what the worker's decoders refused, as `refused` says: as an `<img>` shows it, whose decoder puts up with some damage,
 * then by the hook, unless it is text, such as the page that a server sends for a wrong address. Undefined if neither can.
 * @throws NearFaceError `IMAGE_DECODING_FAILED` if the hook fails; `BAD_PARAM` if it answers something else;
 * `IMAGE_TOO_LARGE`; `ABORTED`
 */
export async function decodeInPage(
  refused: RefusedImage,
  signal: AbortSignal | undefined,
): Promise<BrowserInput | undefined> {
  throwIfAborted(signal);
  const { file, hook } = refused;
  const wire =
    (await decodeByElement(file, signal)) ??
    (hook && !isText(file) ? await askHook(refused, signal) : undefined);
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

async function askHook(refused: RefusedImage, signal: AbortSignal | undefined): Promise<BrowserInput> {
  const decoded = await decodeByHook(refused, signal);
  const tag = tagOf(decoded);
  if (tag !== 'ImageData' && tag !== 'ImageBitmap' && !isPixels(decoded))
    throw badParam('the answer of options.decode', decoded, 'an ImageBitmap or ImageData');
  return toWireImage(decoded as ImageBitmap | ImageData, refused.param, signal);
}
