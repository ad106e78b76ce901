import { badParam } from '../core/errors.ts';
import type { FacePage, MetaCount } from '../core/records.ts';
import type { MetaPage, PageQuery } from './port.ts';
import { type StoredFace, toRecord } from './stored.ts';

/** How the faces of a list lie, by which its cursors differ: those of one are refused by the other. */
type Order = NonNullable<PageQuery['order']>;

const PREFIX: Readonly<Record<Order, string>> = { oldest: 'after', newest: 'before' };

/** The opaque cursor of a page that ends with the face `seq`. */
export function encodeCursor(seq: number, order: Order = 'oldest'): string {
  return `${PREFIX[order]}-${seq.toString(36)}`;
}

/** The sequence number that a cursor stands for. @throws NearFaceError `BAD_PARAM` */
export function decodeCursor(cursor: string, order: Order = 'oldest'): number {
  const [, prefix, digits = ''] = /^([a-z]+)-([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  const seq = prefix === PREFIX[order] ? Number.parseInt(digits, 36) : NaN;
  if (Number.isSafeInteger(seq)) return seq;
  throw wrongCursor(cursor);
}

function wrongCursor(cursor: string | undefined): Error {
  return badParam('cursor', cursor, 'the cursor of an earlier page of the same list');
}

/** Where a page goes on. @param nextSeq - what the next new face gets @throws NearFaceError `BAD_PARAM` of a cursor that no page had */
export function pageStart(cursor: string | undefined, nextSeq: number): number {
  if (cursor === undefined) return 0;
  const after = decodeCursor(cursor);
  // No face has had such a number yet; those of deleted faces go on being places in the list.
  if (after >= nextSeq) throw wrongCursor(cursor);
  return after;
}

/**
 * The numbers that a page is taken from, in its order.
 *
 * @param seqs - rising
 * @param nextSeq - what the next new face gets
 * @throws NearFaceError `BAD_PARAM` of a cursor that no page had
 */
export function numbersOfPage(seqs: Float64Array, query: PageQuery, nextSeq: number): Float64Array {
  const { above, below } = boundsOfPage(query, nextSeq);
  const [from, to] = [firstAfter(seqs, above), firstFrom(seqs, below)];
  return query.order === 'newest' ? seqs.slice(from, to).reverse() : seqs.subarray(from, to);
}

/**
 * Between which numbers a page is, without these.
 *
 * @param nextSeq - what the next new face gets
 * @throws NearFaceError `BAD_PARAM` of a cursor that no page had
 */
export function boundsOfPage(
  { cursor, order = 'oldest', before = Infinity, after = 0 }: PageQuery,
  nextSeq: number,
): { readonly above: number; readonly below: number } {
  if (order === 'oldest') return { above: Math.max(after, pageStart(cursor, nextSeq)), below: before };
  if (cursor === undefined) return { above: after, below: before };
  const last = decodeCursor(cursor, order);
  if (last >= nextSeq) throw wrongCursor(cursor);
  return { above: after, below: Math.min(before, last) };
}

/** A page of metas, of all in any order: by UTF-16 unit. */
export function pageOfMetas<T extends Pick<MetaCount, 'meta'>>(
  found: readonly T[],
  { limit = Infinity, offset = 0 }: MetaPage = {},
): readonly T[] {
  return found.toSorted((a, b) => (a.meta < b.meta ? -1 : 1)).slice(offset, offset + limit);
}

/** A page of faces, of which there may be more. */
export function pageOf(found: readonly StoredFace[], limit: number, order: Order = 'oldest'): FacePage {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const records = page.map(toRecord);
  return found.length > limit && last ? { records, cursor: encodeCursor(last.seq, order) } : { records };
}

/** Where the numbers above one begin, in rising order. */
export function firstAfter(seqs: ArrayLike<number>, seq: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] as number) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where those begin that are not below one. Numbers are whole. */
function firstFrom(seqs: Float64Array, seq: number): number {
  return firstAfter(seqs, Math.ceil(seq) - 1);
}
