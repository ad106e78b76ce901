import { AssetError } from '../core/asset-error.ts';
import { badParam } from '../core/errors.ts';
import { checkEncodedBytes, MAX_ENCODED_BYTES } from '../image/encoded-header.ts';
import { shorten, unreadable } from '../image/given.ts';
import { bytesOfBase64, bytesOfDataUrl, kindOfText } from '../image/text-input.ts';
import { fetchPieces } from './fetch-asset.ts';

/** What differs between hosts when an image is given as text. */
export interface TextReading {
  /** What the caller calls the image, for messages. */
  readonly param: string;
  readonly signal: AbortSignal | undefined;
  /** What would have been an image, for messages. */
  readonly accepted: string;
  /** What to do about an address that cannot be fetched, for messages. */
  readonly remedy: string;
}

/**
 * The encoded image that a text is: base64, a `data:` URL, or what is found at a URL, which `readUrl` reads.
 *
 * @throws NearFaceError `BAD_PARAM`, `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `ABORTED`
 */
export async function imageOfText(
  text: string,
  reading: TextReading,
  readUrl: (url: string, reading: TextReading) => Promise<Blob> = fetchImage,
): Promise<Blob> {
  const { param, accepted } = reading;
  switch (kindOfText(text)) {
    case 'data-url':
      return new Blob([bytesOfDataUrl(text, param)]);
    case 'base64':
      return new Blob([bytesOfBase64(text, param)]);
    case 'url':
      return readUrl(text, reading);
    case 'other':
      throw badParam(param, text, accepted);
  }
}

/** The file at an address, of the type that the server gives it. @throws NearFaceError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `ABORTED` */
export async function fetchImage(url: string, { param, signal, remedy }: TextReading): Promise<Blob> {
  try {
    const { pieces, type } = await fetchPieces(url, { maxBytes: MAX_ENCODED_BYTES, signal });
    return new Blob([...pieces], { type });
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    if (error.isTooLarge) checkEncodedBytes(Infinity);
    const why =
      error.status === undefined
        ? `could not be fetched; ${remedy}`
        : `answered ${error.status}; check the address`;
    throw unreadable(param, `${shorten(url)} ${why}`, error.cause ?? error);
  }
}
