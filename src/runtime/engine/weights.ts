import { asIntegers } from './integers.ts';
import { ACTIVATIONS, type EngineKernel, LANES, PANEL } from './kernel.ts';
import type { Activation, Convolution, Network, Step } from './lower.ts';
import { UnsupportedGraph } from './onnx-graph.ts';

/** Where a step's constants lie in the kernel's memory. */
export interface StepConstants {
  readonly weights: number;
  readonly bias: number;
  /** A number of `ACTIVATIONS`, for a pointwise step. */
  readonly activation: number;
  /** What sums below zero are multiplied by, an output or channel each; 0 for a product in floats that has no activation. */
  readonly slope: number;
  /** Where the weights are integers: where the outputs' scales lie, and what numbers of the left matrix may become. */
  readonly integers?: { readonly scales: number; readonly most: number };
  /** Floats in a row of the left matrix; 0 for depthwise filters. */
  readonly depth: number;
}

/** The constants of all steps. */
export interface PackedWeights {
  readonly of: ReadonlyMap<Step, StepConstants>;
  /** Gives their memory back. Safe to call twice. */
  release(): void;
}

/** What products are made in integers. */
interface IntegerRule {
  readonly usesIntegers: boolean;
  /** As in the manifest. */
  readonly mayRound: boolean;
}

/** Writes constants; returns where. */
type Put = (values: Float32Array | Int16Array) => number;

/** `count` rounded up to a multiple of `step`. */
export function roundUp(count: number, step: number): number {
  return Math.ceil(count / step) * step;
}

/** Writes the weights of `network` into the memory of `kernel`, each in the order in which the kernels read them. `mayRound` is the manifest's. @throws UnsupportedGraph */
export function packWeights(network: Network, kernel: EngineKernel, mayRound: boolean): PackedWeights {
  const taken: number[] = [];
  const release = (): void => {
    for (const at of taken.splice(0)) kernel.weights.release(at);
  };
  const put: Put = (values) => {
    const at = kernel.weights.take(values.byteLength);
    taken.push(at);
    kernel.reserve(at + values.byteLength);
    new Uint8Array(kernel.memory.buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return at;
  };
  try {
    return { of: packSteps(network, { usesIntegers: kernel.usesIntegers, mayRound }, put), release };
  } catch (error) {
    release();
    throw error;
  }
}

function packSteps(network: Network, rule: IntegerRule, put: Put): Map<Step, StepConstants> {
  const of = new Map<Step, StepConstants>();
  for (const step of network.steps) {
    if (step.kind === 'pointwise') {
      const { activation } = step;
      const slope = typeof activation === 'string' ? 0 : put(filledUp(activation, PANEL));
      of.set(step, { weights: 0, bias: 0, activation: activationNumber(activation), slope, depth: 0 });
    } else if (step.kind === 'conv') {
      const bias = put(filledUp(step.bias, PANEL));
      of.set(step, { bias, activation: 0, ...packWeightsOf(step, network, rule, put) });
    }
  }
  return of;
}

function packWeightsOf(
  step: Convolution,
  { input }: Network,
  { usesIntegers, mayRound }: IntegerRule,
  put: Put,
): Omit<StepConstants, 'bias' | 'activation'> {
  const { channels } = step;
  const slope = (): number => put(filledUp(slopes(step), PANEL));
  if (step.depthwise) return { weights: put(channelsLast(step)), slope: slope(), depth: 0 };
  const planar = step.input === input;
  const depth = depthOf(step, planar);
  const integers = usesIntegers && !planar ? asIntegers(step.weights, channels, mayRound, depth) : undefined;
  if (!integers) {
    const isLinear = step.activation === 'none';
    return { weights: put(panels(step, depth, planar)), slope: isLinear ? 0 : slope(), depth };
  }
  const weights = put(pairs(panels({ ...step, weights: integers.values }, depth, planar)));
  const scales = put(filledUp(integers.scales, PANEL));
  return { weights, slope: slope(), depth, integers: { scales, most: integers.most } };
}

/** Panels of integers: for each two rows of eight columns, the two numbers of each column. */
function pairs(packed: Float32Array): Int16Array {
  const paired = new Int16Array(packed.length);
  for (let at = 0; at < packed.length; at += 2 * PANEL)
    for (let column = 0; column < PANEL; column++) {
      paired[at + 2 * column] = packed[at + column]!;
      paired[at + 2 * column + 1] = packed[at + PANEL + column]!;
    }
  return paired;
}

function activationNumber(activation: Activation): number {
  return typeof activation === 'string' ? ACTIVATIONS[activation] : ACTIVATIONS.prelu;
}

/** What sums below zero are multiplied by, for each output. */
function slopes({ activation, channels }: Convolution): Float32Array {
  if (typeof activation === 'string') return new Float32Array(channels).fill(activation === 'none' ? 1 : 0);
  if (activation.length === 1) return new Float32Array(channels).fill(activation[0]!);
  if (activation.length !== channels) throw new UnsupportedGraph('another PRelu');
  return activation;
}

function filledUp(values: Float32Array, step: number): Float32Array {
  const filled = new Float32Array(roundUp(values.length, step));
  filled.set(values);
  return filled;
}

function inputsOf({ weights, channels, window }: Convolution): number {
  return weights.length / channels / (window.kernel[0] * window.kernel[1]);
}

function depthOf(step: Convolution, planar: boolean): number {
  const [height, width] = step.window.kernel;
  const inputs = inputsOf(step);
  return planar ? roundUp(inputs * height * width, LANES) : roundUp(inputs, LANES) * height * width;
}

/** [channels, 1, height, width] as [height, width, channels]. */
function channelsLast({ weights, channels }: Convolution): Float32Array {
  const taps = weights.length / channels;
  const stride = roundUp(channels, LANES);
  const packed = new Float32Array(taps * stride);
  for (let channel = 0; channel < channels; channel++)
    for (let tap = 0; tap < taps; tap++) packed[tap * stride + channel] = weights[channel * taps + tap] ?? 0;
  return packed;
}

/**
 * [outputs, inputs, height, width] as panels of eight outputs, each `depth` × 8, whose rows are in the order of
 * the windows: inputs, height, width for the network's planar input, and height, width, inputs for images.
 */
function panels(step: Convolution, depth: number, planar: boolean): Float32Array {
  const { weights, channels } = step;
  const taps = step.window.kernel[0] * step.window.kernel[1];
  const inputs = inputsOf(step);
  const stride = roundUp(inputs, LANES);
  const packed = new Float32Array(roundUp(channels, PANEL) * depth);
  for (let output = 0; output < channels; output++) {
    const panel = Math.floor(output / PANEL) * PANEL * depth + (output % PANEL);
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        const row = planar ? input * taps + tap : tap * stride + input;
        packed[panel + row * PANEL] = weights[(output * inputs + input) * taps + tap] ?? 0;
      }
    }
  }
  return packed;
}
