import { QUALITY_CROP, type QualityCrop } from './quality-crop.ts';

/** Distances, in pixels of the crop, over which a pixel is held against its two neighbours. */
const LAGS = [1, 2, 4, 8] as const;
const COARSEST = LAGS.length - 1;
/** Side of the blocks that are told apart into edges and smooth skin. */
const BLOCK = 8;
const BLOCKS = QUALITY_CROP / BLOCK;
/** Blocks at the rim have no neighbours at the longest distance. */
const RIM = 1;
/** Shares of the face's blocks that are its strongest edges and its smoothest skin. */
const EDGES = 0.25;
const SMOOTH = 0.4;
/** With fewer visible blocks there is nothing to measure. */
const LEAST_BLOCKS = 12;

/** Blur widths that are tried, in pixels of the crop: from sharper than the crop can show to a blot, in steps of 4 %. */
const WIDTHS: readonly number[] = Array.from({ length: 88 }, (_, i) => 0.4 * 1.04 ** i);
/** How far the model of an edge is trusted, as a share of the energy that it should have. */
const MODEL_ERROR = 0.1;
/** How far the noise is known, as a share of its energy. */
const NOISE_ERROR = 0.15;

/** Blur width at which a face is half sharp, in pixels of the crop, whose eyes are 48 apart: 4.2 % of that. */
const HALF_SHARP = 2;
const STEEPNESS = 3;

/** For each of {@link WIDTHS}, the energies of its edge at each of {@link LAGS}. */
type EdgeModels = readonly (readonly number[])[];

const STRAIGHT = edgeModels(1);
const DIAGONAL = edgeModels(Math.SQRT2);
/** The pixel's offset of one step in four directions, and the energies along it. */
const DIRECTIONS = [
  { step: 1, models: STRAIGHT },
  { step: QUALITY_CROP, models: STRAIGHT },
  { step: QUALITY_CROP + 1, models: DIAGONAL },
  { step: QUALITY_CROP - 1, models: DIAGONAL },
] as const;

/**
 * How sharp the face is, 0 blurred .. 1 sharp: `1 / (1 + (σ / 4.2 %)³)`, where σ is the width of the blur (the standard deviation
 * of the Gaussian that would blur a perfect edge as much) as a share of the distance of the eyes, in the most blurred of four
 * directions. Out of focus, moved, enlarged from few pixels and smoothed by compression thus count alike.
 *
 * σ comes from the energies of second differences over 1, 2, 4 and 8 pixels of a crop of fixed size, in the blocks with the
 * strongest edges, less those in the smoothest skin, which hold the noise: both have the same noise, so that it cancels. The
 * energies of a blurred edge are known in closed form ({@link edgeEnergy}); σ is the width whose energies fit.
 */
export function measureSharpness(crop: QualityCrop): number {
  const width = blurWidth(crop);
  return width === undefined ? 0 : 1 / (1 + (width / HALF_SHARP) ** STEEPNESS);
}

/** The blur of the face in its most blurred direction, in pixels of the crop; nothing if too little of it is visible. */
export function blurWidth({ luma, inside }: QualityCrop): number | undefined {
  const blocks = faceBlocks(inside);
  if (blocks.length < LEAST_BLOCKS) return undefined;
  return Math.max(...DIRECTIONS.map(({ step, models }) => widthAlong(luma, blocks, step, models)));
}

/** First pixels of the blocks that lie within the face. */
function faceBlocks(inside: Uint8Array): number[] {
  const blocks: number[] = [];
  for (let by = RIM; by < BLOCKS - RIM; by++) {
    for (let bx = RIM; bx < BLOCKS - RIM; bx++) {
      const first = BLOCK * (by * QUALITY_CROP + bx);
      const last = first + (BLOCK - 1) * (QUALITY_CROP + 1);
      const corners = [first, first + BLOCK - 1, last - BLOCK + 1, last];
      if (corners.every((pixel) => inside[pixel] === 1)) blocks.push(first);
    }
  }
  return blocks;
}

function widthAlong(luma: Float32Array, blocks: readonly number[], step: number, models: EdgeModels): number {
  const energies = LAGS.map((lag) => blocks.map((first) => blockEnergy(luma, first, lag * step)));
  // The coarsest distance tells edges from skin: which blocks these are then does not depend on the fine noise.
  const order = blocks.map((_, i) => i).sort((a, b) => energies[COARSEST]![a]! - energies[COARSEST]![b]!);
  const smooth = order.slice(0, Math.ceil(SMOOTH * order.length));
  const edges = order.slice(-Math.ceil(EDGES * order.length));
  const noise = energies.map((values) => meanOf(values, smooth));
  const signal = energies.map((values, i) => meanOf(values, edges) - noise[i]!);
  return fittedWidth(signal, noise, models);
}

/** Mean square of the second difference over `offset` in the block whose first pixel is given. */
function blockEnergy(luma: Float32Array, first: number, offset: number): number {
  let sum = 0;
  for (let y = 0; y < BLOCK; y++) {
    for (let i = first + y * QUALITY_CROP, end = i + BLOCK; i < end; i++) {
      const second = 2 * luma[i]! - luma[i - offset]! - luma[i + offset]!;
      sum += second * second;
    }
  }
  return sum / (BLOCK * BLOCK);
}

function meanOf(values: readonly number[], indices: readonly number[]): number {
  return indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
}

/**
 * The mean of the widths, each weighted by how well its edge, at its best height, fits the energies. What noise hides does not
 * count; where it hides everything, the mean is that of all widths, so that a noisy face never passes for a sharp one.
 */
function fittedWidth(signal: readonly number[], noise: readonly number[], models: EdgeModels): number {
  const costs = models.map((model) => fitCost(signal, noise, model));
  const least = Math.min(...costs);
  let [total, sum] = [0, 0];
  costs.forEach((cost, i) => {
    const weight = Math.exp((least - cost) / 2);
    total += weight;
    sum += weight * WIDTHS[i]!;
  });
  return sum / total;
}

function fitCost(signal: readonly number[], noise: readonly number[], model: readonly number[]): number {
  // The coarsest energy sets the height, since noise and blur change it least; then the height that fits all.
  let height = Math.max(signal[COARSEST]!, 0) / model[COARSEST]!;
  let cost = Infinity;
  for (let round = 0; round < 2; round++) {
    let [sm, mm, ss] = [0, 0, 0];
    for (let i = 0; i < model.length; i++) {
      const weight = 1 / ((MODEL_ERROR * height * model[i]!) ** 2 + (NOISE_ERROR * noise[i]!) ** 2 + 1e-6);
      sm += weight * signal[i]! * model[i]!;
      mm += weight * model[i]! * model[i]!;
      ss += weight * signal[i]! * signal[i]!;
    }
    height = Math.max(0, sm / mm);
    cost = ss - height * sm;
  }
  return cost;
}

function edgeModels(stepLength: number): EdgeModels {
  return WIDTHS.map((width) => LAGS.map((lag) => edgeEnergy(lag * stepLength, width)));
}

/**
 * Mean square of the second difference over a distance `lag`, near step edges blurred by a Gaussian of `width`, but for a factor:
 * with the structure function D(d) = d·erf(d / 2σ) − (2σ/√π)·(1 − exp(−d² / 4σ²)) of the blurred step it is 4·D(d) − D(2d).
 */
export function edgeEnergy(lag: number, width: number): number {
  return 4 * structure(lag, width) - structure(2 * lag, width);
}

function structure(distance: number, width: number): number {
  const ratio = distance / (2 * width);
  const spread = (2 * width) / Math.sqrt(Math.PI);
  return distance * errorFunction(ratio) - spread * (1 - Math.exp(-ratio * ratio));
}

/** erf(x) for x ≥ 0, within 1.5e-7. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 1 - tail * Math.exp(-x * x);
}
