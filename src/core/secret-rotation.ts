import { hmacSha256 } from './sha256.ts';

/**
 * A rotation of vectors by a secret: cosines stay, and nothing else of a vector does, so that templates under one secret tell nothing of
 * those under another, and are revoked with their secret: "cancelable biometrics" by a random orthonormal projection (Teoh, Ngo and Goh,
 * BioHashing, 2004), without its thresholds; renewable and unlinkable as ISO/IEC 24745 asks for. It hides vectors from those who do not have the
 * secret; whoever has it, or knows as many faces behind vectors as these have numbers, undoes it.
 *
 * An orthogonal matrix of Haar's measure by the subgroup algorithm (Diaconis and Shahshahani, 1987; by reflections: Stewart, 1980): for each
 * dimension up to the vectors' a reflection by a normal vector, so that a rotation takes about n² multiplications, and n²/2 numbers of
 * memory. It follows from the secret by + − × ÷ and √ alone, which are the same in every engine; `log` and `cos` are not. What is stored
 * depends on every bit of it.
 */
export class SecretRotation {
  readonly dimension: number;
  readonly #seed: () => () => number;
  #reflections: Reflections | undefined;

  /** @param label - what the rotation is for: others are independent of it */
  constructor(secret: Uint8Array, label: string, dimension: number) {
    this.dimension = dimension;
    this.#seed = () => normals(secret, `${label}\0${dimension}`);
  }

  /** The rotated vector. */
  apply(vector: Float32Array): Float32Array<ArrayBuffer> {
    const turned = Float64Array.from(vector);
    this.turn(turned);
    return Float32Array.from(turned);
  }

  /** The vector whose rotated one it is, but for rounding in the eighth digit. */
  applyBack(vector: Float32Array): Float32Array<ArrayBuffer> {
    const turned = Float64Array.from(vector);
    this.turnBack(turned);
    return Float32Array.from(turned);
  }

  /** Rotates a vector in place, in double precision. */
  turn(x: Float64Array): void {
    const { normals, signs } = this.#made(x);
    const n = this.dimension;
    for (let k = 1, at = 0; k <= n; at += k, k++) {
      x[n - k] = (x[n - k] as number) * (signs[k] as number);
      reflect(x, n - k, normals, at, k);
    }
  }

  /** The same back. */
  turnBack(x: Float64Array): void {
    const { normals, signs } = this.#made(x);
    const n = this.dimension;
    for (let k = n, at = (n * (n - 1)) / 2; k >= 1; k--, at -= k) {
      reflect(x, n - k, normals, at, k);
      x[n - k] = (x[n - k] as number) * (signs[k] as number);
    }
  }

  #made({ length }: Float64Array): Reflections {
    if (length !== this.dimension)
      throw new RangeError(`a vector of ${length} numbers, not of ${this.dimension}`);
    return (this.#reflections ??= makeReflections(length, this.#seed()));
  }
}

/** The rotations of a secret, one for each model and dimension. */
export class SecretRotations {
  readonly #secret: Uint8Array;
  readonly #known = new Map<string, SecretRotation>();

  /** @param secret - 32 random bytes */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  of(modelId: string, dimension: number): SecretRotation {
    const key = `${modelId}\0${dimension}`;
    let rotation = this.#known.get(key);
    if (!rotation) {
      rotation = new SecretRotation(this.#secret, `nearface rotation\0${modelId}`, dimension);
      this.#known.set(key, rotation);
    }
    return rotation;
  }
}

/** A model's vector as it is stored: rotated, where there is a secret. */
export function rotated<T extends Float32Array>(
  rotations: SecretRotations | undefined,
  modelId: string,
  vector: T,
): T | Float32Array<ArrayBuffer> {
  return rotations ? rotations.of(modelId, vector.length).apply(vector) : vector;
}

/** A model's vector that was stored as {@link rotated} says, as it was. */
export function rotatedBack<T extends Float32Array>(
  rotations: SecretRotations | undefined,
  modelId: string,
  vector: T,
): T | Float32Array<ArrayBuffer> {
  return rotatedAs(rotations, modelId, vector, undefined);
}

/** The same, rotated as the memory's rows are, where these are: what lies so already stays as it is. */
export function rotatedAs<T extends Float32Array>(
  rotations: SecretRotations | undefined,
  modelId: string,
  vector: T,
  rows: SecretRotation | undefined,
): T | Float32Array<ArrayBuffer> {
  const own = rotations?.of(modelId, vector.length);
  if (own === rows) return vector;
  const given = own ? own.applyBack(vector) : vector;
  return rows ? rows.apply(given) : given;
}

/** The reflections of 1, 2, … numbers, one behind the other, for the last so many numbers of a vector. */
interface Reflections {
  /** Of the reflection of k numbers, from k (k − 1) / 2 on: the normal vector times √2, of unit length before. */
  readonly normals: Float64Array;
  /** What the first of the k numbers is multiplied by before it: 1 or −1. */
  readonly signs: Int8Array;
}

function makeReflections(dimension: number, next: () => number): Reflections {
  const made = new Float64Array((dimension * (dimension + 1)) / 2);
  const signs = new Int8Array(dimension + 1);
  for (let k = 1, at = 0; k <= dimension; at += k, k++) {
    let squares = 0;
    for (let i = 0; i < k; i++) {
      const x = next();
      made[at + i] = x;
      squares += x * x;
    }
    const first = made[at] as number;
    const sign = first < 0 ? -1 : 1;
    // The reflection takes the first axis to the direction drawn, times this: with it, to the direction itself.
    signs[k] = -sign;
    if (k === 1) {
      // In one dimension that is all.
      signs[k] = sign;
      made[at] = 0;
      continue;
    }
    const length = Math.sqrt(squares);
    // u = v + sign |v| e; |u|² = 2 |v| (|v| + |v₁|), and H = 1 − 2 u uᵀ / |u|².
    made[at] = first + sign * length;
    const scale = 1 / Math.sqrt(length * (length + sign * first));
    for (let i = 0; i < k; i++) made[at + i] = (made[at + i] as number) * scale;
  }
  return { normals: made, signs };
}

/** Reflects `count` numbers of `x` from one on; the sums are in four parts, which processors make at once. */
function reflect(x: Float64Array, from: number, normals: Float64Array, at: number, count: number): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    a += (x[from + i] as number) * (normals[at + i] as number);
    b += (x[from + i + 1] as number) * (normals[at + i + 1] as number);
    c += (x[from + i + 2] as number) * (normals[at + i + 2] as number);
    d += (x[from + i + 3] as number) * (normals[at + i + 3] as number);
  }
  for (; i < count; i++) a += (x[from + i] as number) * (normals[at + i] as number);
  const sum = a + b + (c + d);
  for (i = 0; i < count; i++) x[from + i] = (x[from + i] as number) - sum * (normals[at + i] as number);
}

/** Normally distributed numbers by the polar method (Marsaglia and Bray, 1964), from the HMACs of a label and a counter. */
function normals(secret: Uint8Array, label: string): () => number {
  const next = uniforms(secret, label);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const [u, v] = [next(), next()];
      const s = u * u + v * v;
      if (s >= 1) continue;
      const factor = Math.sqrt((-2 * ln(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}

/** Odd multiples of 2⁻³² between −1 and 1. */
function uniforms(secret: Uint8Array, label: string): () => number {
  const text = new TextEncoder().encode(label);
  const message = new Uint8Array(text.length + 5);
  message.set(text);
  const counter = new DataView(message.buffer, text.length + 1);
  let block = new DataView(new ArrayBuffer(0));
  let [blocks, at] = [0, 0];
  return () => {
    if (at === block.byteLength) {
      counter.setUint32(0, blocks++);
      block = new DataView(hmacSha256(secret, message).buffer);
      at = 0;
    }
    const bits = block.getUint32(at);
    at += 4;
    return (2 * bits + 1) / 2 ** 32 - 1;
  };
}

const LN_2 = 0.6931471805599453;

/** The natural logarithm of a number from 0 to 1, not 0, the same in every engine: ln m = 2 artanh((m − 1) / (m + 1)). */
function ln(x: number): number {
  let [mantissa, halvings] = [x, 0];
  for (; mantissa < Math.SQRT1_2; halvings++) mantissa *= 2;
  const z = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  // z² is below 0.0295, and what is left out below 1e-17 of the sum.
  for (let power = 21; power >= 1; power -= 2) sum = sum * z * z + 1 / power;
  return 2 * z * sum - halvings * LN_2;
}
