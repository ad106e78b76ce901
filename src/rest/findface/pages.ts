import type { Gallery } from '../../api/gallery.ts';
import type { FaceFilter, FaceRecord } from '../../core/records.ts';
import { type Field, optional, whole } from '../fields.ts';
import type { Call } from '../route.ts';
import { faceById, idOut, timeOfId } from './face-ids.ts';
import { RestError } from '../problem.ts';

/** Faces on a page unless something else is asked for, and the most. */
const PAGE = 100;
const MAX = 1000;

/** Where a page of faces begins. `before` and `after` are in the addresses of pages that are handed out, so that a face that is deleted leaves no hole. */
export const pageFields = (): {
  readonly limit: Field<number | undefined>;
  readonly max_id: Field<number | undefined>;
  readonly min_id: Field<number | undefined>;
  readonly before: Field<number | undefined>;
  readonly after: Field<number | undefined>;
} => ({
  limit: optional(whole(0, MAX, `Most results on a page; ${PAGE} if it is not given, ${MAX} if it is 0`)),
  max_id: optional(whole(0, Number.MAX_SAFE_INTEGER, 'Only faces that are older than this one')),
  min_id: optional(whole(0, Number.MAX_SAFE_INTEGER, 'Only faces that are newer than this one')),
  before: optional(whole(0, Number.MAX_SAFE_INTEGER, 'As it is in next_page')),
  after: optional(whole(0, Number.MAX_SAFE_INTEGER, 'As it is in prev_page')),
});

/** The fields of {@link pageFields}. */
export interface PageFields {
  readonly limit: number | undefined;
  readonly max_id: number | undefined;
  readonly min_id: number | undefined;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** How many results a page has. */
export const pageSize = (limit: number | undefined): number => (limit === 0 ? MAX : (limit ?? PAGE));

/** A page of faces, the newest first, with the addresses of the pages next to it. */
export interface FacesPage {
  readonly records: readonly FaceRecord[];
  readonly next_page: string | null;
  readonly prev_page: string | null;
}

/** The page that a call asks for. */
export async function pageOf(
  call: Call<unknown, PageFields, unknown>,
  gallery: Gallery,
  filter: FaceFilter = {},
): Promise<FacesPage> {
  const limit = pageSize(call.fields.limit);
  const { before, after, max_id: maxId, min_id: minId } = call.fields;
  // The page next to a face on its newer side is counted from it.
  const isBack = (after ?? minId) !== undefined && (before ?? maxId) === undefined;
  const { records: found } = await gallery.list({
    ...filter,
    ...(before === undefined ? maxId !== undefined && (await olderThan(call, maxId)) : { before }),
    ...(after === undefined ? minId !== undefined && (await newerThan(call, minId)) : { after }),
    limit,
    order: isBack ? 'oldest' : 'newest',
    signal: call.signal,
  });
  const records = isBack ? found.toReversed() : found;
  const [first, last] = [records[0], records.at(-1)];
  const has = async (side: { before: number } | { after: number }): Promise<boolean> =>
    (await gallery.list({ ...filter, ...side, limit: 1 })).records.length > 0;
  const [older, newer] = await Promise.all([
    last ? has({ before: last.number }) : false,
    first ? has({ after: first.number }) : false,
  ]);
  return {
    records,
    next_page: older && last ? address(call, { max_id: idOut(last), before: last.number }) : null,
    prev_page: newer && first ? address(call, { min_id: idOut(first), after: first.number }) : null,
  };
}

/** The faces that are older than one; where that is not there any more, its id tells when it was added. */
async function olderThan(
  call: Pick<Call, 'nf'>,
  id: number,
): Promise<{ before: number } | { until: number }> {
  const number = await numberOf(call, id);
  return number === undefined ? { until: timeOfId(id) } : { before: number };
}

async function newerThan(call: Pick<Call, 'nf'>, id: number): Promise<{ after: number } | { from: number }> {
  const number = await numberOf(call, id);
  return number === undefined ? { from: timeOfId(id) } : { after: number };
}

async function numberOf(call: Pick<Call, 'nf'>, id: number): Promise<number | undefined> {
  try {
    return (await faceById(call, id)).number;
  } catch (error) {
    if (error instanceof RestError) return undefined;
    throw error;
  }
}

/** The path and query of the call with other fields for the page. */
export function address(
  { url, path, options }: Pick<Call<unknown, unknown, unknown>, 'url' | 'path' | 'options'>,
  page: Readonly<Record<string, number | string>>,
): string {
  const query = new URLSearchParams(url.search);
  for (const name of ['max_id', 'min_id', 'before', 'after', 'cursor', 'offset', 'api_key'])
    query.delete(name);
  for (const [name, value] of Object.entries(page)) query.set(name, String(value));
  return `${options.basePath}${path}?${query.toString()}`;
}
