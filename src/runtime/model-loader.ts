import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { Backend } from './backend.ts';
import type { VisionHost } from '../platform/port.ts';
import { EngineSession } from './engine/engine-session.ts';
import type { EngineKernel } from './engine/kernel.ts';
import { type EngineHost, startEngine } from './engine/start-engine.ts';
import { checkDigest, download, fetchModel, type ReportBytes } from './fetch-model.ts';
import type { ModelSession } from '../core/model-session.ts';
import { FusedSession, secondOf } from './fused-session.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './onnx.ts';
import { createTfjsSession, type TfjsFiles } from './tfjs.ts';

/** A started model, and whether its file came from the cache. */
export interface LoadedModel {
  readonly session: ModelSession;
  readonly bytes: number;
  readonly cached: boolean;
}

/** What loading models needs of the host. */
export type ModelHost = EngineHost & Pick<VisionHost, 'modelCache' | 'runtimeUrl' | 'runtimeHasThreads'>;

/** Loads models of both formats from one folder onto one backend. */
export class ModelLoader {
  readonly #assets: string;
  readonly #tfjsUrl: string;
  readonly #backend: Backend;
  /** The library's own kernels, where they are faster than onnxruntime-web. */
  readonly #engine: Promise<EngineKernel> | undefined;
  #kernel: EngineKernel | undefined;
  #onnx: Promise<OnnxRuntime> | undefined;
  readonly #host: ModelHost;

  /**
   * @param assets - absolute URL of the library's folder
   * @param tfjsUrl - where TF.js is imported from, when a model of that format is loaded
   */
  constructor(assets: string, backend: Backend, tfjsUrl: string, host: ModelHost) {
    this.#assets = assets;
    this.#host = host;
    this.#tfjsUrl = tfjsUrl;
    this.#backend = backend;
    // Runs beside the downloads; whoever loads a model sees its error.
    this.#engine = usesEngine(backend)
      ? startEngine(host, assets, engineLevel(backend), backend.threads)
      : undefined;
    const first = this.#engine ?? this.#onnxRuntime();
    first.catch(() => {});
  }

  /** Threads that the models run on now; helpers may have failed. */
  get threads(): number {
    return this.#kernel?.threads ?? this.#backend.threads;
  }

  /** @throws NearFaceError `MODEL_LOAD_FAILED`, `MODEL_INTEGRITY`, `BACKEND_UNAVAILABLE`, `ABORTED` */
  async load(entry: ModelEntry, report: ReportBytes, signal?: AbortSignal): Promise<LoadedModel> {
    const { fusedWith } = entry;
    if (!fusedWith) return this.#loadOne(entry, report, signal);
    const reports = sharedReport(report, [entry.bytes, fusedWith.bytes]);
    const loads = [entry, secondOf(entry, fusedWith)].map((network, i) =>
      this.#loadOne(network, reports[i]!, signal),
    );
    try {
      const [first, second] = (await Promise.all(loads)) as [LoadedModel, LoadedModel];
      return {
        session: new FusedSession(entry, first.session, second.session),
        bytes: first.bytes + second.bytes,
        cached: first.cached && second.cached,
      };
    } catch (error) {
      for (const each of loads) void each.then(({ session }) => session.dispose()).catch(() => undefined);
      throw error;
    }
  }

  async #loadOne(entry: ModelEntry, report: ReportBytes, signal?: AbortSignal): Promise<LoadedModel> {
    const url = resolveWithin(entry.file, new URL('models/', this.#assets).href);
    if (entry.format === 'tfjs') {
      const files = await this.#fetchTfjs(entry, url, report, signal);
      const session = await createTfjsSession(entry, files, this.#tfjsUrl);
      return { session, bytes: files.weights.length, cached: false };
    }
    const { bytes, cached } = await fetchModel(entry, url, this.#host, report, signal);
    return { session: await this.#start(entry, bytes), bytes: bytes.length, cached };
  }

  async #start(entry: ModelEntry, bytes: Uint8Array): Promise<ModelSession> {
    this.#kernel = await this.#engine;
    const session = this.#kernel && EngineSession.compile(entry, bytes, this.#kernel);
    return session ?? (await this.#onnxRuntime()).createSession(entry, bytes);
  }

  /** onnxruntime-web, loaded when the first model needs it. */
  #onnxRuntime(): Promise<OnnxRuntime> {
    return (this.#onnx ??= loadOnnxRuntime(
      this.#host.readAsset,
      this.#host.runtimeUrl(this.#assets),
      this.#host.runtimeHasThreads ? this.#backend : { ...this.#backend, threads: 1 },
    ));
  }

  /** `model.json` and its weight files; the digest is of all of them, one after the other. */
  async #fetchTfjs(
    entry: ModelEntry,
    url: string,
    report: ReportBytes,
    signal: AbortSignal | undefined,
  ): Promise<TfjsFiles> {
    const read = (file: string, onBytes: ReportBytes): Promise<Uint8Array<ArrayBuffer>> =>
      download(this.#host.readAsset, { id: entry.id }, file, onBytes, signal);
    const json = await read(url, () => {});
    const model = parseModelJson(entry, url, json);
    const paths = model.weightsManifest.flatMap((group) => group.paths);
    const shards: Uint8Array<ArrayBuffer>[] = [];
    for (const path of paths) shards.push(await read(resolveWithin(path, url), report));
    const weights = new Uint8Array(await new Blob(shards).arrayBuffer());
    if (entry.sha256 !== undefined) {
      await checkDigest(entry, url, new Uint8Array(await new Blob([json, weights]).arrayBuffer()));
    }
    return { model, weights };
  }
}

/** The engine knows nothing of GPUs. */
function usesEngine(backend: Backend): boolean {
  return backend.name === 'wasm';
}

function engineLevel(backend: Backend): 'relaxed' | 'simd' {
  return backend.simd === 'relaxed' ? 'relaxed' : 'simd';
}

/** Reports of several files as those of one; its size is unknown as long as one of theirs is. */
function sharedReport(report: ReportBytes, sizes: readonly (number | undefined)[]): readonly ReportBytes[] {
  const parts = sizes.map((bytes) => ({ done: 0, total: bytes ?? 0 }));
  return parts.map((part) => (done, total) => {
    Object.assign(part, { done, total: total || part.total });
    const whole = parts.every((one) => one.total > 0) ? parts.reduce((sum, one) => sum + one.total, 0) : 0;
    report(
      parts.reduce((sum, one) => sum + one.done, 0),
      whole,
    );
  });
}

interface WeightPaths {
  readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
}

function parseModelJson(entry: ModelEntry, url: string, json: Uint8Array): WeightPaths {
  try {
    const model = JSON.parse(new TextDecoder().decode(json)) as WeightPaths;
    if (Array.isArray(model.weightsManifest)) return model;
    throw new Error('it has no weightsManifest');
  } catch (error) {
    const text = `${url} is not the model.json of a TF.js graph model, which ${entry.id} must be`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { model: entry.id, url }, error);
  }
}

/** A file's address by what a manifest says of it. What a server says must not lead to the disk. @throws NearFaceError `MODEL_LOAD_FAILED` */
function resolveWithin(file: string, base: string): string {
  const url = new URL(file, base);
  if (url.protocol !== 'file:' || base.startsWith('file:')) return url.href;
  const text = `The models of ${base} name a file of this machine (${url.href}); name one of that server, or an https: URL`;
  throw new NearFaceError('MODEL_LOAD_FAILED', text, { url: url.href });
}
