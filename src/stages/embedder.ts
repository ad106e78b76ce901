import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import { limitCommon } from '../core/common-directions.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';

/** What a model makes of a face. */
export interface Embedding {
  /** Of unit length. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** Length of the model's output before it was scaled; of the sum of both outputs, where the model has `mirror`. */
  readonly length: number;
  /** What it had along the model's common directions before that was limited; empty for a model without. */
  readonly along: readonly number[];
  /** Of unit length, before that was limited: what the network itself says. */
  readonly unlimited: Float32Array<ArrayBuffer>;
}

/** Makes embeddings of aligned crops. */
export interface Embedder {
  readonly entry: ModelEntry;
  /** Side of the aligned crop in pixels. */
  readonly size: number;
  readonly dimension: number;
  /** One embedding per aligned crop. */
  embed(crops: readonly Crop[], signal?: AbortSignal): Promise<Embedding[]>;
}

/** The embedding model on `model`. */
export function createEmbedder(model: LazyModel): Embedder {
  const { entry } = model;
  const dimension = entry.dimension ?? 0;
  return {
    entry,
    size: entry.input.size[0],
    dimension,
    async embed(crops, signal) {
      const size = entry.input.size[0];
      const inputs = entry.mirror ? crops.flatMap((crop) => [crop, mirrored(crop, size)]) : crops;
      const outputs = await runCrops(model, inputs, ([output]) => output!.slice(), { signal });
      const sums = entry.mirror ? crops.map((_, i) => add(outputs[2 * i]!, outputs[2 * i + 1]!)) : outputs;
      return sums.map((sum) => decodeEmbedding(sum, entry));
    },
  };
}

function add(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((x, i) => x + b[i]!);
}

/**
 * Scales a model's output to unit length, and limits what it has in common with strangers.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` for an output of another length than the manifest says, or without direction
 */
export function decodeEmbedding(
  output: Float32Array,
  { id: modelId, dimension = 0, common }: Pick<ModelEntry, 'id' | 'dimension' | 'common'>,
): Embedding {
  if (output.length !== dimension) {
    const text = `The model ${modelId} gives ${output.length} numbers, its entry says dimension ${dimension}`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: 'dimension', value: dimension });
  }
  const length = Math.hypot(...output);
  if (!(length > 0 && length < Infinity)) {
    const text = `The model ${modelId} gave an embedding without direction; check its input's mean and std`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { model: modelId, length });
  }
  const vector = Float32Array.from(output, (x) => x / length);
  return { length, unlimited: vector, ...(common ? limitCommon(vector, common) : { vector, along: [] }) };
}
