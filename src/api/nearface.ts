import type { Detection } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import { host } from '../platform/host.ts';
import { VERSION } from '../version.ts';
import { WorkerClient } from '../worker/client.ts';
import type { GalleryApi, ModelInfo } from '../worker/contract.ts';
import type { PoolSize } from '../worker/vision-pool.ts';
import type { Timings } from '../core/analysis.ts';
import type { StorageUsage } from '../core/records.ts';
import { analyseOne, detailsFor, requestFor, toDetection } from './analyse.ts';
import { Cameras } from './cameras.ts';
import { Challenge } from './challenge.ts';
import type { ChallengeOptions } from './challenge-options.ts';
import { compare, type Comparison, type Probe } from './compare.ts';
import { Faces } from './faces.ts';
import { Galleries } from './galleries.ts';
import type { CompareOptions, CreateOptions, DetectOptions, EmbedOptions, EraseOptions } from './options.ts';
import { resolveCreate, resolveDetect, resolveEmbed, resolveErase } from './resolve-options.ts';
import { History } from './history.ts';
import { askPasskey } from './passkeys.ts';
import { People } from './people.ts';
import { pickPeople } from './people-rule.ts';
import { Jobs } from './jobs.ts';
import { Session } from './session.ts';
import { Storage } from './storage.ts';
import type { VideoInput } from './video-input.ts';
import type { VideoSession } from './video-session.ts';
import { loadVideoCode } from './load-video-code.ts';
import { watch } from './watch.ts';
import type { SessionReportOptions } from './write-report.ts';
import type { VideoEvent } from '../video/events.ts';
import type { WatchOptions } from './watch-options.ts';

/** What an instance runs on. */
export interface NearFaceInfo {
  /** Version of the library. */
  readonly version: string;
  /** What the models run on. */
  readonly backend: 'webgpu' | 'wasm';
  /**
   * Threads that the models run on: 1 where the page is not cross-origin isolated, and where a helper could not be started or has
   * failed. Those of a search are told by {@link Gallery.stats}.
   */
  readonly threads: number;
  /** Vector instructions that the search kernel and the WASM backend may use. */
  readonly simd: 'none' | 'simd' | 'relaxed';
  /** The GPU adapter's name; empty on `wasm`. */
  readonly adapter: string;
  /** The vision workers: those that run now, the most there may be, and photos that wait for one. */
  readonly visionWorkers: { readonly running: number; readonly most: number; readonly waiting: number };
  /** Whether the page may use several threads. */
  readonly crossOriginIsolated: boolean;
  /**
   * What the library has to do without here, one sentence each: a page that is not secure has no model cache and no camera, one that
   * is not cross-origin isolated, or where a thread could not be started, not the `threads` asked for, a frame without storage keeps galleries in memory. Empty where nothing
   * is missing.
   */
  readonly warnings: readonly string[];
  /** The models in use, with licence and size. */
  readonly models: readonly ModelInfo[];
  /** The model that makes embeddings, and their length. */
  readonly embedding: { readonly modelId: string; readonly dimension: number; readonly calibrated: boolean };
  /** Median milliseconds of each stage over the last runs; empty before the first. */
  readonly timings: Timings;
  /** The database as it was when the instance opened. */
  readonly storage: {
    /** Where galleries lie; see {@link StorageUsage.kind}. */
    readonly kind: StorageUsage['kind'];
    readonly faces: number;
    readonly persisted: boolean;
    readonly usageBytes: number;
    readonly quotaBytes: number;
  };
}

/** How many vision workers there are where `visionWorkers` is not said: one where its models take all there is. */
function poolSize(workers: number | undefined, device: string, threads: number = 1): PoolSize {
  if (workers !== undefined) return { most: workers, isFixed: true };
  return { most: device === 'webgpu' || threads > 1 ? 1 : host.visionWorkers, isFixed: false };
}

/**
 * Face recognition in one object: models in vision workers, galleries in another. Create it with
 * {@link NearFace.create}, end it with {@link NearFace.dispose}. Two instances do not disturb each other.
 */
export class NearFace implements AsyncDisposable {
  /** The galleries in this instance's database. */
  readonly galleries: Galleries;
  /** Its faces by their ids, whatever galleries they are in. */
  readonly faces: Faces;
  /** Who the faces are: people, named or not. */
  readonly people: People;
  /** The cameras that sessions, faces and sightings name. */
  readonly cameras: Cameras;
  /** Who was seen, where and when. */
  readonly history: History;
  /** Enrolment jobs that survive the page. */
  readonly jobs: Jobs;
  /** What is stored, and how to keep or erase it. */
  readonly storage: Storage;
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
    this.galleries = new Galleries(session);
    this.faces = new Faces(session);
    this.people = new People(session);
    this.cameras = new Cameras(session);
    this.history = new History(session);
    this.jobs = new Jobs(session);
    this.storage = new Storage(session);
  }

  /**
   * Starts the workers, loads and checks the models and opens the store.
   *
   * @throws NearFaceError `BAD_PARAM`, `BACKEND_UNAVAILABLE`, `MODEL_LOAD_FAILED`, `MODEL_INTEGRITY`,
   * `STORAGE_FAILED` (of a page without storage with `storage: 'required'` or a passphrase alone), `LOCKED` for a database that the passphrase does not open, `ABORTED`
   */
  static async create(options?: CreateOptions): Promise<NearFace> {
    const resolved = resolveCreate(options);
    const { assets, database, storage, passphrase, passkey, keep, onProgress, signal, ...rest } = resolved;
    const { device, threads, models, tfjs, preload, decode, retentionDays, visionWorkers } = rest;
    const base = host.assetsUrl(assets);
    const vision = {
      assets: base,
      device,
      threads: threads ?? 0,
      models: models ?? {},
      preload: detailsFor(preload, preload?.embedding),
      ...(tfjs !== undefined && { tfjs: new URL(tfjs, host.baseUrl()).href }),
    };
    const key =
      passkey && typeof database === 'string'
        ? await askPasskey(host, { database, ids: [], signals: [signal] })
        : passphrase;
    const session = new Session(
      host,
      vision,
      {
        ...{ assets: base, database, storage, page: host.address, threads: threads ?? 0 },
        ...(key !== undefined && { key }),
        ...(retentionDays !== undefined && { retentionDays }),
      },
      { keep, decode, people: pickPeople(resolved), visionWorkers: poolSize(visionWorkers, device, threads) },
    );
    await session.open(onProgress, signal);
    return new NearFace(session);
  }

  /**
   * Deletes a database and all that is in it, also one whose passphrase is lost, and overwrites what can be overwritten
   * (docs/store.md). Pages that have it open lose it. In Node nothing is stored, so that there is nothing to delete: galleries
   * end with their instance.
   *
   * @throws NearFaceError `BAD_PARAM`, `STORAGE_FAILED`, after five seconds also if a page does not let go of it (`details.pages`
   * names it if it runs nearface)
   */
  static async erase(options?: EraseOptions): Promise<void> {
    const { assets, database } = resolveErase(options);
    const worker = new WorkerClient<GalleryApi, void>({
      ...{ script: 'gallery', assets: host.assetsUrl(assets), start: host.startWorker },
      open: (remote) => remote.deleteDatabase(database),
    });
    await worker.open().finally(() => worker.dispose());
  }

  /** The backend in use, the models, and the time that each stage takes. */
  get info(): NearFaceInfo {
    const { vision, gallery } = { vision: this.#session.visionInfo, gallery: this.#session.galleryInfo };
    const { backend, threads, simd, adapter, models, embedding } = vision;
    const { kind, faces, persisted, usageBytes, quotaBytes } = gallery;
    return {
      version: VERSION,
      backend,
      threads,
      simd,
      adapter,
      visionWorkers: this.#session.vision.state,
      crossOriginIsolated: this.#session.host.isIsolated,
      warnings: this.#session.warnings,
      models,
      embedding: {
        modelId: embedding.id,
        dimension: embedding.dimension,
        calibrated: embedding.calibration !== undefined,
      },
      timings: this.#session.timings,
      storage: { kind, faces, persisted, usageBytes, quotaBytes },
    };
  }

  /**
   * Finds the faces of an image. An image without a face gives an empty list.
   *
   * @throws NearFaceError `BAD_PARAM`, `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `ABORTED`, `DISPOSED`,
   * `WORKER_DIED`
   */
  async detect(image: ImageInput, options?: DetectOptions): Promise<Detection> {
    const resolved = resolveDetect(options);
    return toDetection(await analyseOne(this.#session, image, requestFor(resolved), resolved.signal));
  }

  /**
   * As {@link NearFace.detect}, each face with its unit-length `embedding` and the `modelId` it belongs to. An image
   * without a face gives an empty list.
   *
   * @throws NearFaceError as `detect`; `TOO_MANY_FACES` with `faces: 'reject'`
   */
  async embed(image: ImageInput, options?: EmbedOptions): Promise<Detection> {
    const resolved = resolveEmbed(options);
    const request = requestFor(resolved, { embedding: true });
    return toDetection(await analyseOne(this.#session, image, request, resolved.signal));
  }

  /**
   * Whether two images, or embeddings, show the same person (1:1). With `faces: 'all'` it is verified when each face
   * of the first has a match in the second.
   *
   * @throws NearFaceError as `embed`; `NO_FACE` (its `details.param` says which image); `MODEL_MISMATCH` for
   * embeddings of different models
   */
  async compare(a: Probe, b: Probe, options?: CompareOptions): Promise<Comparison> {
    return compare(this.#session, a, b, options);
  }

  /**
   * Follows the faces of a camera or a video over time: who comes, when, and the best shot of each. The session is an async iterable of events
   * that starts at once; it ends with the source, by {@link VideoSession.stop}, or when the loop over it is left.
   *
   * @param source - a `MediaStream`, a `<video>`, a `Blob`, `File` or URL of a video (mp4, mov, webm, mkv), or an array or iterable of
   * images with `fps`
   * @throws NearFaceError `BAD_PARAM`, `DISPOSED`. What else goes wrong is thrown to whoever reads the events: `VIDEO_DECODING_FAILED`,
   * `BACKEND_UNAVAILABLE`, `GALLERY_NOT_FOUND`, `MODEL_LOAD_FAILED`, `WORKER_DIED` of a worker that dies again and again
   */
  watch(source: VideoInput, options?: WatchOptions): VideoSession {
    return watch(this.#session, source, options);
  }

  /**
   * Asks whoever is before a camera to blink, turn, smile and nod in an order that nobody could foresee, and sees to it that one person does it
   * all: active liveness, which a photo cannot pass, and a recording only by chance. What to tell the person comes as events; the result has the
   * best look at the face, whose embedding is what is compared with enrolled ones.
   *
   * @param source - a `MediaStream`, a `<video>` that plays a camera, or an iterable of images; files are refused
   * @throws NearFaceError `DISPOSED`. What else goes wrong rejects {@link Challenge.result} and is thrown to whoever reads the events:
   * `BAD_PARAM`, `ABORTED`, `MODEL_LOAD_FAILED`, `VIDEO_DECODING_FAILED`, `BACKEND_UNAVAILABLE`, `WORKER_DIED`
   */
  challenge(source: VideoInput, options?: ChallengeOptions): Challenge {
    return new Challenge(this.#session, source, options);
  }

  /**
   * What a session has seen as a file, as {@link RecogniseJob.report} writes it: an appearance for each track that was `lost`. Of the
   * boxes it has that of the best shot.
   *
   * @param events - that the session has told; others than `lost` are passed over
   * @throws NearFaceError `BAD_PARAM`, `DISPOSED`
   */
  async report(events: Iterable<VideoEvent>, options?: SessionReportOptions): Promise<Blob> {
    const { reportSession } = await loadVideoCode(() => import('./report-session.ts'));
    return reportSession(this.#session, events, options);
  }

  /** Ends the workers and rejects whatever is pending with `DISPOSED`. Safe to call twice. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  /** The same as {@link NearFace.dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
