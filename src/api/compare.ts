import { resolveThreshold, DEFAULT_THRESHOLD, type ResolvedThreshold } from '../core/confidence.ts';
import { badParam, NearFaceError } from '../core/errors.ts';
import { vector } from '../core/options.ts';
import type { Detection, Face, ImageInput } from '../core/types.ts';
import { analyse, requestFor, toDetection } from './analyse.ts';
import type { CompareOptions } from './options.ts';
import { resolveCompare } from './resolve-options.ts';
import type { Session } from './session.ts';

/** An image, an embedding of the model in use, or an embedding with the model it belongs to. */
export type Probe = ImageInput | Float32Array | EmbeddingProbe;

/** An embedding with its model, as `embed` and `Gallery.embedding` give it. */
export interface EmbeddingProbe {
  readonly embedding: Float32Array;
  readonly modelId?: string;
}

/** How alike two faces are. */
export interface Similarity {
  /** Calibrated, 0..1; absent if the embedding model has no calibration. */
  readonly confidence?: number;
  /** Cosine of the two embeddings, −1..1. */
  readonly cosine: number;
  /** L2 distance of the two unit-length embeddings, 0..2. */
  readonly distance: number;
}

/** One face of the first image against one of the second. */
export interface FacePair extends Similarity {
  /** Index into `a.faces`; 0 for an embedding. */
  readonly a: number;
  /** Index into `b.faces`; 0 for an embedding. */
  readonly b: number;
  readonly verified: boolean;
}

/** The answer of {@link NearFace.compare}; its similarity is that of the pair that decided. */
export interface Comparison extends Similarity {
  readonly verified: boolean;
  /** The level in use, as confidence (if calibrated) and as cosine. */
  readonly threshold: ResolvedThreshold;
  /** One result per pair of faces used. */
  readonly pairs: readonly FacePair[];
  /** What was seen in the first image; absent for an embedding. */
  readonly a?: Detection;
  /** What was seen in the second image; absent for an embedding. */
  readonly b?: Detection;
}

interface Side {
  readonly embeddings: readonly Float32Array[];
  readonly detection?: Detection;
}

export async function compare(
  session: Session,
  a: Probe,
  b: Probe,
  options: CompareOptions | undefined,
): Promise<Comparison> {
  const resolved = resolveCompare(options);
  const curve = session.curve;
  const threshold = resolveThreshold(resolved.threshold ?? DEFAULT_THRESHOLD, curve);
  const [sideA, sideB] = await readSides(session, [a, b], resolved);
  const pairs = sideA.embeddings.flatMap((first, i) =>
    sideB.embeddings.map((second, j): FacePair => {
      const cosine = dot(first, second);
      return { a: i, b: j, ...similarity(session, cosine), verified: cosine >= threshold.cosine };
    }),
  );
  const bests = sideA.embeddings.map((_, i) => best(pairs.filter((pair) => pair.a === i)));
  const weakest = bests.reduce((low, pair) => (pair.cosine < low.cosine ? pair : low));
  return {
    ...similarity(session, weakest.cosine),
    verified: bests.every(({ verified }) => verified),
    threshold,
    pairs,
    ...(sideA.detection && { a: sideA.detection }),
    ...(sideB.detection && { b: sideB.detection }),
  };
}

/** Cosine, distance and, if the model is calibrated, confidence. */
export function similarity(session: Session, cosine: number): Similarity {
  const distance = Math.sqrt(Math.max(0, 2 - 2 * cosine));
  const confidence = session.curve?.confidence(cosine);
  return confidence === undefined ? { cosine, distance } : { confidence, cosine, distance };
}

/** The unit-length embedding that `probe` is, or nothing if it is an image. */
export function readEmbedding(
  session: Session,
  probe: Probe,
  param: string,
): Float32Array<ArrayBuffer> | undefined {
  const given =
    probe instanceof Float32Array ? { embedding: probe } : isEmbeddingProbe(probe) ? probe : undefined;
  if (!given) return undefined;
  const { id, dimension } = session.visionInfo.embedding;
  const { modelId = id } = given;
  if (modelId !== id) throw modelMismatch(param, modelId, id);
  return unit(vector(dimension)(given.embedding, param));
}

export function modelMismatch(param: string, modelId: string, inUse: string): NearFaceError {
  const text =
    `${param} is an embedding of the model ${modelId}, but ${inUse} is in use; ` +
    `embed the photo again, or create NearFace with models: { embedding: '${modelId}' }`;
  return new NearFaceError('MODEL_MISMATCH', text, { param, value: modelId, expected: inUse });
}

/** `v` scaled to unit length, in place. */
export function unit(v: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const length = Math.sqrt(dot(v, v));
  if (!(length > 1e-12)) throw badParam('embedding', length, 'a vector of a length above 0');
  return v.map((x) => x / length);
}

async function readSides(
  session: Session,
  probes: readonly [Probe, Probe],
  options: ReturnType<typeof resolveCompare>,
): Promise<readonly [Side, Side]> {
  const params = ['a', 'b'] as const;
  const sides = probes.map((probe, i): Side | undefined => {
    const embedding = readEmbedding(session, probe, params[i]!);
    return embedding && { embeddings: [embedding] };
  });
  const images = probes
    .map((image, i) => ({ image: image as ImageInput, param: params[i]! }))
    .filter((_, i) => !sides[i]);
  const request = requestFor(options, { embedding: true, required: true });
  const analyses = images.length ? [...(await analyse(session, images, request, options.signal))] : [];
  const [a, b] = sides.map((side) => side ?? toSide(toDetection(analyses.shift()!)));
  return [a!, b!];
}

function toSide(detection: Detection): Side {
  return { embeddings: detection.faces.map(embeddingOf), detection };
}

/** The embedding of a face that was asked for one. */
export function embeddingOf(face: Face): Float32Array<ArrayBuffer> {
  if (!face.embedding)
    throw new NearFaceError('WORKER_DIED', 'The vision worker gave a face without embedding');
  return face.embedding;
}

function isEmbeddingProbe(probe: unknown): probe is EmbeddingProbe {
  return typeof probe === 'object' && probe !== null && 'embedding' in probe;
}

function best(pairs: readonly FacePair[]): FacePair {
  return pairs.reduce((high, pair) => (pair.cosine > high.cosine ? pair : high));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
