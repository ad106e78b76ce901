import type { ReliabilityFit } from '../core/manifest.ts';

/** What a face's reliability is told from. */
export interface ReliabilityInput {
  /** What its embedding has along the model's common directions, −1..1. */
  readonly along: readonly number[];
  /** Length of the embedding model's output before it was scaled. */
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

/** A face of fewer pixels is as bad as one of so many. */
const LEAST_PIXELS = 4;

/**
 * How far an embedding can be trusted, 0 not at all .. 1 as one of a good portrait: a small network estimates how much more alike
 * to strangers that are seen as badly the face is than a good one. Fitted by model-factory/train/reliability.py; the figures are in the card of
 * the embedding model.
 */
export function measureReliability(face: ReliabilityInput, fit: ReliabilityFit): number {
  const inputs = [
    Math.log(Math.max(LEAST_PIXELS, face.faceSize) / 60),
    face.sharpness,
    face.presence,
    face.alignment,
    face.length / 60,
    Math.abs(face.yaw) / 45,
    Math.abs(face.pitch) / 30,
    Math.abs(face.roll) / 45,
    ...face.along,
  ];
  const excess = fit.weights.reduce((sum, row, unit) => {
    const activation = row.reduce((total, weight, i) => total + weight * inputs[i]!, fit.bias[unit]!);
    return sum + fit.out[unit]! * Math.tanh(activation);
  }, fit.outBias);
  const crowd = fit.crowd * within01((fit.fewPixels - face.faceSize) / (fit.fewPixels - fit.fewestPixels));
  const value = (fit.useless - excess - crowd) / (fit.useless - fit.flawless);
  return Number.isFinite(value) ? within01(value) : 0;
}

function within01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
