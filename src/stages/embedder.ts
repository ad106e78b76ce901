import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import { limitCommon } from '../core/common-directions.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';

/** What a model makes of a face. */
export interface Embedding {
  /** Of unit length. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** Length of the (first) network's output before it was scaled; of the sum of both outputs, where the model has `mirror`. */
  readonly length: number;
  /** What it had along the model's common directions before that was limited; empty for a model without. */
  readonly along: readonly number[];
  /** What the (first) network itself says, of unit length: nothing is limited or fused. */
  readonly unlimited: Float32Array<ArrayBuffer>;
}

/** Makes embeddings of aligned crops. */
export interface Embedder {
  readonly entry: ModelEntry;
  /** Side of the aligned crop in pixels. */
  readonly size: number;
  /** Length of an embedding. */
  readonly dimension: number;
  /** One embedding per aligned crop. */
  embed(crops: readonly Crop[], signal?: AbortSignal): Promise<Embedding[]>;
}

/** What a run says of a crop: an output a network. */
type Parts = readonly Float32Array[];

/** The embedding model on `model`. */
export function createEmbedder(model: LazyModel): Embedder {
  const { entry } = model;
  const networks = entry.fusedWith ? 2 : 1;
  return {
    entry,
    size: entry.input.size[0],
    dimension: entry.dimension ?? 0,
    async embed(crops, signal) {
      const size = entry.input.size[0];
      const inputs = entry.mirror ? crops.flatMap((crop) => [crop, mirrored(crop, size)]) : crops;
      const read = (outputs: Parts): Parts => outputs.slice(0, networks).map((output) => output.slice());
      const outputs = await runCrops(model, inputs, read, { signal });
      const sums = entry.mirror ? crops.map((_, i) => add(outputs[2 * i]!, outputs[2 * i + 1]!)) : outputs;
      return sums.map((sum) => decodeEmbedding(sum, entry));
    },
  };
}

function add(a: Parts, b: Parts): Parts {
  return a.map((part, k) => part.map((x, i) => x + b[k]![i]!));
}

/** Length of what a model's (first) network gives. */
function firstDimension({ dimension = 0, fusedWith }: Pick<ModelEntry, 'dimension' | 'fusedWith'>): number {
  return dimension - (fusedWith?.dimension ?? 0);
}

/**
 * Scales a model's outputs, one for each of its networks, to an embedding of unit length, and limits what it has in common with strangers.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` for an output of another length than the manifest says, or without direction
 */
export function decodeEmbedding(
  outputs: Parts,
  entry: Pick<ModelEntry, 'id' | 'dimension' | 'common' | 'fusedWith'>,
): Embedding {
  const { common, fusedWith } = entry;
  const first = unit(outputs[0], firstDimension(entry), entry.id);
  const fused = fusedWith
    ? joined(first.vector, unit(outputs[1], fusedWith.dimension, entry.id).vector, fusedWith.weight)
    : first.vector;
  const { vector, along } = common ? limitCommon(fused, common) : { vector: fused, along: [] };
  return { length: first.length, unlimited: first.vector, vector, along };
}

/** Two vectors of unit length as one, whose cosines are the weighted means of theirs. */
function joined(first: Float32Array, second: Float32Array, weight: number): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(first.length + second.length);
  vector.set(first.map((x) => x * Math.sqrt(1 - weight)));
  vector.set(
    second.map((x) => x * Math.sqrt(weight)),
    first.length,
  );
  return vector;
}

function unit(
  output: Float32Array | undefined,
  dimension: number,
  modelId: string,
): { readonly vector: Float32Array<ArrayBuffer>; readonly length: number } {
  if (output?.length !== dimension) {
    const text = `The model ${modelId} gives ${output?.length ?? 0} numbers, its entry says dimension ${dimension}`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: 'dimension', value: dimension });
  }
  const length = Math.hypot(...output);
  if (!(length > 0 && length < Infinity)) {
    const text = `The model ${modelId} gave an embedding without direction; check its input's mean and std`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { model: modelId, length });
  }
  return { vector: Float32Array.from(output, (x) => x / length), length };
}
