import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { ReadAsset } from '../platform/port.ts';
import type { Backend } from './backend.ts';
import { MAX_BATCH, type ModelSession } from '../core/model-session.ts';

type Ort = typeof import('onnxruntime-web');

/**
 * The WASM build, and the one with WebGPU, which is twice as large and loaded only when it is used; `part` is what `nearface-assets --only`
 * calls it.
 */
const FILES = {
  wasm: { script: 'ort.wasm.min.mjs', glue: 'ort-wasm-simd-threaded', part: 'ort' },
  webgpu: { script: 'ort.webgpu.min.mjs', glue: 'ort-wasm-simd-threaded.asyncify', part: 'webgpu' },
} as const;

type OrtPart = (typeof FILES)[keyof typeof FILES]['part'];

/** Makes ONNX sessions on one backend. */
export interface OnnxRuntime {
  createSession(entry: ModelEntry, bytes: Uint8Array): Promise<ModelSession>;
}

/**
 * Loads onnxruntime-web.
 *
 * @param folder - absolute URL of the folder with it
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function loadOnnxRuntime(
  readAsset: ReadAsset,
  folder: string,
  backend: Backend,
): Promise<OnnxRuntime> {
  const { script, glue, part } = FILES[backend.name];
  const ort = await importOrt(folder + script, part);
  // Absolute URLs of both files: else each thread would load the worker's own script again.
  ort.env.wasm.wasmPaths = { mjs: `${folder}${glue}.mjs`, wasm: `${folder}${glue}.wasm` };
  // It fetches the file, which cannot be done on a disk.
  if (folder.startsWith('file:'))
    ort.env.wasm.wasmBinary = await readWasm(readAsset, `${folder}${glue}.wasm`, part);
  ort.env.wasm.numThreads = backend.threads;
  ort.env.logLevel = 'error';
  // The WebGPU provider refuses to start two sessions at once.
  const starts = new SerialQueue();
  return { createSession: (entry, bytes) => starts.run(() => createSession(ort, backend, entry, bytes)) };
}

async function readWasm(readAsset: ReadAsset, url: string, part: OrtPart): Promise<Uint8Array> {
  try {
    return await readAsset(url);
  } catch (error) {
    throw notLoaded(url, part, error);
  }
}

async function importOrt(url: string, part: OrtPart): Promise<Ort> {
  try {
    return (await import(/* @vite-ignore */ url)) as Ort;
  } catch (error) {
    throw notLoaded(url, part, error);
  }
}

function notLoaded(url: string, part: OrtPart, error: unknown): NearFaceError {
  const text =
    `onnxruntime-web could not be loaded from ${url}; keep there what nearface-assets --only ${part} copies (in Node ` +
    `the package as it was installed), or use device: 'wasm' and models that the library's kernels run`;
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { url }, error);
}

async function createSession(
  ort: Ort,
  backend: Backend,
  entry: ModelEntry,
  bytes: Uint8Array,
): Promise<ModelSession> {
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: backend.name === 'webgpu' ? ['webgpu', 'wasm'] : ['wasm'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      enableMemPattern: true,
      logSeverityLevel: 3,
    });
    return new OnnxSession(ort, entry, session);
  } catch (error) {
    throw NearFaceError.from(error, 'MODEL_LOAD_FAILED', `The model ${entry.id} could not be started`);
  }
}

class OnnxSession implements ModelSession {
  readonly entry: ModelEntry;
  readonly maxBatch: number;
  readonly #ort: Ort;
  readonly #inputName: string;
  readonly #outputNames: readonly string[];
  #session: InferenceSession | undefined;

  constructor(ort: Ort, entry: ModelEntry, session: InferenceSession) {
    this.entry = entry;
    this.#ort = ort;
    this.#session = session;
    this.#inputName = entry.input.name ?? session.inputNames[0] ?? '';
    this.#outputNames = entry.outputs.length > 0 ? entry.outputs : session.outputNames;
    checkName(entry, 'input', this.#inputName, session.inputNames);
    this.maxBatch = batchOf(session, this.#inputName);
    for (const name of this.#outputNames) checkName(entry, 'output', name, session.outputNames);
  }

  async run(input: Float32Array<ArrayBuffer>, dims: readonly number[]): Promise<readonly Float32Array[]> {
    if (!this.#session) throw new NearFaceError('DISPOSED', `The model ${this.entry.id} was disposed`);
    const feed = new this.#ort.Tensor('float32', input, dims);
    const results = await this.#session.run({ [this.#inputName]: feed }, [...this.#outputNames]);
    return this.#outputNames.map((name) => takeFloats(results[name]!));
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

/** A graph whose first axis is a number takes just so many inputs. */
function batchOf(session: InferenceSession, inputName: string): number {
  const metadata = session.inputMetadata.find(({ name }) => name === inputName);
  const first = metadata?.isTensor ? metadata.shape[0] : undefined;
  return typeof first === 'number' && first > 0 ? first : MAX_BATCH;
}

function takeFloats(tensor: Tensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  throw new NearFaceError('MODEL_LOAD_FAILED', `The model's output is ${tensor.type}; only float32 is read`);
}

function checkName(entry: ModelEntry, kind: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const text = `The model ${entry.id} has no ${kind} '${name}'; it has: ${known.join(', ')}`;
  throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: `${kind}s`, value: name });
}
