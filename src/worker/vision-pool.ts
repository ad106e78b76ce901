import { abortedError, type NearFaceError } from '../core/errors.ts';
import type { Progress } from '../core/types.ts';
import { type CallOptions, WorkerClient, type WorkerSpec } from './client.ts';
import type { VisionApi, VisionInfo, WireResult } from './contract.ts';

/** What a call does in a worker. */
type Method<T> = (remote: VisionApi, callId: number) => Promise<WireResult<T>>;

/** Photos that one worker is given at a time: one that it works at, and one that is there when that is done. */
const PER_WORKER = 2;
/** A worker that could not be started in addition is not tried again for so long. */
const REST_MS = 10_000;
/** A video of which no frame came for so long counts no more. */
const VIDEO_MS = 10_000;

/** How many workers a pool has. */
export interface PoolSize {
  /** The most. */
  readonly most: number;
  /** Whether all are started at once; else the first, and others as photos wait. */
  readonly isFixed: boolean;
}

/** What a pool does now. */
export interface PoolState {
  /** Workers that have their models. */
  readonly running: number;
  readonly most: number;
  /** Photos that no worker has been given yet. */
  readonly waiting: number;
}

/** A worker of a pool, and what it has to do. */
export class PoolWorker {
  readonly #client: WorkerClient<VisionApi, VisionInfo>;
  /** When a frame of each video was last taken here. */
  readonly #videos = new Map<object, number>();
  #underWay = 0;

  constructor(spec: WorkerSpec<VisionApi, VisionInfo>) {
    this.#client = new WorkerClient(spec);
  }

  /** Calls that it was given and has not answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether it has its models and runs. */
  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  /** Whether it runs, or is being started. */
  get isStarted(): boolean {
    return this.#client.isStarted;
  }

  open(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<VisionInfo> {
    return this.#client.open(onProgress, signal);
  }

  /** Counts a call that it is going to be given. */
  take(): void {
    this.#underWay++;
  }

  /** Runs a call that was counted. */
  async runTaken<T>(method: Method<T>, options?: CallOptions): Promise<T> {
    try {
      return await this.#client.call(method, options);
    } finally {
      this.#underWay--;
    }
  }

  /** As {@link WorkerClient.call}. */
  async call<T>(method: Method<T>, options?: CallOptions): Promise<T> {
    this.take();
    return this.runTaken(method, options);
  }

  /** As {@link WorkerClient.tell}. */
  tell(method: (remote: VisionApi) => unknown): void {
    this.#client.tell(method);
  }

  /** Notes that a frame of a video is taken here. */
  tookFrame(video: object, nowMs: number): void {
    this.#videos.set(video, nowMs);
  }

  /** Videos whose frames are taken here. */
  videos(nowMs: number): number {
    for (const [video, takenMs] of this.#videos) if (nowMs - takenMs > VIDEO_MS) this.#videos.delete(video);
    return this.#videos.size;
  }

  dispose(): Promise<void> {
    return this.#client.dispose();
  }
}

interface Waiting {
  start(worker: PoolWorker): void;
  reject(error: NearFaceError): void;
}

/**
 * Vision workers, each with models of its own. A photo is looked at by one of them, the first that has time; all that wait stand in one
 * queue, so that one that dies takes along only what it was given. A video stays with one worker, which holds its frames.
 */
export class VisionPool {
  readonly #workers: readonly PoolWorker[];
  readonly #isFixed: boolean;
  readonly #waiting: Waiting[] = [];
  #isGrowing = false;
  #restUntilMs = -Infinity;
  /** A GPU is one, however many use it. */
  #most: number;
  #isDisposed = false;

  constructor(spec: WorkerSpec<VisionApi, VisionInfo>, { most, isFixed }: PoolSize) {
    this.#workers = Array.from({ length: most }, () => new PoolWorker(spec));
    this.#most = most;
    this.#isFixed = isFixed;
  }

  get state(): PoolState {
    const running = this.#workers.filter(({ isOpen }) => isOpen).length;
    return { running, most: this.#most, waiting: this.#waiting.length };
  }

  /** Starts the workers, of a size that is not fixed the first, and answers what that found. */
  async open(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<VisionInfo> {
    const [first, ...others] = this.#workers as readonly [PoolWorker, ...PoolWorker[]];
    const info = await first.open(onProgress, signal);
    if (info.backend === 'webgpu' && !this.#isFixed) this.#most = 1;
    // By now what they load is in the cache, where there is one.
    if (this.#isFixed) await Promise.all(others.map((worker) => worker.open(undefined, signal)));
    return info;
  }

  /** Runs one method in the worker that has time first. */
  async call<T>(method: Method<T>, options: CallOptions = {}): Promise<T> {
    if (options.signal?.aborted) throw abortedError(options.signal.reason);
    const worker = await this.#turn(options.signal);
    try {
      return await worker.runTaken(method, options);
    } finally {
      this.#startWaiting();
    }
  }

  /** The worker for a video of which a frame is to be taken now: the one with the fewest. */
  workerFor(video: object, nowMs: number): PoolWorker {
    const fewest = this.#workers
      .slice(0, this.#most)
      .reduce((least, worker) => (worker.videos(nowMs) < least.videos(nowMs) ? worker : least));
    fewest.tookFrame(video, nowMs);
    return fewest;
  }

  /** Rejects what is pending with `DISPOSED`, and ends the workers. Safe to call twice. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const disposing = this.#workers.map((worker) => worker.dispose());
    // The first refuses them, as it does any call after this.
    this.#startWaiting();
    await Promise.all(disposing);
  }

  /** Answers a worker once one has time; whoever asked first gets it first. */
  #turn(signal: AbortSignal | undefined): Promise<PoolWorker> | PoolWorker {
    const free = this.#waiting.length === 0 ? this.#takeFree() : undefined;
    if (free) return free;
    return new Promise((resolve, reject) => {
      const leave = (): void => signal?.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        start: (worker) => (leave(), resolve(worker)),
        reject: (error) => (leave(), reject(error)),
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.reject(abortedError(signal?.reason));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0) {
      const free = this.#takeFree();
      if (!free) return;
      this.#waiting.shift()?.start(free);
    }
  }

  /** The worker with the least to do, if it may be given something, which is counted; where none is quite free, another is started. */
  #takeFree(): PoolWorker | undefined {
    const free = this.#isDisposed ? this.#workers[0] : this.#free();
    free?.take();
    return free;
  }

  #free(): PoolWorker | undefined {
    const open = this.#workers.filter(({ isOpen }) => isOpen);
    // Where all have died, whoever comes first starts one.
    const candidates =
      open.length > 0 ? open : [this.#workers.find(({ isStarted }) => isStarted) ?? this.#workers[0]!];
    const least = candidates.reduce((one, other) => (other.underWay < one.underWay ? other : one));
    if (least.underWay > 0) this.#grow();
    return least.underWay < PER_WORKER ? least : undefined;
  }

  /** Starts one more worker, beside what is done meanwhile. */
  #grow(): void {
    const next = this.#workers.slice(0, this.#most).find(({ isStarted }) => !isStarted);
    if (!next || this.#isGrowing || performance.now() < this.#restUntilMs) return;
    this.#isGrowing = true;
    const grown = (): void => {
      this.#isGrowing = false;
      this.#startWaiting();
    };
    next.open().then(grown, () => {
      // The others go on; what is wrong is told by a call if they cannot.
      this.#restUntilMs = performance.now() + REST_MS;
      grown();
    });
  }
}
