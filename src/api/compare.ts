import { DEFAULT_THRESHOLD, type ResolvedThreshold } from '../core/confidence.ts';
import { distanceOf, dot, toCosine } from '../core/dot.ts';
import { badParam, NearFaceError } from '../core/errors.ts';
import { passesLiveness } from '../core/liveness.ts';
import { number, vector } from '../core/options.ts';
import { type Level, PairConfidence, passesLevel } from '../core/pair-confidence.ts';
import { roundReliability } from '../core/reliability.ts';
import type { Analysis } from '../core/analysis.ts';
import type { Detection, Face } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import { analyse, requestFor, toDetection } from './analyse.ts';
import type { EmbeddingProbe } from './embedding-probe.ts';
import type { CompareOptions } from './options.ts';
import { resolveCompare } from './resolve-options.ts';
import type { Session } from './session.ts';

export type { EmbeddingProbe } from './embedding-probe.ts';

/** An image, an embedding of the model in use, or an embedding with the model it belongs to. */
export type Probe = ImageInput | Float32Array | EmbeddingProbe;

/** An embedding on its way into a comparison. */
export interface Template {
  /** Of unit length. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** In steps of 1/255. */
  readonly reliability: number;
}

/** How alike two faces are. */
export interface Similarity {
  /**
   * Calibrated, 0..1, from the cosine and both faces' reliabilities: the same cosine says less of faces of which little can be
   * seen. Absent if the embedding model has no calibration.
   */
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
  /** Whether it is at or above the threshold, and no face of it fails `minLiveness`. */
  readonly verified: boolean;
  /** With `minLiveness`: whether the faces of which it was asked pass it. */
  readonly live?: boolean;
}

/** The answer of {@link NearFace.compare}; its similarity is that of the pair that decided. */
export interface Comparison extends Similarity {
  /** Whether the surest pair is at or above the threshold; with `minLiveness` of those that pass it alone. */
  readonly verified: boolean;
  /** With `minLiveness`: whether the faces that decided pass it. Where they do not, nobody is verified, however alike they are. */
  readonly live?: boolean;
  /** The level in use, as confidence (if calibrated) and as the cosine that the pair that decided needed for it. */
  readonly threshold: ResolvedThreshold;
  /** One result per pair of faces used. */
  readonly pairs: readonly FacePair[];
  /** What was seen in the first image; absent for an embedding. */
  readonly a?: Detection;
  /** What was seen in the second image; absent for an embedding. */
  readonly b?: Detection;
}

interface Side {
  /** `live`: whether it passes `minLiveness`, where that was asked of it. */
  readonly templates: readonly (Template & { readonly live?: boolean })[];
  readonly detection?: Detection;
}

export async function compare(
  session: Session,
  a: Probe,
  b: Probe,
  options: CompareOptions | undefined,
): Promise<Comparison> {
  const resolved = resolveCompare(options);
  const level = PairConfidence.levelFor(resolved.threshold ?? DEFAULT_THRESHOLD, session.confidence, 1);
  const [sideA, sideB] = await readSides(session, [a, b], resolved);
  const pairs = sideA.templates.flatMap((first, i) =>
    sideB.templates.map((second, j): FacePair => {
      const alike = similarity(session, cosineOf(first, second), [first.reliability, second.reliability]);
      const asked = [first.live, second.live].filter((live) => live !== undefined);
      const live = asked.every(Boolean);
      const verified = live && passesLevel(level, alike);
      return { a: i, b: j, ...alike, verified, ...(asked.length > 0 && { live }) };
    }),
  );
  const isBetter = betterAt(level);
  const bests = sideA.templates.map((_, i) =>
    pairs.filter((pair) => pair.a === i).reduce((high, pair) => (isBetter(pair, high) ? pair : high)),
  );
  const weakest = bests.reduce((low, pair) => (isBetter(low, pair) ? pair : low));
  const { a: _a, b: _b, verified: _verified, live: _live, ...alike } = weakest;
  const reliabilities = [
    sideA.templates[weakest.a]!.reliability,
    sideB.templates[weakest.b]!.reliability,
  ] as const;
  return {
    ...alike,
    verified: bests.every(({ verified }) => verified),
    ...(weakest.live !== undefined && { live: bests.every(({ live }) => live) }),
    threshold: thresholdFor(session, level, reliabilities),
    pairs,
    ...(sideA.detection && { a: sideA.detection }),
    ...(sideB.detection && { b: sideB.detection }),
  };
}

/** The level as confidence and as the cosine that faces of these reliabilities need. */
function thresholdFor(
  { confidence }: Session,
  level: Level,
  [a, b]: readonly [number, number],
): ResolvedThreshold {
  if (level.by === 'cosine') {
    const { cosine } = level;
    return confidence ? { cosine, confidence: confidence.confidence(cosine, a, b) } : { cosine };
  }
  const needed = level.confidence > 0 ? confidence?.cosine(level.confidence, a, b) : undefined;
  return { cosine: needed ?? -1, confidence: level.confidence };
}

/** Orders pairs by what the level looks at, those that are live first. */
function betterAt({ by }: Level): (a: FacePair, b: FacePair) => boolean {
  return (a, b) => {
    if (a.live !== b.live) return a.live === true;
    const sure = by === 'confidence' ? (a.confidence ?? 0) - (b.confidence ?? 0) : 0;
    return sure > 0 || (sure === 0 && a.cosine > b.cosine);
  };
}

/** Cosine, distance and, if the model is calibrated, confidence, of faces of such reliabilities. */
export function similarity(session: Session, cosine: number, [a, b]: readonly [number, number]): Similarity {
  const distance = distanceOf(cosine);
  const confidence = session.confidence?.confidence(cosine, a, b);
  return confidence === undefined ? { cosine, distance } : { confidence, cosine, distance };
}

/** The embedding that `probe` is, scaled to unit length, or nothing if it is an image. */
export function readEmbedding(session: Session, probe: Probe, param: string): Template | undefined {
  if (probe instanceof Float32Array) return checkEmbedding(session, { embedding: probe }, param);
  return isEmbeddingProbe(probe) ? checkEmbedding(session, probe, param) : undefined;
}

/** An embedding of the model in use, scaled to unit length. @throws NearFaceError `BAD_PARAM`, `MODEL_MISMATCH` */
export function checkEmbedding(session: Session, probe: EmbeddingProbe, param: string): Template {
  const { id, dimension } = session.visionInfo.embedding;
  const { modelId = id, reliability } = probe;
  if (modelId !== id) throw modelMismatch(param, modelId, id);
  const embedding = unit(vector(dimension)(probe.embedding, param));
  if (reliability === undefined) return { embedding, reliability: session.assumedReliability };
  const checked = number(0, 1)(reliability, `${param}.reliability`);
  return { embedding, reliability: roundReliability(checked) };
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
    const template = readEmbedding(session, probe, params[i]!);
    return template && { templates: [template] };
  });
  const boxes = [options.boxesA, options.boxesB];
  const { minLivenessA, minLivenessB, minLiveness } = options;
  const given = { boxesA: boxes[0], boxesB: boxes[1], minLivenessA, minLivenessB };
  for (const [name, value] of Object.entries(given)) {
    const i = name.endsWith('A') ? 0 : 1;
    if (value !== undefined && sides[i])
      throw badParam(`options.${name}`, value, `left out: ${params[i]} is an embedding`);
  }
  const least = [minLivenessA ?? minLiveness, minLivenessB ?? minLiveness] as const;
  const images = probes
    .map((image, i) => ({ image: image as ImageInput, param: params[i]!, boxes: boxes[i], least: least[i] }))
    .filter((_, i) => !sides[i]);
  const look = async (some: typeof images): Promise<readonly Analysis[]> => {
    const [{ boxes: own, least: asked }] = some as [(typeof images)[number]];
    const { returnDetails = {} } = options;
    const chosen = {
      ...{ ...options, ...(own && { boxes: own }) },
      returnDetails: asked === undefined ? returnDetails : { ...returnDetails, liveness: true },
    };
    const request = requestFor(chosen, { embedding: true, required: true });
    return analyse(session, some, request, options.signal);
  };
  // Images of which the same is wanted share their passes through the models.
  const [first, second] = images;
  const isApart = first?.boxes ?? second?.boxes ?? first?.least !== second?.least;
  const together = isApart ? images.map((each) => [each]) : [images];
  const analyses = images.length ? (await Promise.all(together.map(look))).flat() : [];
  const [a, b] = sides.map((side, i) => side ?? toSide(session, toDetection(analyses.shift()!), least[i]));
  return [a!, b!];
}

function toSide(session: Session, detection: Detection, least: number | undefined): Side {
  const templates = detection.faces.map((face) => ({
    ...templateOf(face, session.assumedReliability),
    ...(least !== undefined && { live: passesLiveness(face.liveness, least) }),
  }));
  return { templates, detection };
}

/** The embedding of a face that was asked for one; `assumed` is its reliability where the model has nothing to tell it by. */
export function templateOf({ embedding, reliability }: Face, assumed: number): Template {
  if (embedding) return { embedding, reliability: reliability ?? assumed };
  throw new NearFaceError('WORKER_DIED', 'The vision worker gave a face without embedding');
}

/** Whether an embedding is handed over with its model and its reliability. */
export function isEmbeddingProbe(probe: unknown): probe is EmbeddingProbe {
  return typeof probe === 'object' && probe !== null && 'embedding' in probe;
}

/** Cosine of two unit-length embeddings; their rounding does not take it beyond 1. */
function cosineOf({ embedding: a }: Template, { embedding: b }: Template): number {
  return toCosine(dot(a, b));
}
