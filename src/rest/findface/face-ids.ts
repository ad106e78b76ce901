import type { FaceRecord } from '../../core/records.ts';
import { type Field, whole } from '../fields.ts';
import { hasCode, notFound } from '../problem.ts';
import type { Call } from '../route.ts';

/** Units of 100 µs in a millisecond, and ids in such a unit. */
const PER_MS = 10;
const PER_UNIT = 256;

/** Makes ids for new faces that rise with time: units of 100 µs since 1970, times 256. */
export class FaceIds {
  #last = 0;

  next(now: number): string {
    this.#last = Math.max(this.#last + 1, Math.floor(now * PER_MS) * PER_UNIT);
    return String(this.#last);
  }
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
  const gallery = await nf.galleries.get();
  const { records } = await gallery.list({ after: id - 1, before: id + 1, limit: 1 });
  const [record] = records;
  if (record && idOut(record) === id) return record;
  throw notFound('There is no face of this id');
}
