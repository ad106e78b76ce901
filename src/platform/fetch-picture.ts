import { AssetError } from '../core/asset-error.ts';
import { NearFaceError } from '../core/errors.ts';
import { fetchPieces } from './fetch-asset.ts';

/** How a picture is fetched that somebody else has named. */
export interface PictureFetching {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The error of a picture that is larger than any is read. */
export function pictureTooLarge(maxBytes: number): NearFaceError {
  const message = `The picture has more than ${maxBytes} bytes. Save it smaller`;
  return new NearFaceError('IMAGE_TOO_LARGE', message, { maxBytes });
}

/**
 * The picture at an address that a client named: without redirects, cookies or a referrer. A page can reach no more than the page of anybody
 * else could; the build for Node puts `node/fetch-picture.ts` in the place of this file, which refuses private addresses.
 *
 * @throws NearFaceError `IMAGE_TOO_LARGE`, `ABORTED`; AssetError, whose message follows the address in a sentence
 */
export async function fetchPicture(url: string, { maxBytes, signal }: PictureFetching): Promise<Blob> {
  const init = { redirect: 'error', credentials: 'omit', referrerPolicy: 'no-referrer' } as const;
  try {
    const { pieces, type } = await fetchPieces(url, { maxBytes, signal }, init);
    return new Blob([...pieces], { type });
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    if (error.isTooLarge) throw pictureTooLarge(maxBytes);
    const why = error.status === undefined ? 'could not be fetched' : `answered ${error.status}`;
    throw new AssetError(why, { cause: error });
  }
}
