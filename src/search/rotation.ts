import { type Kernel, LAYOUT, ROTATION_ROUNDS } from './kernel/kernel.ts';
import { xorshift32 } from './xorshift.ts';

/** The shape of rotated vectors. */
export interface RotationShape {
  /** Numbers of a rotated vector: the dimension, filled up with zeros to a multiple of 8. */
  readonly padded: number;
  /** Numbers that one transform mixes: the largest power of two that is not above `padded`. */
  readonly size: number;
}

export function rotationShape(dimension: number): RotationShape {
  const padded = Math.ceil(dimension / 8) * 8;
  return { padded, size: 2 ** Math.floor(Math.log2(padded)) };
}

/** The random signs of all rounds. The same for every matrix, so that codes can be compared between runs. */
export function rotationSigns({ size }: RotationShape): Float32Array {
  const next = xorshift32(0x9e3779b9);
  return Float32Array.from({ length: ROTATION_ROUNDS * 2 * size }, () => (next() & 1 ? 1 : -1));
}

/** Writes the signs into a kernel's memory; do it once. */
export function writeSigns({ memory }: Kernel, shape: RotationShape): void {
  const signs = rotationSigns(shape);
  new Float32Array(memory.buffer, LAYOUT.signs, signs.length).set(signs);
}

/** Rotates the first `count` staged vectors in place. */
export function rotateStaged({ exports }: Kernel, { padded, size }: RotationShape, count: number): void {
  exports.rotate(LAYOUT.staged, count, padded * 4, padded, size, LAYOUT.signs, ROTATION_ROUNDS);
}

/** The first `count` vectors in staging, each filled up with zeros. */
export function staged({ memory }: Kernel, { padded }: RotationShape, count: number): Float32Array {
  return new Float32Array(memory.buffer, LAYOUT.staged, count * padded);
}
