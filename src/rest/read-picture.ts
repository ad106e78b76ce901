import { NearFaceError } from '../core/errors.ts';
import { bytesOfBase64, bytesOfDataUrl, kindOfText } from '../image/text-input.ts';
import { fetchPicture } from '../platform/fetch-picture.ts';
import type { Picture } from './fields.ts';
import { hasCode, RestError, wrongField } from './problem.ts';
import type { ResolvedRest } from './resolve-rest.ts';

/** An encoded picture out of a request. */
export interface GivenPicture {
  readonly blob: Blob;
  /** The address it was read from. */
  readonly url?: string;
  /** The file's name or the address; empty where there is neither. */
  readonly name: string;
}

/** What may be read, and how much of it. */
type PictureRules = Pick<ResolvedRest, 'fetchImages'> & { readonly maxImageBytes: number };

const EXPECTED = 'a picture: a file, an http(s) URL, base64 or a data URL';

/**
 * The picture that a field holds. Text is never handed on as it is: a host would take some of it for a path of its own.
 *
 * @throws NearFaceError or RestError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `BAD_PARAM`
 */
export async function readPicture(
  given: Picture,
  param: string,
  options: PictureRules,
  signal: AbortSignal,
): Promise<GivenPicture> {
  const { maxImageBytes } = options;
  if (typeof given !== 'string') {
    checkBytes(given.size, param, maxImageBytes);
    return { blob: given, name: (given as { name?: string }).name ?? '' };
  }
  const text = given.trim();
  switch (kindOfText(text)) {
    case 'data-url':
    case 'base64': {
      // Four characters are three bytes; what is far too long is not decoded.
      checkBytes(Math.floor((text.length * 3) / 4) - 4096, param, maxImageBytes);
      const bytes = /^data:/i.test(text) ? bytesOfDataUrl(text, param) : bytesOfBase64(text, param);
      checkBytes(bytes.length, param, maxImageBytes);
      return { blob: new Blob([bytes]), name: '' };
    }
    case 'url':
      return { blob: await readAddress(text, param, options, signal), url: text, name: text };
    case 'other':
      throw wrongField(param, given, EXPECTED);
  }
}

async function readAddress(
  address: string,
  param: string,
  { fetchImages, maxImageBytes }: PictureRules,
  signal: AbortSignal,
): Promise<Blob> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw wrongField(param, address, 'an http: or https: URL');
  if (url.username !== '' || url.password !== '')
    throw wrongField(param, `${url.origin}/…`, 'a URL without a user name and a password');
  if (fetchImages === false)
    throw wrongField(param, address, 'a file, base64 or a data URL: this server reads no addresses');
  try {
    const blob =
      fetchImages === true
        ? await fetchPicture(url.href, { maxBytes: maxImageBytes, signal })
        : await fetchImages(url.href, signal);
    checkBytes(blob.size, param, maxImageBytes);
    return blob;
  } catch (error) {
    if (signal.aborted || hasCode(error, 'IMAGE_TOO_LARGE', 'ABORTED')) throw error;
    const why = error instanceof Error && fetchImages === true ? error.message : 'could not be fetched';
    const message = `${param}: ${address.slice(0, 200)} ${why}`;
    throw new RestError({ status: 400, code: 'IMAGE_DECODING_FAILED', message, param });
  }
}

function checkBytes(bytes: number, param: string, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const message = `${param} has ${bytes} bytes; the limit is ${maxBytes}. Save it smaller`;
  throw new NearFaceError('IMAGE_TOO_LARGE', message, { param, bytes, maxBytes });
}
