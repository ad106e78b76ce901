import type { ModelEntry, ModelManifest, ModelRole } from '../core/manifest.ts';
import { requireWasm } from '../core/require-wasm.ts';
import type { LazyModel } from '../core/model-session.ts';
import { readCanonicalFace, type CanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import { loadPixelKernel, type PixelKernel } from '../image/kernel/kernel.ts';
import { createDetails, DETAIL_STAGES, stagesFor } from '../pipeline/detail-stages.ts';
import { needsMesh } from '../pipeline/measure-faces.ts';
import type { Models } from '../pipeline/models.ts';
import { chooseBackend, type Backend } from '../runtime/backend.ts';
import { download, type ReportBytes } from '../runtime/fetch-model.ts';
import { chooseModel, fetchManifest } from '../runtime/manifest.ts';
import { ModelLoader, type LoadedModel } from '../runtime/model-loader.ts';
import { createDetector } from '../stages/detector.ts';
import { createEmbedder } from '../stages/embedder.ts';
import { createMeshModel } from '../stages/mesh-model.ts';
import type { ReadAsset, VisionHost } from '../platform/port.ts';
import { VERSION } from '../version.ts';
import { startModels } from './start-models.ts';
import type { ModelInfo, ReportProgress, VisionConfig, VisionInfo } from './contract.ts';

/** The roles that every analysis needs. */
const FINDING: readonly ModelRole[] = ['detector', 'nearDetector'];

/** How models are loaded. */
interface Loading {
  readonly loader: ModelLoader;
  readonly manifest: ModelManifest;
  readonly models: VisionConfig['models'];
  /** Runs a load apart from what is timed. */
  readonly untimed: <T>(load: () => Promise<T>) => Promise<T>;
}

/** The models of one vision worker and the backend that they run on. */
export class ModelSet {
  readonly models: Models;
  /** What works on the pixels before them. */
  readonly pixels: PixelKernel;
  readonly #backend: Backend;
  readonly #loading: Loading;
  readonly #loaded = new Map<ModelRole, LoadedModel>();

  private constructor(backend: Backend, loading: Loading, canonicalFace: CanonicalFace, pixels: PixelKernel) {
    this.pixels = pixels;
    this.#backend = backend;
    this.#loading = loading;
    const of = (role: ModelRole): LazyModel => this.#source(role);
    this.models = {
      detector: createDetector(of('detector')),
      nearDetector: createDetector(of('nearDetector')),
      mesh: createMeshModel(of('landmarks')),
      embedder: createEmbedder(of('embedding')),
      details: createDetails(of, canonicalFace),
      canonicalFace,
    };
  }

  /**
   * Loads and starts the models that every analysis needs, those that were named and those to be preloaded; the others when they
   * first have something to do.
   *
   * @param untimed - runs those later loads
   */
  static async open(
    host: VisionHost,
    config: VisionConfig,
    report: ReportProgress,
    signal: AbortSignal,
    untimed: Loading['untimed'] = (load) => load(),
  ): Promise<ModelSet> {
    await requireWasm();
    const backend = await chooseBackend(config.device, config.threads, host);
    const pixels = loadPixelKernel(host.readAsset, config.assets);
    // Runs beside the downloads; its error is seen below.
    pixels.catch(() => {});
    const loader = new ModelLoader(config.assets, backend, config.tfjs ?? host.tfjsUrl(config.assets), host);
    const manifest = await fetchManifest(
      host.readAsset,
      new URL('models/manifest.json', config.assets).href,
      signal,
    );
    const canonicalFace = await readCanonical(host.readAsset, config.assets, signal);
    const loading = { loader, manifest, models: config.models, untimed };
    const set = new ModelSet(backend, loading, canonicalFace, await pixels);
    await set.#load(firstRoles(config), report, signal);
    return set;
  }

  /** The models loaded by now. */
  get loaded(): readonly ModelInfo[] {
    return [...this.#loaded.values()].map(({ session: { entry }, bytes, cached }) => ({
      id: entry.id,
      role: entry.role,
      version: entry.version ?? '',
      licence: entry.licence ?? '',
      bytes,
      cached,
    }));
  }

  /** Threads that they run on now. */
  get threads(): number {
    return this.#loading.loader.threads;
  }

  get info(): VisionInfo {
    const { name, simd, adapter } = this.#backend;
    const { entry } = this.models.embedder;
    return {
      version: VERSION,
      backend: name,
      threads: this.threads,
      simd,
      adapter,
      models: this.loaded,
      embedding: {
        id: entry.id,
        dimension: entry.dimension ?? 0,
        ...(entry.calibration && { calibration: entry.calibration }),
        ...(entry.convertsFrom !== undefined &&
          entry.common && { convertsFrom: { modelId: entry.convertsFrom, common: entry.common } }),
      },
    };
  }

  /** The model of a role, loaded and started when it is first asked for; a failed load is tried again. */
  #source(role: ModelRole): LazyModel {
    const { manifest, models, untimed } = this.#loading;
    return {
      entry: chooseModel(manifest, role, models[role]),
      open: async (signal) => {
        if (!this.#loaded.has(role)) await untimed(() => this.#load([role], () => undefined, signal));
        return this.#loaded.get(role)!.session;
      },
    };
  }

  /** Downloads models side by side, then starts them one after the other. */
  async #load(
    roles: readonly ModelRole[],
    report: ReportProgress,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { loader } = this.#loading;
    const entries = roles.map((role) => this.#source(role).entry);
    const load = (entry: ModelEntry): Promise<LoadedModel> =>
      loader.load(entry, reportFor(entry, report), signal);
    const loaded = await startModels(entries, load);
    for (const [i, model] of loaded.entries()) this.#loaded.set(roles[i]!, model);
  }
}

/** The roles of the models that are loaded at the start, each once. */
function firstRoles({ models, preload }: VisionConfig): readonly ModelRole[] {
  const named = Object.keys(models) as ModelRole[];
  const mesh = needsMesh(preload) ? (['landmarks'] as const) : [];
  const embedding = preload.embedding ? (['embedding'] as const) : [];
  const details = stagesFor(preload).map((stage) => DETAIL_STAGES[stage].role);
  return [...new Set([...FINDING, ...mesh, ...embedding, ...details, ...named])];
}

function reportFor({ id }: ModelEntry, report: ReportProgress): ReportBytes {
  return (done, total) => report({ phase: 'models', item: id, done, total });
}

async function readCanonical(
  readAsset: ReadAsset,
  assets: string,
  signal: AbortSignal,
): Promise<CanonicalFace> {
  const url = new URL('models/canonical-face.json', assets).href;
  const file = await download(readAsset, { id: 'The canonical face', bytes: 2 ** 20 }, url, () => {}, signal);
  return readCanonicalFace(JSON.parse(new TextDecoder().decode(file)) as CanonicalFaceFile);
}
