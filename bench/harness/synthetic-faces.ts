/** Synthetic embeddings: people as random directions, each photo of one a noisy copy at a cosine of about 0.6. */
import { Random } from '../../tools/random.ts';

const PHOTOS_PER_PERSON = 5;

/** A seeded source of standard normal numbers (Box–Muller). */
export function gaussian(seed: number): () => number {
  const random = new Random(seed);
  const uniform = (): number => (random.bits() + 1) / (2 ** 32 + 1);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** `rows` unit vectors, row by row. */
export function syntheticFaces(rows: number, dimension: number, seed: number): Float32Array<ArrayBuffer> {
  const next = gaussian(seed);
  const vectors = new Float32Array(rows * dimension);
  const person = new Float32Array(dimension);
  for (let row = 0; row < rows; row++) {
    if (row % PHOTOS_PER_PERSON === 0) for (let i = 0; i < dimension; i++) person[i] = next();
    for (let i = 0; i < dimension; i++) vectors[row * dimension + i] = (person[i] as number) + 0.8 * next();
    normalise(vectors.subarray(row * dimension, (row + 1) * dimension));
  }
  return vectors;
}

/** Probes: further photos of people among `vectors`. */
export function syntheticProbes(
  vectors: Float32Array,
  dimension: number,
  count: number,
  seed: number,
): Float32Array<ArrayBuffer>[] {
  const next = gaussian(seed);
  const rows = vectors.length / dimension;
  return Array.from({ length: count }, (_, n) => {
    const row = Math.floor(((n + 0.5) / count) * rows);
    const probe = Float32Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
    for (let i = 0; i < dimension; i++)
      probe[i] = (probe[i] as number) + (0.8 * next()) / Math.sqrt(dimension);
    return normalise(probe);
  });
}

function normalise<T extends Float32Array>(vector: T): T {
  let sum = 0;
  for (const x of vector) sum += x * x;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * scale;
  return vector;
}
