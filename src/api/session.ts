import type { DatabaseKey } from '../core/database-key.ts';
import type { AnalysisRequest, Timings } from '../core/analysis.ts';
import type { Calibration } from '../core/manifest.ts';
import { NearFaceError } from '../core/errors.ts';
import { MAX_CONCURRENCY } from '../core/limits.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { Keep } from '../core/records.ts';
import { ASSUMED_RELIABILITY, roundReliability } from '../core/reliability.ts';
import type { Progress } from '../core/types.ts';
import type { DecodeHook } from './image-input.ts';
import type { PeopleOptions } from './options.ts';
import { GalleryClient } from '../worker/gallery-client.ts';
import { type PoolSize, VisionPool } from '../worker/vision-pool.ts';
import type {
  AnalysisBatch,
  GalleryConfig,
  GalleryInfo,
  ModelInfo,
  VisionConfig,
  VisionInfo,
} from '../worker/contract.ts';
import { transfer } from 'comlink';
import type { WireInput } from '../core/wire-image.ts';
import type { Host } from '../platform/port.ts';
import { VERSION } from '../version.ts';

/** What calls do where they are not told otherwise. */
export interface SessionDefaults {
  readonly keep: Keep;
  readonly decode?: DecodeHook | undefined;
  readonly people: PeopleOptions;
  readonly visionWorkers: PoolSize;
}

/** What an instance is made of: its workers and what they found. Everything of the page hangs off it. */
export class Session {
  readonly vision: VisionPool;
  readonly gallery: GalleryClient;
  readonly host: Host;
  readonly keep: Keep;
  /** The user's decoder, for what the browser cannot decode. */
  readonly decode: DecodeHook | undefined;
  /** Absolute URL of the library's folder. */
  readonly assets: string;
  /** How new faces are assigned to people where a call does not say. */
  readonly people: PeopleOptions;
  readonly retentionDays: number | undefined;
  /** As asked for; 0 if they were not. */
  readonly #threads: number;
  #galleryConfig: GalleryConfig;
  #galleryOpenings = 0;
  #visionInfo: VisionInfo | undefined;
  #galleryInfo: GalleryInfo | undefined;
  #confidence: PairConfidence | undefined;
  #timings: Timings = {};
  readonly #end = new AbortController();

  constructor(host: Host, vision: VisionConfig, gallery: GalleryConfig, defaults: SessionDefaults) {
    this.host = host;
    this.keep = defaults.keep;
    this.decode = defaults.decode;
    this.people = defaults.people;
    this.retentionDays = gallery.retentionDays;
    this.assets = vision.assets;
    this.#threads = vision.threads;
    this.#galleryConfig = gallery;
    this.vision = new VisionPool(
      {
        ...{ script: 'vision', assets: vision.assets, start: host.startWorker },
        open: (remote, callId, report) => remote.open(callId, vision, report),
      },
      defaults.visionWorkers,
    );
    this.gallery = new GalleryClient({
      ...{ script: 'gallery', assets: gallery.assets, start: host.startWorker },
      open: async (remote, callId, report) => {
        const opened = await remote.open(callId, this.#openingConfig(), report);
        // What it was opened by opens it no more: it is to be unlocked by something else.
        if (!opened.ok && opened.error.code === 'LOCKED') this.isLocked = true;
        return opened;
      },
      letGo: (remote) => remote.letGo(),
    });
  }

  /** A worker that is started again keeps galleries where the one before it did; those in memory are gone with that. */
  #openingConfig(): GalleryConfig {
    this.#galleryOpenings++;
    switch (this.#galleryInfo?.kind) {
      case 'memory':
        return { ...this.#galleryConfig, database: null, lost: true };
      case 'indexeddb':
        return { ...this.#galleryConfig, storage: 'required' };
      default:
        return this.#galleryConfig;
    }
  }

  /** How often a gallery worker was started. */
  get galleryOpenings(): number {
    return this.#galleryOpenings;
  }

  /** Whether the galleries were locked, or a worker that was started again could not open them; and not unlocked since. */
  isLocked = false;

  /** What the galleries lie in. */
  get database(): GalleryConfig['database'] {
    return this.#galleryConfig.database;
  }

  /** What a gallery worker that has to be started again opens the database with. */
  setKey(key: DatabaseKey | undefined): void {
    const { key: _, ...config } = this.#galleryConfig;
    this.#galleryConfig = key === undefined ? config : { ...config, key };
  }

  /** Starts the workers; on failure nothing is left running. */
  async open(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void> {
    try {
      const opening = [this.vision.open(onProgress, signal), this.gallery.open(onProgress, signal)] as const;
      [this.#visionInfo, this.#galleryInfo] = await Promise.all(opening);
      for (const { version } of [this.#visionInfo, this.#galleryInfo]) this.#checkVersion(version);
      const { calibration } = this.#visionInfo.embedding;
      this.#confidence = calibration && new PairConfidence(calibration);
    } catch (error) {
      await this.dispose();
      throw error;
    }
  }

  get visionInfo(): VisionInfo {
    return this.#visionInfo ?? notOpened();
  }

  get galleryInfo(): GalleryInfo {
    return this.#galleryInfo ?? notOpened();
  }

  /** What makes confidences of the embedding model's cosines; absent if it has no calibration. */
  get confidence(): PairConfidence | undefined {
    return this.#confidence;
  }

  /** The same, for the gallery worker to make its own. */
  get calibration(): Calibration | undefined {
    return this.visionInfo.embedding.calibration;
  }

  /** What is taken for the reliability of an embedding that comes without one. */
  get assumedReliability(): number {
    return this.#confidence?.assumed ?? roundReliability(ASSUMED_RELIABILITY);
  }

  get timings(): Timings {
    return this.#timings;
  }

  /** What the library has to do without, one sentence each. */
  get warnings(): readonly string[] {
    const { backend, threads } = this.visionInfo;
    const isOne = this.host.isIsolated && backend === 'wasm' && this.#threads > 1 && threads === 1;
    const { warnings } = this.galleryInfo;
    return isOne ? [...warnings, `threads: ${this.#threads} was asked for, ${NO_HELPERS}`] : warnings;
  }

  /** Photos that are under way at once where a call does not say: enough that no vision worker waits, not even for one that takes long. */
  get concurrency(): number {
    return Math.min(MAX_CONCURRENCY, 2 * this.vision.state.most + 2);
  }

  async analyse(
    inputs: readonly WireInput[],
    request: AnalysisRequest,
    signal: AbortSignal | undefined,
  ): Promise<AnalysisBatch> {
    const images = inputs.map(({ image }) => image);
    const moved = inputs.flatMap((input) => [...input.transfer]) as Transferable[];
    const batch = await this.vision.call(
      (remote, callId) => remote.analyse(callId, transfer(images, moved), request),
      { signal },
    );
    this.#timings = batch.timings;
    const { models, threads } = batch;
    if (this.#visionInfo)
      this.#visionInfo = {
        ...this.#visionInfo,
        ...{ threads, models: withOthers(models, this.#visionInfo.models) },
      };
    return batch;
  }

  /** Aborts when it is disposed, for what waits for others than the workers. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  throwIfDisposed(): void {
    if (!this.ended.aborted) return;
    throw new NearFaceError('DISPOSED', 'This NearFace was disposed; create another with NearFace.create()');
  }

  async dispose(): Promise<void> {
    this.#end.abort();
    await Promise.all([this.vision.dispose(), this.gallery.dispose()]);
  }

  #checkVersion(version: string): void {
    if (version === VERSION) return;
    const text =
      `The workers in ${this.assets} are of nearface ${version}, the script is of ${VERSION}; ` +
      `copy the dist folder of the same version there`;
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { expected: VERSION, found: version });
  }
}

/** The models that one worker has loaded, and those that others have. */
function withOthers(models: readonly ModelInfo[], known: readonly ModelInfo[]): readonly ModelInfo[] {
  const others = known.filter(({ role }) => !models.some((model) => model.role === role));
  return others.length === 0 ? models : [...models, ...others];
}

const NO_HELPERS =
  'but models run on 1, as one that helps could not be started or was lost; look whether the folder of assets has ' +
  'search.worker.js and engine-*-threads.wasm, and how much memory is free';

function notOpened(): never {
  throw new NearFaceError('DISPOSED', 'This NearFace is not open; create one with NearFace.create()');
}
