import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import { MAX_BATCH, type ModelSession } from '../core/model-session.ts';

interface TfTensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface TfGraphModel {
  execute(inputs: Readonly<Record<string, TfTensor>>, outputs?: readonly string[]): TfTensor | TfTensor[];
  readonly inputs: readonly { readonly name: string; readonly shape?: readonly (number | null)[] }[];
  readonly outputs: readonly { readonly name: string }[];
  dispose(): void;
}

/** The part of `@tensorflow/tfjs` that is used. */
interface Tf {
  ready(): Promise<void>;
  tensor(values: Float32Array, shape: readonly number[], dtype: 'float32'): TfTensor;
  loadGraphModel(handler: unknown): Promise<TfGraphModel>;
  readonly io: { fromMemory(artifacts: object): unknown };
}

/** A TF.js graph model as it was fetched. */
export interface TfjsFiles {
  readonly model: unknown;
  readonly weights: Uint8Array<ArrayBuffer>;
}

interface TfjsModelJson {
  readonly modelTopology: object;
  readonly format?: string;
  readonly weightsManifest: readonly { readonly weights: readonly object[] }[];
}

/**
 * Starts a TF.js graph model on `@tensorflow/tfjs`, which is loaded from `tfjsUrl` (its `tf.min.js`, or the package by its name).
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED`
 */
export async function createTfjsSession(
  entry: ModelEntry,
  files: TfjsFiles,
  tfjsUrl: string,
): Promise<ModelSession> {
  const tf = await importTf(tfjsUrl);
  try {
    await tf.ready();
    const { modelTopology, format = 'graph-model', weightsManifest } = files.model as TfjsModelJson;
    const artifacts = {
      modelTopology,
      format,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: files.weights.buffer,
    };
    return new TfjsSession(tf, entry, await tf.loadGraphModel(tf.io.fromMemory(artifacts)));
  } catch (error) {
    throw NearFaceError.from(error, 'MODEL_LOAD_FAILED', `The model ${entry.id} could not be started`);
  }
}

async function importTf(url: string): Promise<Tf> {
  try {
    const namespace = (await import(/* @vite-ignore */ url)) as Partial<Tf> & { default?: Partial<Tf> };
    // An ES module exports its names, CommonJS in Node all as `default`; the classic build sets the global `tf` in a page.
    const places = [namespace, namespace.default, (globalThis as { tf?: Partial<Tf> }).tf];
    const tf = places.find((place) => place?.loadGraphModel);
    if (tf) return tf as Tf;
    throw new Error('the file does not define TensorFlow.js');
  } catch (error) {
    const text =
      `A model with format 'tfjs' needs TensorFlow.js, which could not be loaded from ${url}; npm install @tensorflow/tfjs, which is ` +
      `all in Node; for a page serve its dist/tf.min.js, and name the URL with the option tfjs`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { url }, error);
  }
}

class TfjsSession implements ModelSession {
  readonly entry: ModelEntry;
  readonly maxBatch: number;
  readonly #tf: Tf;
  readonly #inputName: string;
  readonly #outputNames: readonly string[];
  #model: TfGraphModel | undefined;

  constructor(tf: Tf, entry: ModelEntry, model: TfGraphModel) {
    this.entry = entry;
    this.#tf = tf;
    this.#model = model;
    this.#inputName = entry.input.name ?? model.inputs[0]?.name ?? '';
    this.maxBatch = (model.inputs[0]?.shape?.[0] ?? -1) === 1 ? 1 : MAX_BATCH;
    this.#outputNames = entry.outputs.length > 0 ? entry.outputs : model.outputs.map(({ name }) => name);
  }

  async run(input: Float32Array<ArrayBuffer>, dims: readonly number[]): Promise<readonly Float32Array[]> {
    if (!this.#model) throw new NearFaceError('DISPOSED', `The model ${this.entry.id} was disposed`);
    const feed = this.#tf.tensor(input, dims, 'float32');
    try {
      const results = [this.#model.execute({ [this.#inputName]: feed }, this.#outputNames)].flat();
      const values = await Promise.all(results.map((tensor) => tensor.data()));
      for (const tensor of results) tensor.dispose();
      return values.map((value) => value.slice());
    } finally {
      feed.dispose();
    }
  }

  async dispose(): Promise<void> {
    this.#model?.dispose();
    this.#model = undefined;
  }
}
