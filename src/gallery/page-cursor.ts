import { badParam } from '../core/errors.ts';
import type { FacePage } from '../core/records.ts';
import { type StoredFace, toRecord } from './stored.ts';

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

function wrongCursor(cursor: string | undefined): Error {
  return badParam('cursor', cursor, 'the cursor of an earlier page of the same list');
}

/** Where a page goes on. @param nextSeq - what the next new face gets @throws NearFaceError `BAD_PARAM` of a cursor that no page had */
export function pageStart(cursor: string | undefined, nextSeq: number): number {
  const after = decodeCursor(cursor);
  // No face has had such a number yet; those of deleted faces go on being places in the list.
  if (after >= nextSeq) throw wrongCursor(cursor);
  return after;
}

/** A page of faces, of which there may be more. */
export function pageOf(found: readonly StoredFace[], limit: number): FacePage {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const records = page.map(toRecord);
  return found.length > limit && last ? { records, cursor: encodeCursor(last.seq) } : { records };
}

/** Where the numbers above one begin, in rising order. */
export function firstAfter(seqs: Float64Array, seq: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] as number) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
