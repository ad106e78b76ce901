/** What a face's reliability is told from. */
export interface ReliabilityInput {
  /** Of unit length. */
  readonly embedding: Float32Array;
  /** Length of the embedding model's output before it was scaled; of the sum of both outputs, where the model has `mirror`. */
  readonly length: number;
  /** Shorter side of the face's box in pixels of the image. */
  readonly faceSize: number;
  /** The mesh model's certainty that its crop shows a face, 0..1. */
  readonly presence: number;
  /** As `quality.alignment`, 0..1. */
  readonly alignment: number;
  /** As `quality.sharpness`, 0..1. */
  readonly sharpness: number;
  /** Degrees. */
  readonly yaw: number;
  /** Degrees. */
  readonly pitch: number;
  /** Degrees. */
  readonly roll: number;
}

/** A face of this many pixels is half as reliable as a large one. */
const HALF_SIZE = 20;

/** A face turned or nodding by this many degrees is 1/e as reliable as one that looks straight ahead. */
const TURN = 75;

/**
 * How far an embedding can be trusted, 0 not at all .. 1 as one of a good portrait. PROVISIONAL: a product of what is plainly
 * bad for a face, not fitted to anything; embedding, length, presence and roll are not looked at yet.
 */
export function measureReliability(face: ReliabilityInput): number {
  const { faceSize, alignment, sharpness, yaw, pitch } = face;
  const size = faceSize / (faceSize + HALF_SIZE);
  const turned = Math.exp(-((Math.hypot(yaw, pitch) / TURN) ** 2));
  const value = size * turned * alignment * (0.3 + 0.7 * sharpness);
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}
