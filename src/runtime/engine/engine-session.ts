import { NearFaceError } from '../../core/errors.ts';
import type { ModelEntry } from '../../core/manifest.ts';
import { inputDims, MAX_BATCH, type ModelSession } from '../../core/model-session.ts';
import { LANES, type EngineKernel } from './kernel.ts';
import { lower, type GraphOutput, type Network } from './lower.ts';
import { readOnnxGraph, UnsupportedGraph } from './onnx-graph.ts';
import { type PlacedImage, type Plan, planNetwork } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { packWeights, roundUp, type PackedWeights } from './weights.ts';

/** Sizes whose plans are kept: those at which a detector looks at one photo. A plan has some kilobytes. */
const MOST_PLANS = 16;

/**
 * An ONNX model on the library's own kernels: the convolutional networks it ships, and others like them. Any number of them share a
 * kernel; they never run at the same time.
 */
export class EngineSession implements ModelSession {
  readonly entry: ModelEntry;
  readonly maxBatch: number = MAX_BATCH;
  readonly #network: Network;
  readonly #weights: PackedWeights;
  #kernel: EngineKernel | undefined;
  /** The last plans, by the input's size, the latest at the end. Others that use the same memory overwrite all of it but the weights. */
  readonly #plans = new Map<string, Plan>();
  /** What else they were made for. */
  #plannedFor = '';

  private constructor(entry: ModelEntry, network: Network, kernel: EngineKernel) {
    this.entry = entry;
    this.#network = network;
    this.#kernel = kernel;
    this.#weights = packWeights(network, kernel, entry.mayRound ?? false);
  }

  /**
   * Prepares a model, or returns undefined where it has an operator, a type or a shape that the engine does not
   * know: onnxruntime reads it then.
   *
   * @param kernel - keeps the weights until the session is disposed of
   */
  static compile(entry: ModelEntry, bytes: Uint8Array, kernel: EngineKernel): EngineSession | undefined {
    if (entry.input.layout !== 'nchw') return undefined;
    let session: EngineSession | undefined;
    try {
      const graph = readOnnxGraph(bytes);
      if (entry.input.name !== undefined && entry.input.name !== graph.inputs[0]) return undefined;
      const network = lower(graph, entry.outputs.length > 0 ? entry.outputs : graph.outputs);
      session = new EngineSession(entry, network, kernel);
      session.#planFor(inputDims(entry, 1), kernel);
      return session;
    } catch (error) {
      void session?.dispose();
      if (error instanceof UnsupportedGraph) return undefined;
      throw NearFaceError.from(error, 'MODEL_LOAD_FAILED', `The model ${entry.id} could not be started`);
    }
  }

  async run(input: Float32Array<ArrayBuffer>, dims: readonly number[]): Promise<readonly Float32Array[]> {
    const kernel = this.#kernel;
    if (!kernel) throw new NearFaceError('DISPOSED', `The model ${this.entry.id} was disposed`);
    const [batch = 1, ...image] = dims;
    const plan = this.#planToRun(dims, kernel);
    const length = image.reduce((product, side) => product * side, 1);
    const lengths = this.#network.outputs.map((output) => lengthOf(output, plan));
    const results = lengths.map((size) => new Float32Array(batch * size));
    for (let index = 0; index < batch; index++) {
      const memory = runPlan(kernel, plan, input.subarray(index * length, (index + 1) * length));
      this.#network.outputs.forEach((output, o) => {
        const size = lengths[o]!;
        collect(memory, output, plan, results[o]!.subarray(index * size, (index + 1) * size));
      });
    }
    return results;
  }

  async dispose(): Promise<void> {
    this.#kernel = undefined;
    this.#plans.clear();
    this.#weights.release();
  }

  #planToRun(dims: readonly number[], kernel: EngineKernel): Plan {
    try {
      return this.#planFor(dims, kernel);
    } catch (error) {
      if (!(error instanceof UnsupportedGraph)) throw error;
      const text = `The model ${this.entry.id} cannot take an input of ${dims.join('×')}: ${error.message}`;
      throw new NearFaceError('BAD_PARAM', text, { param: 'dims', value: dims }, error);
    }
  }

  #planFor([, channels = 0, height = 0, width = 0]: readonly number[], kernel: EngineKernel): Plan {
    const plannedFor = `weights up to ${kernel.weights.top}, ${kernel.threads} threads`;
    if (this.#plannedFor !== plannedFor) this.#plans.clear();
    this.#plannedFor = plannedFor;
    const key = `${channels}×${height}×${width}`;
    const kept = this.#plans.get(key);
    const plan = kept ?? planNetwork(this.#network, this.#weights, kernel, { channels, height, width });
    for (const { images } of this.#network.outputs) for (const image of images) checkOutput(image, plan);
    kernel.reserve(plan.end);
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    const [oldest = key] = this.#plans.keys();
    if (this.#plans.size > MOST_PLANS) this.#plans.delete(oldest);
    return plan;
  }
}

function checkOutput({ name, flat }: GraphOutput['images'][number], plan: Plan): void {
  const { height, width } = plan.images.get(name)!;
  if (flat && height * width !== 1) throw new UnsupportedGraph('an output in another order');
}

function sizeOf({ height, width, channels }: PlacedImage): number {
  return height * width * channels;
}

function lengthOf({ images }: GraphOutput, plan: Plan): number {
  return images.reduce((sum, { name }) => sum + sizeOf(plan.images.get(name)!), 0);
}

/** Copies an output's images out of memory, without the channels that were filled up. */
function collect(memory: Float32Array, output: GraphOutput, plan: Plan, into: Float32Array): void {
  let to = 0;
  for (const { name } of output.images) {
    const image = plan.images.get(name)!;
    const stride = roundUp(image.channels, LANES);
    const start = image.at / 4;
    if (stride === image.channels) {
      into.set(memory.subarray(start, start + sizeOf(image)), to);
      to += sizeOf(image);
      continue;
    }
    for (let pixel = 0; pixel < image.height * image.width; pixel++)
      for (let channel = 0; channel < image.channels; channel++)
        into[to++] = memory[start + pixel * stride + channel] ?? 0;
  }
  if (output.softmax > 0) softmax(into, output.softmax);
}

/** In place, of each `length` numbers. */
function softmax(values: Float32Array, length: number): void {
  for (let from = 0; from < values.length; from += length) {
    let most = -Infinity;
    for (let i = from; i < from + length; i++) most = Math.max(most, values[i]!);
    let sum = 0;
    for (let i = from; i < from + length; i++) sum += values[i] = Math.exp(values[i]! - most);
    for (let i = from; i < from + length; i++) values[i]! /= sum;
  }
}
