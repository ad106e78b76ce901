/** What tells whether a stored face, or gallery, can be relied on, whatever database it lies in. */

/** How far a stored vector's length may be from 1; what is stored is within half of it. */
const LENGTH_TOLERANCE = 2e-3;

/** Whether a part of some vectors is one of unit length. Also false where a number is none. */
export function isUnit(vectors: Float32Array, from: number, to: number): boolean {
  let squares = 0;
  for (let i = from; i < to; i++) squares += (vectors[i] as number) ** 2;
  return Math.abs(Math.sqrt(squares) - 1) <= LENGTH_TOLERANCE;
}

/** Whether what every use of a face's record relies on is there. */
export function isFaceRecord(record: unknown): record is Record<string, unknown> {
  if (typeof record !== 'object' || record === null) return false;
  const { id, meta, modelId, timestamp, galleries, pictures } = record as Record<string, unknown>;
  return (
    [id, meta, modelId].every((text) => typeof text === 'string') &&
    typeof timestamp === 'number' &&
    [galleries, pictures].every((list) => Array.isArray(list))
  );
}

/** Whether what every use of a gallery relies on is there. */
export function isGalleryRecord(record: unknown): boolean {
  if (typeof record !== 'object' || record === null) return false;
  const { name, count, bytes, createdAt } = record as Record<string, unknown>;
  const { records, pictures } = (bytes ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && [count, records, pictures, createdAt].every(Number.isFinite);
}
