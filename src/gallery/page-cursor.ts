import { badParam } from '../core/errors.ts';

/** The opaque cursor of a page that ends with the face `seq`. */
export function encodeCursor(seq: number): string {
  return `after-${seq.toString(36)}`;
}

/** The sequence number that a cursor stands for; 0 without one. @throws NearFaceError `BAD_PARAM` */
export function decodeCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const digits = /^after-([0-9a-z]{1,11})$/.exec(cursor)?.[1];
  const seq = digits === undefined ? NaN : Number.parseInt(digits, 36);
  if (Number.isSafeInteger(seq)) return seq;
  throw wrongCursor(cursor);
}

export function wrongCursor(cursor: string | undefined): Error {
  return badParam('cursor', cursor, 'the cursor of an earlier page of the same list');
}
