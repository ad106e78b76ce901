import { abortedError, NearFaceError } from '../core/errors.ts';
import type { ModelEntry, ModelManifest } from '../core/manifest.ts';
import { inputDims, type ModelSession } from '../core/model-session.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { readCanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import type { AnalysisRequest } from '../core/analysis.ts';
import type { WireImage } from '../core/wire-image.ts';
import { decodeImage } from '../image/decode.ts';
import { PixelReader } from '../image/pixel-reader.ts';
import { analyse, type AnalysisImage } from '../pipeline/analyse.ts';
import type { Models } from '../pipeline/models.ts';
import { Stopwatch } from '../pipeline/stopwatch.ts';
import { chooseBackend, type Backend } from '../runtime/backend.ts';
import { download } from '../runtime/fetch-model.ts';
import { chooseModel, fetchManifest, type PipelineRole } from '../runtime/manifest.ts';
import { ModelLoader, type LoadedModel } from '../runtime/model-loader.ts';
import { createDetector } from '../stages/detector.ts';
import { createEmbedder } from '../stages/embedder.ts';
import { createMeshModel } from '../stages/mesh-model.ts';
import { VERSION } from '../version.ts';
import type {
  AnalysisBatch,
  ReportProgress,
  VisionApi,
  VisionConfig,
  VisionInfo,
  WireResult,
} from './contract.ts';
import { Jobs } from './jobs.ts';

const ROLES = ['detector', 'nearDetector', 'landmarks', 'embedding'] as const satisfies PipelineRole[];

type Loaded = Readonly<Record<PipelineRole, LoadedModel>>;

/** The vision worker's side of the contract: models and pipeline, one analysis at a time. */
export class VisionService implements VisionApi {
  readonly #jobs = new Jobs();
  readonly #queue = new SerialQueue();
  readonly #stopwatch = new Stopwatch();
  readonly #reader = new PixelReader();
  #models: Models | undefined;

  open(job: number, config: VisionConfig, report: ReportProgress): Promise<WireResult<VisionInfo>> {
    return this.#jobs.answer(job, async (signal) => {
      const backend = await chooseBackend(config.device, config.threads);
      const loader = new ModelLoader(config.assets, backend, config.tfjs);
      const manifest = await fetchManifest(new URL('models/manifest.json', config.assets).href, signal);
      const loaded = await loadModels(loader, manifest, config, report, signal);
      this.#models = await createModels(loaded, config.assets, signal);
      await warmUp(Object.values(loaded).map(({ session }) => session));
      return toInfo(backend, loaded);
    });
  }

  analyse(
    job: number,
    images: readonly WireImage[],
    request: AnalysisRequest,
  ): Promise<WireResult<AnalysisBatch>> {
    return this.#jobs.answer(job, async (signal) => {
      try {
        return await this.#queue.run(() => this.#analyse(images, request, signal), signal);
      } finally {
        for (const image of images) closeImage(image);
      }
    });
  }

  abort(job: number): void {
    this.#jobs.abort(job);
  }

  async #analyse(
    images: readonly WireImage[],
    request: AnalysisRequest,
    signal: AbortSignal,
  ): Promise<AnalysisBatch> {
    const models = this.#models;
    if (!models) throw new NearFaceError('DISPOSED', 'The vision worker is not open');
    const watch = this.#stopwatch;
    try {
      const analyses = await watch.measure('total', async () => {
        const decoded = await watch.measure('decode', () =>
          decodeAll(images, request.names, this.#reader, signal),
        );
        return analyse(models, decoded, request, watch, signal);
      });
      if (signal.aborted) throw abortedError();
      watch.finish(true);
      return { analyses, timings: watch.timings };
    } catch (error) {
      watch.finish(false);
      throw error;
    }
  }
}

async function decodeAll(
  images: readonly WireImage[],
  names: readonly string[],
  reader: PixelReader,
  signal: AbortSignal,
): Promise<AnalysisImage[]> {
  const decoded: AnalysisImage[] = [];
  for (const [i, image] of images.entries()) {
    try {
      const pixels = await decodeImage(image, signal, undefined, reader);
      decoded.push(image.kind === 'encoded' ? { decoded: pixels, file: image.blob } : { decoded: pixels });
    } catch (error) {
      throw NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${names[i] ?? 'image'} could not be decoded`);
    }
  }
  return decoded;
}

/** Frees an image that no analysis reached; closing twice does nothing. */
function closeImage(image: WireImage): void {
  if (image.kind === 'bitmap') image.bitmap.close();
  if (image.kind === 'frame') image.frame.close();
}

async function loadModels(
  loader: ModelLoader,
  manifest: ModelManifest,
  config: VisionConfig,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<Loaded> {
  const entries = ROLES.map((role) => chooseModel(manifest, role, config.models[role]));
  const load = (entry: ModelEntry): Promise<LoadedModel> =>
    loader.load(entry, (done, total) => report({ phase: 'models', item: entry.id, done, total }), signal);
  const [detector, nearDetector, landmarks, embedding] = await Promise.all(entries.map(load));
  return { detector: detector!, nearDetector: nearDetector!, landmarks: landmarks!, embedding: embedding! };
}

async function createModels(loaded: Loaded, assets: string, signal: AbortSignal): Promise<Models> {
  const url = new URL('models/canonical-face.json', assets).href;
  const file = await download({ id: 'The canonical face', bytes: 2 ** 20 }, url, () => {}, signal);
  return {
    detector: createDetector(loaded.detector.session),
    nearDetector: createDetector(loaded.nearDetector.session),
    mesh: createMeshModel(loaded.landmarks.session),
    embedder: createEmbedder(loaded.embedding.session),
    canonicalFace: readCanonicalFace(JSON.parse(new TextDecoder().decode(file)) as CanonicalFaceFile),
  };
}

/** The first run of a model is several times slower than later ones; its answer is thrown away. */
async function warmUp(sessions: readonly ModelSession[]): Promise<void> {
  for (const session of sessions) {
    const dims = inputDims(session.entry, 1);
    await session.run(new Float32Array(dims.reduce((product, side) => product * side)), dims);
  }
}

function toInfo(backend: Backend, loaded: Loaded): VisionInfo {
  const { entry } = loaded.embedding.session;
  return {
    version: VERSION,
    backend: backend.name,
    threads: backend.threads,
    simd: backend.simd,
    adapter: backend.adapter,
    models: Object.values(loaded).map(({ session, bytes, cached }) => ({
      id: session.entry.id,
      role: session.entry.role,
      version: session.entry.version ?? '',
      licence: session.entry.licence ?? '',
      bytes,
      cached,
    })),
    embedding: {
      id: entry.id,
      dimension: entry.dimension ?? 0,
      ...(entry.calibration && { calibration: entry.calibration }),
    },
  };
}
