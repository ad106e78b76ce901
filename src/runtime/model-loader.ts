import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { Backend } from './backend.ts';
import { ModelCache } from './cache.ts';
import { checkDigest, download, fetchModel, type ReportBytes } from './fetch-model.ts';
import type { ModelSession } from '../core/model-session.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './onnx.ts';
import { createTfjsSession, type TfjsFiles } from './tfjs.ts';

/** A started model, and whether its file came from the cache. */
export interface LoadedModel {
  readonly session: ModelSession;
  readonly bytes: number;
  readonly cached: boolean;
}

/** Loads models of both formats from one folder onto one backend. */
export class ModelLoader {
  readonly #assets: string;
  readonly #tfjsUrl: string;
  readonly #onnx: Promise<OnnxRuntime>;
  readonly #cache = new ModelCache();

  /**
   * @param assets - absolute URL of the library's folder
   * @param tfjsUrl - absolute URL of TF.js, loaded when a model of that format is
   */
  constructor(assets: string, backend: Backend, tfjsUrl: string) {
    this.#assets = assets;
    this.#tfjsUrl = tfjsUrl;
    // Runs beside the downloads; whoever loads a model sees its error.
    this.#onnx = loadOnnxRuntime(assets, backend);
    this.#onnx.catch(() => {});
  }

  /** @throws NearFaceError `MODEL_LOAD_FAILED`, `MODEL_INTEGRITY`, `BACKEND_UNAVAILABLE`, `ABORTED` */
  async load(entry: ModelEntry, report: ReportBytes, signal?: AbortSignal): Promise<LoadedModel> {
    const url = new URL(entry.file, new URL('models/', this.#assets)).href;
    if (entry.format === 'tfjs') {
      const files = await this.#fetchTfjs(entry, url, report, signal);
      const session = await createTfjsSession(entry, files, this.#tfjsUrl);
      return { session, bytes: files.weights.length, cached: false };
    }
    const { bytes, cached } = await fetchModel(entry, url, this.#cache, report, signal);
    return { session: await (await this.#onnx).createSession(entry, bytes), bytes: bytes.length, cached };
  }

  /** `model.json` and its weight files; the digest is of all of them, one after the other. */
  async #fetchTfjs(
    entry: ModelEntry,
    url: string,
    report: ReportBytes,
    signal: AbortSignal | undefined,
  ): Promise<TfjsFiles> {
    const json = await download({ id: entry.id }, url, () => {}, signal);
    const model = parseModelJson(entry, url, json);
    const paths = model.weightsManifest.flatMap((group) => group.paths);
    const shards: Uint8Array<ArrayBuffer>[] = [];
    for (const path of paths)
      shards.push(await download({ id: entry.id }, new URL(path, url).href, report, signal));
    const weights = new Uint8Array(await new Blob(shards).arrayBuffer());
    if (entry.sha256 !== undefined) {
      await checkDigest(entry, url, new Uint8Array(await new Blob([json, weights]).arrayBuffer()));
    }
    return { model, weights };
  }
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
