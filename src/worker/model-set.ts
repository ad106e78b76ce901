import type { ModelEntry, ModelManifest, ModelRole } from '../core/manifest.ts';
import { NearFaceError } from '../core/errors.ts';
import { requireWasm } from '../core/require-wasm.ts';
import { inputDims, type ModelSession } from '../core/model-session.ts';
import { readCanonicalFace, type CanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import { stagesFor } from '../pipeline/measure-details.ts';
import type { DetailStages, Models } from '../pipeline/models.ts';
import { chooseBackend, type Backend } from '../runtime/backend.ts';
import { download, type ReportBytes } from '../runtime/fetch-model.ts';
import { chooseModel, fetchManifest } from '../runtime/manifest.ts';
import { ModelLoader, type LoadedModel } from '../runtime/model-loader.ts';
import { createDemographics } from '../stages/demographics.ts';
import { createDetector } from '../stages/detector.ts';
import { createEmbedder } from '../stages/embedder.ts';
import { createEmotions } from '../stages/emotions.ts';
import { createAttentionMeshModel, createMeshModel } from '../stages/mesh-model.ts';
import { createOcclusion } from '../stages/occlusion.ts';
import { createTraits } from '../stages/traits.ts';
import { VERSION } from '../version.ts';
import type { ModelInfo, ReportProgress, VisionConfig, VisionInfo } from './contract.ts';

/** The roles that every analysis may need; all others are loaded when they are first asked for. */
const FIRST_ROLES = ['detector', 'nearDetector', 'landmarks', 'embedding'] as const;

/** The stages of details: the model that each needs, and how it is made of its session. */
const DETAILS: {
  readonly [K in keyof DetailStages]: {
    readonly role: ModelRole;
    readonly create: (session: ModelSession, canonical: CanonicalFace) => DetailStages[K];
  };
} = {
  fineMesh: { role: 'fineLandmarks', create: createAttentionMeshModel },
  traits: { role: 'traits', create: createTraits },
  occlusion: { role: 'occlusion', create: createOcclusion },
  demographics: { role: 'describer', create: createDemographics },
  emotions: { role: 'emotion', create: createEmotions },
};

type FirstRole = (typeof FIRST_ROLES)[number];

/** The models of one vision worker and the backend that they run on. */
export class ModelSet {
  readonly models: Models;
  readonly #backend: Backend;
  readonly #loader: ModelLoader;
  readonly #manifest: ModelManifest;
  readonly #loaded: Map<ModelRole, LoadedModel>;

  private constructor(
    backend: Backend,
    loader: ModelLoader,
    manifest: ModelManifest,
    first: Readonly<Record<FirstRole, LoadedModel>>,
    canonicalFace: CanonicalFace,
  ) {
    this.#backend = backend;
    this.#loader = loader;
    this.#manifest = manifest;
    this.#loaded = new Map(FIRST_ROLES.map((role) => [role, first[role]]));
    this.models = {
      detector: createDetector(first.detector.session),
      nearDetector: createDetector(first.nearDetector.session),
      mesh: createMeshModel(first.landmarks.session),
      embedder: createEmbedder(first.embedding.session),
      canonicalFace,
      detail: (name, signal) => this.#detail(name, signal),
    };
  }

  /** Loads and starts the models that every analysis may need. */
  static async open(config: VisionConfig, report: ReportProgress, signal: AbortSignal): Promise<ModelSet> {
    await requireWasm();
    const backend = await chooseBackend(config.device, config.threads);
    const loader = new ModelLoader(config.assets, backend, config.tfjs);
    const manifest = await fetchManifest(new URL('models/manifest.json', config.assets).href, signal);
    const entries = FIRST_ROLES.map((role) => chooseModel(manifest, role, config.models[role]));
    const [detector, nearDetector, landmarks, embedding] = await Promise.all(
      entries.map((entry) => loader.load(entry, reportFor(entry, report), signal)),
    );
    const first = {
      detector: detector!,
      nearDetector: nearDetector!,
      landmarks: landmarks!,
      embedding: embedding!,
    };
    const canonicalFace = await fetchCanonicalFace(config.assets, signal);
    for (const { session } of Object.values(first)) await warmUp(session);
    const set = new ModelSet(backend, loader, manifest, first, canonicalFace);
    for (const stage of stagesFor(config.preload)) await set.#session(DETAILS[stage].role, signal, report);
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

  get info(): VisionInfo {
    const { name, threads, simd, adapter } = this.#backend;
    const { entry } = this.models.embedder;
    return {
      version: VERSION,
      backend: name,
      threads,
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

  async #detail<K extends keyof DetailStages>(
    name: K,
    signal: AbortSignal | undefined,
  ): Promise<DetailStages[K]> {
    const { role, create } = DETAILS[name];
    return create(await this.#session(role, signal), this.models.canonicalFace);
  }

  /** The session of a role, loaded and started when it is first asked for; a failed load is tried again. */
  async #session(
    role: ModelRole,
    signal: AbortSignal | undefined,
    report: ReportProgress = () => {},
  ): Promise<ModelSession> {
    const known = this.#loaded.get(role);
    if (known) return known.session;
    const entry = chooseModel(this.#manifest, role, undefined);
    const loaded = await this.#loader.load(entry, reportFor(entry, report), signal);
    await warmUp(loaded.session);
    this.#loaded.set(role, loaded);
    return loaded.session;
  }
}

function reportFor({ id }: ModelEntry, report: ReportProgress): ReportBytes {
  return (done, total) => report({ phase: 'models', item: id, done, total });
}

async function fetchCanonicalFace(assets: string, signal: AbortSignal): Promise<CanonicalFace> {
  const url = new URL('models/canonical-face.json', assets).href;
  const file = await download({ id: 'The canonical face', bytes: 2 ** 20 }, url, () => {}, signal);
  return readCanonicalFace(JSON.parse(new TextDecoder().decode(file)) as CanonicalFaceFile);
}

/**
 * The first run of a model is several times slower than later ones; its answer is thrown away.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` for a model that does not take what its entry says
 */
async function warmUp(session: ModelSession): Promise<void> {
  const { id, role, input } = session.entry;
  const dims = inputDims(session.entry, 1);
  try {
    await session.run(new Float32Array(dims.reduce((product, side) => product * side)), dims);
  } catch (error) {
    if (error instanceof NearFaceError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text =
      `models.${role}: the model ${id} does not run on an input of ${dims.join(' × ')} (its entry says layout ` +
      `'${input.layout}', channels '${input.channels}', size ${input.size.join(' × ')}): ${why}`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { model: id, param: `models.${role}.input` }, error);
  }
}
