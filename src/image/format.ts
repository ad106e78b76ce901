import { isJpegComplete } from './jpeg-header.ts';

/** Formats that browsers, or a decoder of one's own, may read; `heic` is every HEIF but AVIF. */
export type ImageFormat =
  'jpg' | 'png' | 'webp' | 'gif' | 'avif' | 'bmp' | 'ico' | 'jxl' | 'heic' | 'tiff' | 'svg';

/** First bytes in hex, in which a dot stands for any digit. */
const SIGNATURES: readonly (readonly [RegExp, ImageFormat])[] = [
  [/^ffd8/, 'jpg'],
  [/^89504e47/, 'png'],
  [/^52494646.{8}57454250/, 'webp'],
  [/^47494638/, 'gif'],
  [/^.{8}66747970/, 'heic'],
  [/^424d/, 'bmp'],
  [/^00000[12]00/, 'ico'],
  [/^ff0a/, 'jxl'],
  [/^0000000c4a584c20/, 'jxl'],
  [/^49492a00|^4d4d002a|^49492b00|^4d4d002b/, 'tiff'],
];

/** Bytes at the start of a file that are looked through for brands and tags. */
const LOOK = 256;

/** The format that the first bytes tell; undefined for anything else. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const hex = Array.from(bytes.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const format = SIGNATURES.find(([signature]) => signature.test(hex))?.[1];
  if (format === undefined) return beginsSvg(textOf(bytes)) ? 'svg' : undefined;
  if (format !== 'heic') return format;
  const brands = textOf(bytes.subarray(8, Math.min(uint32(bytes, 0), LOOK)));
  if (/avi[fs]/.test(brands)) return 'avif';
  return /hei|hev|mif1|msf1/.test(brands) ? 'heic' : undefined;
}

/** Whether the root element is reached, past what may stand before it. Linear: one pattern around all parts would try every split. */
function beginsSvg(text: string): boolean {
  const part = /\s+|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE svg[^>]*>/isy;
  let at = 0;
  while (part.test(text)) at = part.lastIndex;
  return /^<svg[\s>]/i.test(text.slice(at));
}

/** The media type of a format. */
export function mediaTypeOf(format: ImageFormat): string {
  return `image/${{ jpg: 'jpeg', ico: 'x-icon', svg: 'svg+xml' }[format as string] ?? format}`;
}

/**
 * Whether a file reaches its format's end, though it may be damaged within. What a browser shows of a file that was
 * cut off is a part of the picture, and not taken for the whole. True where the format has no end to look for.
 */
export function isComplete(format: ImageFormat, bytes: Uint8Array): boolean {
  switch (format) {
    case 'jpg':
      return isJpegComplete(bytes);
    case 'png':
      return indexOfText(bytes, 'IEND') >= 0;
    case 'webp':
      return (
        bytes.length >= 12 &&
        new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 <= bytes.length
      );
    case 'gif':
      return bytes.findLast((byte) => byte !== 0) === 0x3b;
    case 'avif':
      return boxesFit(bytes);
    default:
      return true;
  }
}

function boxesFit(bytes: Uint8Array): boolean {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = uint32(bytes, at);
    // 0: to the end of the file; 1: a size of 64 bits, which no picture needs.
    if (size < 8) return size === 0;
    at += size;
  }
  return at === bytes.length;
}

function indexOfText(bytes: Uint8Array, text: string): number {
  const [first, ...rest] = Array.from(text, (char) => char.charCodeAt(0));
  for (let at = bytes.indexOf(first!); at >= 0; at = bytes.indexOf(first!, at + 1)) {
    if (rest.every((code, i) => bytes[at + 1 + i] === code)) return at;
  }
  return -1;
}

function uint32(bytes: Uint8Array, at: number): number {
  return bytes.length < at + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, LOOK));
}
