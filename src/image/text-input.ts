import { NearFaceError, showValue } from '../core/errors.ts';
import { formatOf } from './format.ts';

/** What a string given as an image is. */
export type TextKind = 'data-url' | 'url' | 'base64' | 'other';

const ABSOLUTE_URL = /^(?:https?|blob|file):/i;
const RELATIVE_URL = /^\.{0,2}\//;
const IMAGE_NAME = /\.(?:jpe?g|jfif|png|webp|gif|avif|bmp|ico|jxl|heic|heif|tiff?)(?:[?#].*)?$/i;
/** JPEG, PNG, GIF, WebP, BMP and the `ftyp` box of AVIF and HEIC, in base64. JPEG's begins like a path. */
const BASE64_IMAGE = /^(?:\/9j\/|iVBORw0KGgo|R0lGOD|UklGR|Qk|AAAA.GZ0eX)/;
/** One class at a time: a pattern that could split a run of spaces in two would take time with the square of its length. */
const NOT_BASE64 = /[^\w+/\s-]/;
/** Text of base64's alphabet is it from this length on, unless it may be a path. */
const MIN_BASE64 = 64;
/** A path of base64's alphabet may begin as a picture's bytes do (`/work` as JPEG XL), but is hardly as long. */
const MIN_BASE64_LIKE_PATH = 256;
/** The longest relative URL that is fetched. */
export const MAX_RELATIVE_URL = 2048;
/** The longest URL with a scheme that is fetched; servers refuse longer ones. */
export const MAX_URL = 8192;

/** Tells a data URL, a URL and base64 apart. Long text is never a URL: a picture must not be sent to a server as an address. */
export function kindOfText(text: string): TextKind {
  if (/^data:/i.test(text)) return 'data-url';
  if (ABSOLUTE_URL.test(text)) return text.length <= MAX_URL ? 'url' : 'other';
  const isBase64 = hasBase64Alphabet(text);
  if (isBase64 && isPicture(text)) return 'base64';
  if (text.length <= MAX_RELATIVE_URL && (RELATIVE_URL.test(text) || IMAGE_NAME.test(text))) return 'url';
  return isBase64 && text.length >= MIN_BASE64 ? 'base64' : 'other';
}

/** Standard or URL-safe, white space anywhere, at most two `=` at the end. */
function hasBase64Alphabet(text: string): boolean {
  const digits = text.trimEnd().replace(/={1,2}$/, '');
  return digits !== '' && !NOT_BASE64.test(digits);
}

/** Whether text of base64's alphabet begins with the signature of a picture. */
function isPicture(text: string): boolean {
  if (BASE64_IMAGE.test(text)) return true;
  if (text.length < MIN_BASE64_LIKE_PATH) return false;
  const start = text.slice(0, 200).replaceAll(/\s/g, '').slice(0, 64);
  const bytes = decoded(start.slice(0, start.length - (start.length % 4)));
  return bytes !== undefined && formatOf(bytes) !== undefined;
}

/** The bytes of standard or URL-safe base64, white space allowed. */
export function bytesOfBase64(text: string, param: string): Uint8Array<ArrayBuffer> {
  const bytes = decoded(text);
  if (!bytes) throw broken(text, param, 'is not complete base64');
  return bytes;
}

/** Undefined where `atob` refuses; what it throws says no more. */
function decoded(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The bytes of a `data:` URL, decoded without a fetch, so that no Content-Security-Policy stands in the way. */
export function bytesOfDataUrl(url: string, param: string): Uint8Array<ArrayBuffer> {
  const comma = url.indexOf(',');
  if (comma < 0) throw broken(url, param, 'has no comma before its data');
  const payload = url.slice(comma + 1);
  const raw = payload.includes('%') ? percentDecode(payload) : payload;
  if (/;\s*base64\s*$/i.test(url.slice(0, comma))) return bytesOfBase64(raw, param);
  return Uint8Array.from(raw, (char) => char.charCodeAt(0));
}

/** Percent escapes to one char per byte; `decodeURIComponent` would take the bytes for UTF-8. */
function percentDecode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function broken(text: string, param: string, what: string): NearFaceError {
  const message = `${param}: the string ${showValue(text)} ${what}; pass the whole encoded image`;
  return new NearFaceError('IMAGE_DECODING_FAILED', message, { param });
}
