import { MOST_INTEGERS } from './kernel.ts';

/** A convolution's weights as integers. */
export interface IntegerWeights {
  /** In the order of the weights. */
  readonly values: Float32Array;
  /** Of each output: an integer times it is the weight. */
  readonly scales: Float32Array;
  /** The largest integer that a number they are multiplied by may become, so that no sum exceeds 31 bits. */
  readonly most: number;
}

const MOST_SUM = 2 ** 31 - 1;
const MOST_INT16 = 32_767;

/** What the largest weight of an output may be as a byte. */
const LARGEST_BYTES = Array.from({ length: 64 }, (_, i) => 127 - i);

/** How far from whole numbers bytes times a scale in single precision may be, divided by the scale again. */
const BYTE_ERROR = 0.001;

/** Where weights are no bytes, the numbers they are multiplied by get 13 bits, and they get the rest, of which there must be 10. */
const LEAST_MOST = 8191;
const LEAST_INTEGER = 1023;

/** Half of them must not become less: a few large ones would leave nothing of the others. */
const LEAST_TYPICAL = 127;

/** Outputs and numbers of a row from which on it takes less time to make integers of a row than they save. */
const LEAST_SIDE = 32;

/** Weights that are no bytes are rounded where there are so many outputs, or numbers of a row: where it saves enough. */
const LEAST_ROUNDED = 128;

/**
 * Integers for weights, those of one output after the other. Bytes by a scale for each output stay what they are; others are rounded to
 * 10 bits or more. Undefined where floats are as fast, or 10 bits are not to be had.
 *
 * @param mayRound - whether others than bytes may be rounded
 * @param depth - numbers of a row of what they are multiplied by, with the zeros that it is filled up with
 */
export function asIntegers(
  weights: Float32Array,
  outputs: number,
  mayRound: boolean,
  depth: number = weights.length / outputs,
): IntegerWeights | undefined {
  const length = weights.length / outputs;
  if (Math.min(length, outputs) < LEAST_SIDE || depth > MOST_INTEGERS) return undefined;
  const values = new Float32Array(weights.length);
  const scales = new Float32Array(outputs);
  let mostSum = 1;
  for (let output = 0; output < outputs; output++) {
    const row = weights.subarray(output * length, (output + 1) * length);
    const largest = largestOf(row);
    if (largest === 0) continue;
    const integer =
      LARGEST_BYTES.find((byte) => areBytes(row, largest / byte)) ??
      (mayRound && Math.max(length, outputs) >= LEAST_ROUNDED ? roundedTo(row, largest) : undefined);
    if (integer === undefined) return undefined;
    const scale = largest / integer;
    scales[output] = scale;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const value = Math.round(row[i]! / scale);
      values[output * length + i] = value;
      sum += Math.abs(value);
    }
    mostSum = Math.max(mostSum, sum);
  }
  return { values, scales, most: Math.min(MOST_INT16, Math.floor(MOST_SUM / mostSum)) };
}

// Loops without callbacks: a model has a million weights, and its first answer waits.
function largestOf(row: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < row.length; i++) largest = Math.max(largest, Math.abs(row[i]!));
  return largest;
}

function areBytes(row: Float32Array, scale: number): boolean {
  for (let i = 0; i < row.length; i++) {
    const value = row[i]! / scale;
    const byte = Math.round(value);
    if (!(Math.abs(value - byte) < BYTE_ERROR) || (byte === 0 && row[i] !== 0)) return false;
  }
  return true;
}

/** What the largest weight may become, so that the numbers it is multiplied by keep enough bits. */
function roundedTo(row: Float32Array, largest: number): number | undefined {
  const sum = row.reduce((total, weight) => total + Math.abs(weight), 0) / largest;
  // Rounding adds a half to each number at most.
  const integer = Math.min(MOST_INT16, Math.floor((MOST_SUM / LEAST_MOST - row.length / 2) / sum));
  return integer >= LEAST_INTEGER && keepsTypical(row, largest / integer) ? integer : undefined;
}

function keepsTypical(row: Float32Array, scale: number): boolean {
  const used = row.filter((weight) => weight !== 0);
  const kept = used.filter((weight) => Math.abs(weight) >= LEAST_TYPICAL * scale);
  return 2 * kept.length >= used.length;
}
