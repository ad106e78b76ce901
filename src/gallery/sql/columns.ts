/** How values lie in columns. */
import type { SqlRow } from './driver.ts';

/** Texts in which nothing is escaped. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * A text as it lies in a column: PostgreSQL's texts have neither a NUL nor half a surrogate pair, so that it is escaped as in JSON. Different
 * texts stay different.
 */
export function columnText(text: string): string {
  if (PLAIN.test(text)) return text;
  return JSON.stringify(text).slice(1, -1);
}

/** The same of one that may be absent. */
export function columnTextOrNull(text: string | undefined): string | null {
  return text === undefined ? null : columnText(text);
}

/** The text in a column. */
export function textOf(column: unknown): string {
  return JSON.parse(`"${column as string}"`) as string;
}

/** The record in a column of JSON. The column is a plain text: `jsonb` refuses what {@link columnText} escapes. */
export function recordOf<T>(row: SqlRow): T {
  return JSON.parse(row.record as string) as T;
}

/** A copy of the bytes in a column. */
export function bytesOf(column: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(column as Uint8Array);
}

/** The vector in a column. */
export function vectorOf(column: unknown): Float32Array<ArrayBuffer> {
  return new Float32Array(bytesOf(column).buffer);
}

/** A number's bytes as they lie in a column. */
export function columnBytes(values: ArrayBufferView | ArrayBuffer): Uint8Array {
  if (values instanceof ArrayBuffer) return new Uint8Array(values);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A whole number for a `bigint`: infinite ones are the largest that there are. */
export function columnNumber(value: number): number {
  const most = Number.MAX_SAFE_INTEGER;
  return Math.max(-most, Math.min(most, value));
}

/** Many bytes as one parameter, and where each of them begins. */
export function packed(parts: readonly Uint8Array[]): {
  readonly bytes: Uint8Array;
  readonly places: readonly { readonly at: number; readonly length: number }[];
} {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  const places = parts.map((part) => {
    bytes.set(part, at);
    const place = { at: at + 1, length: part.length };
    at += part.length;
    return place;
  });
  return { bytes, places };
}

/** Numbers as a parameter that {@link NUMBERS} reads. */
export function numbersParam(seqs: Iterable<number>): string {
  return JSON.stringify([...seqs].filter(Number.isSafeInteger));
}

/** Texts as a parameter that {@link TEXTS} reads. */
export function textsParam(texts: Iterable<string>): string {
  return JSON.stringify(Array.from(texts, columnText));
}

/** The numbers, or texts, of the first parameter, as a list. */
export const NUMBERS = '(SELECT json_array_elements_text($1::json)::bigint)';
export const TEXTS = '(SELECT json_array_elements_text($1::json))';
