import { floatToHalf, halfToFloat } from './float16.ts';

/** Weights in eight bits: whole numbers from −127 to 127, and for each output channel the scale that they are multiplied by. */

/** Weights as bytes in their old order, and a scale for each output. */
export interface Quantised {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

const MOST = 127;
/** Scales that are tried for a channel: from the largest weight at 127 down to this share of it, beyond which weights are clipped. */
const LEAST_SHARE = 0.6;
const TRIALS = 80;
/** The smallest half above zero. */
const LEAST_HALF = 2 ** -24;

/**
 * Rounds weights to bytes, channel by channel, with the scale of the least squared error. The inputs of a layer are mostly of one sign, so
 * that errors of one sign add up: some weights are rounded the other way, such that the errors of a channel sum up to half a step at
 * most. Source: SQuant, Guo et al., ICLR 2022, of whose two sums this is the one over a channel.
 *
 * @param outputs - the axis of the channels
 */
export function quantise(dims: readonly number[], data: Float32Array, outputs: number): Quantised {
  const channels = dims[outputs] ?? 1;
  const inner = dims.slice(outputs + 1).reduce((product, side) => product * side, 1);
  const scales = new Float32Array(channels);
  const values = new Int8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const places: number[] = [];
    for (let start = channel * inner; start < data.length; start += channels * inner)
      for (let i = start; i < start + inner; i++) places.push(i);
    const slice = Float64Array.from(places, (place) => data[place]!);
    const scale = bestScale(slice);
    scales[channel] = scale;
    const whole = balanced(slice.map((value) => value / scale));
    places.forEach((place, i) => {
      values[place] = whole[i]!;
    });
  }
  return { values, scales };
}

/** The scale, in half precision, by which the squared error of `slice` is least; 1 where all is zero. */
function bestScale(slice: Float64Array): number {
  const largest = slice.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 1;
  let best = 1;
  let least = Infinity;
  for (let trial = 0; trial < TRIALS; trial++) {
    const share = 1 - ((1 - LEAST_SHARE) * trial) / TRIALS;
    const scale = Math.max(LEAST_HALF, halfToFloat(floatToHalf((share * largest) / MOST)));
    const error = slice.reduce((sum, value) => sum + (value - scale * rounded(value / scale)) ** 2, 0);
    if (error >= least) continue;
    least = error;
    best = scale;
  }
  return best;
}

function rounded(steps: number): number {
  return Math.max(-MOST, Math.min(MOST, Math.round(steps)));
}

/** Whole numbers near `steps` whose errors sum up to little: those nearest to the next number are moved to it. */
function balanced(steps: Float64Array): Float64Array {
  const values = steps.map(rounded);
  const errors = steps.map((step, i) => step - values[i]!);
  const sum = errors.reduce((total, error) => total + error, 0);
  const sign = Math.sign(sum);
  const movable = Array.from(errors.keys()).filter(
    (i) => sign * errors[i]! > 0 && Math.abs(values[i]!) < MOST,
  );
  movable.sort((a, b) => sign * (errors[b]! - errors[a]!) || a - b);
  for (const i of movable.slice(0, Math.round(Math.abs(sum)))) values[i]! += sign;
  return values;
}
