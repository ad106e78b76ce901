import type { NearFace } from '../../api/nearface.ts';
import { namedBy } from '../problem.ts';

/** In front of a number: a UUID of version 8, which nobody else makes. */
const PREFIX = '6e656172-face-8000-8';
const CURSOR = /^6e656172-face-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/i;
const DIGITS = 15;

/**
 * Where the page behind a face begins, as a UUID that holds the face's number: that of the face itself would lead nowhere once it is
 * deleted.
 */
export function cursorOf(number: number): string {
  const hex = number.toString(16).padStart(DIGITS, '0');
  return `${PREFIX}${hex.slice(0, 3)}-${hex.slice(3)}`;
}

/** The number in a cursor; undefined for any other UUID. */
export function numberOfCursor(after: string): number | undefined {
  const [, high, low] = CURSOR.exec(after) ?? [];
  const number = high === undefined ? Number.NaN : Number.parseInt(`${high}${low}`, 16);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The number behind which a page begins. @throws RestError `BAD_PARAM` of the id of a face that is not there */
export async function numberAfter({ faces }: Pick<NearFace, 'faces'>, after: string): Promise<number> {
  const number = numberOfCursor(after);
  if (number !== undefined) return number;
  const record = await namedBy('after', after, () => faces.get(after));
  return record.number;
}
