/** Vectors in half precision, as pgvector has them. */

/** A vector as its type `halfvec` is sent in binary: its length, nothing, and the numbers, all of two bytes, the higher first. */
export function halfBytes(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 + 2 * vector.length);
  const view = new DataView(bytes.buffer);
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  view.setUint16(0, vector.length);
  for (let i = 0; i < words.length; i++) view.setUint16(4 + 2 * i, halfOf(words[i] as number));
  return bytes;
}

/** A vector as text, which PostgreSQL rounds itself. */
export function vectorText(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}

/**
 * The nearest number of half precision (IEEE 754 binary16), the even one of two, as its bits.
 *
 * @param word - the bits of a number of single precision, below 65520
 */
export function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7fffff;
  // Below 2⁻¹⁴ numbers are multiples of 2⁻²⁴; what has no exponent in single precision is nothing.
  if (exponent === 0) return sign;
  if (exponent <= LEAST_EXPONENT)
    return sign | roundedEven((fraction + 2 ** 23) * 2 ** (exponent - LEAST_EXPONENT - 14));
  // Rounding up may carry into the exponent, as it should.
  return sign + ((exponent - LEAST_EXPONENT) << 10) + roundedEven(fraction / 2 ** 13);
}

/** Exponents of single precision above it are those that half precision has. */
const LEAST_EXPONENT = 112;

function roundedEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
