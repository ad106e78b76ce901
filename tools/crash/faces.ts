import { xorshift32 } from '../../src/search/xorshift.ts';
/** What a face of a run looks like; all of it follows from the face's id, so that a torn one can be told. */

export const DIMENSION = 32;

/** The model of the first embeddings. */
export const FIRST_MODEL = 'crash-1';

/** The model that follows one. */
export function nextModel(model: string): string {
  return `crash-${Number(model.slice(model.indexOf('-') + 1)) + 1}`;
}

/** The unit vector that a model makes of a face. */
export function vectorOf(id: string, model: string): Float32Array<ArrayBuffer> {
  const next = numbers(`${model} of ${id}`);
  const vector = Float32Array.from({ length: DIMENSION }, () => next() / 2 ** 31 - 1);
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** How reliable that is, in steps of 1/255. */
export function reliabilityOf(id: string, model: string): number {
  return (numbers(`reliability by ${model} of ${id}`)() % 256) / 255;
}

/** The bytes of a face's picture: 64 to 1,600 of them. */
export function pictureOf(id: string): Uint8Array<ArrayBuffer> {
  const next = numbers(`picture of ${id}`);
  return Uint8Array.from({ length: 64 + (next() % 1537) }, () => next() & 255);
}

/** Integers of 32 bits that depend on a text alone. Source: FNV-1a seeds xorshift32. */
function numbers(text: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return xorshift32(state >>> 0 || 1);
}
