import { NearFaceError, showValue } from '../core/errors.ts';

/**
 * A zip, or one file in it, that cannot be read: `why` says what is wrong, `remedy` what to do. `BAD_PARAM` with the
 * entry's path as `details.value`.
 */
export function zipError(
  entry: string | undefined,
  why: string,
  remedy: string,
  cause?: unknown,
): NearFaceError {
  const what = entry === undefined ? 'the zip file' : `${showValue(entry)} in the zip file`;
  return new NearFaceError(
    'BAD_PARAM',
    `source: ${what} ${why}; ${remedy}`,
    { param: 'source', value: entry },
    cause,
  );
}

export const FETCH_AGAIN = 'copy or download the zip again';
export const PACK_AGAIN = 'pack it again with the ordinary method (Deflate)';
