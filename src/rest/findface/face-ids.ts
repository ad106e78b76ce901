import type { Gallery } from '../../api/gallery.ts';
import type { FaceRecord } from '../../core/records.ts';
import { type Field, whole } from '../fields.ts';
import { hasCode, notFound } from '../problem.ts';
import type { Call } from '../route.ts';

/** Units of 100 µs in a millisecond, and ids in such a unit. */
const PER_MS = 10;
const PER_UNIT = 256;

/**
 * Makes ids for new faces that rise with time: units of 100 µs since 1970, times 256. Which one of its millisecond an id is, is left to chance, as other
 * processes make some for the same database.
 */
export class FaceIds {
  #last = 0;

  next(now: number): string {
    const first = Math.floor(now) * PER_MS * PER_UNIT;
    this.#last = Math.max(this.#last + 1, first + randomBelow(PER_MS * PER_UNIT));
    return String(this.#last);
  }
}

/** A random whole number from 0 to less than a small limit. */
function randomBelow(limit: number): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] as number) % limit;
}

/** When a face of such an id was added, in milliseconds since 1970. */
export function timeOfId(id: number): number {
  return Math.floor(id / PER_UNIT / PER_MS);
}

const DECIMAL = /^(0|[1-9]\d{0,15})$/;

/** An id as a number, if it is one that a client can hold exactly. */
export function numberOfId(id: string | undefined): number | undefined {
  if (id === undefined || !DECIMAL.test(id)) return undefined;
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A face's id as a client knows it: its own if that is a number, else the number that the store gave it. */
export function idOut({ id, number }: Pick<FaceRecord, 'id' | 'number'>): number {
  return numberOfId(id) ?? number;
}

/** A face's or a person's id in a path. */
export const idField = (what: string): Field<number> =>
  whole(0, Number.MAX_SAFE_INTEGER, `Id of the ${what}`);

/** The face of an id that a client knows. @throws RestError 404 */
export async function faceById({ nf }: Pick<Call, 'nf'>, id: number): Promise<FaceRecord> {
  try {
    return await nf.faces.get(String(id));
  } catch (error) {
    if (!hasCode(error, 'FACE_NOT_FOUND')) throw error;
  }
  const record = await faceOfNumber(await nf.galleries.get(), id);
  if (record) return record;
  throw notFound('There is no face of this id');
}

/** The face of a gallery that a client knows by the number that the store gave it. Numbers begin at 1. */
export async function faceOfNumber(gallery: Gallery, number: number): Promise<FaceRecord | undefined> {
  if (number < 1 || number >= Number.MAX_SAFE_INTEGER) return undefined;
  const { records } = await gallery.list({ after: number - 1, before: number + 1, limit: 1 });
  return records.find((record) => idOut(record) === number);
}
