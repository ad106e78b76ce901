import { proxy, releaseProxy, wrap } from 'comlink';
import { abortedError, NearFaceError } from '../core/errors.ts';
import { randomId } from '../core/random-id.ts';
import type { Progress } from '../core/types.ts';
import { withinMs } from '../core/within-ms.ts';
import type { Host, WorkerThread } from '../platform/port.ts';
import type { ReportProgress, WireResult } from './contract.ts';

/** Which worker a client runs and how it is opened. */
export interface WorkerSpec<Api extends { abort(callId: number): void }, Info> {
  readonly script: 'vision' | 'gallery';
  /** Absolute URL of the library's folder. */
  readonly assets: string;
  readonly start: Host['startWorker'];
  readonly open: (remote: Api, callId: number, report: ReportProgress) => Promise<WireResult<Info>>;
  /** What the worker lets go of before it is ended: WebKit would keep a database open for a while that it leaves open. */
  readonly letGo?: (remote: Api) => Promise<unknown>;
}

/** How long a worker may take to let go. */
const LET_GO_MS = 1000;

/** How a call treats its signal. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * With `true` an aborted call is settled by the worker's own answer, so that `ABORTED` means that nothing
   * was written; otherwise it rejects at once.
   */
  readonly settledByWorker?: boolean;
}

interface Running<Api, Info> {
  readonly thread: WorkerThread;
  readonly remote: Api & { [releaseProxy](): void };
  readonly opened: Promise<Info>;
  isOpen: boolean;
}

/**
 * Owns one worker: starts it, carries calls, and settles every pending call when the worker dies
 * (`WORKER_DIED`; the next call starts a new one) or the client is disposed (`DISPOSED`).
 */
export class WorkerClient<Api extends { abort(callId: number): void }, Info> {
  readonly #spec: WorkerSpec<Api, Info>;
  readonly #rejectPending = new Set<(error: NearFaceError) => void>();
  #running: Running<Api, Info> | undefined;
  #callIds = 0;
  #disposed = false;

  constructor(spec: WorkerSpec<Api, Info>) {
    this.#spec = spec;
  }

  /** Whether the worker runs and has opened. */
  get isOpen(): boolean {
    return this.#running?.isOpen === true;
  }

  /** Whether it runs, or is being started. */
  get isStarted(): boolean {
    return this.#running !== undefined;
  }

  /** Starts the worker if it does not run, and answers what it found. */
  async open(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<Info> {
    this.#throwIfDisposed();
    const running = (this.#running ??= this.#start(onProgress));
    return this.#settle(running.opened, { signal });
  }

  /** Runs one method in the worker; the worker is started first if need be. */
  async call<T>(
    method: (remote: Api, callId: number) => Promise<WireResult<T>>,
    options: CallOptions = {},
  ): Promise<T> {
    if (options.signal?.aborted) throw abortedError(options.signal.reason);
    await this.open(undefined, options.signal);
    const running = this.#running;
    if (!running) throw this.#died('ended');
    const callId = ++this.#callIds;
    const stop = (): void => {
      if (this.#running === running) running.remote.abort(callId);
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      return unwrap(await this.#settle(method(running.remote, callId), options));
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  /** Says something to the worker that it does not answer; nothing if it does not run. */
  tell(method: (remote: Api) => unknown): void {
    if (this.#running) method(this.#running.remote);
  }

  /** Rejects what is pending with `DISPOSED`, and ends the worker. Safe to call twice. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const running = this.#running;
    this.#running = undefined;
    this.#rejectAll(disposedError());
    if (running) await this.#leave(running);
  }

  /** Ends a worker that is not in use any more, once it has let go. */
  async #leave(running: Running<Api, Info>): Promise<void> {
    const left = this.#spec.letGo?.(running.remote).catch(() => undefined);
    if (!left) return end(running);
    await withinMs(left, LET_GO_MS, undefined);
    const { lingerMs } = running.thread;
    if (lingerMs === 0) end(running);
    else setTimeout(() => end(running), lingerMs);
  }

  #start(onProgress: ((progress: Progress) => void) | undefined): Running<Api, Info> {
    const { script, assets, start } = this.#spec;
    const endIf = (error: NearFaceError): void => {
      if (this.#running === running) this.#end(error);
    };
    const thread = start({
      ...{ script, assets, name: `nearface-${script}-${randomId()}` },
      onFailed: endIf,
      onEnded: () => endIf(this.#died('ended unexpectedly')),
    });
    // Comlink's own types would be a part of the library's.
    const remote = wrap(thread.endpoint) as unknown as Running<Api, Info>['remote'];
    const report = proxy((progress: Progress) => {
      // A message may still be under way when the call has failed or the client was disposed.
      if (this.#running === running) onProgress?.(progress);
    });
    const opened = this.#spec.open(remote, ++this.#callIds, report).then(unwrap);
    const running: Running<Api, Info> = { thread, remote, opened, isOpen: false };
    // Whoever waits for `opened` gets its own error; the next call starts afresh.
    opened.then(
      () => (running.isOpen = true),
      () => {
        if (this.#running !== running) return;
        this.#running = undefined;
        void this.#leave(running);
      },
    );
    return running;
  }

  #end(error: NearFaceError): void {
    const running = this.#running;
    this.#running = undefined;
    if (running) end(running);
    this.#rejectAll(error);
  }

  #rejectAll(error: NearFaceError): void {
    for (const reject of [...this.#rejectPending]) reject(error);
  }

  /** `promise`, unless the worker dies, the client is disposed or the signal aborts before it settles. */
  #settle<T>(promise: Promise<T>, { signal, settledByWorker = false }: CallOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(abortedError(signal?.reason));
      const done = (): void => {
        this.#rejectPending.delete(reject);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#rejectPending.add(reject);
      if (signal && !settledByWorker) {
        if (signal.aborted) onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
      }
      promise.then(resolve, reject).finally(done);
    });
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw disposedError();
  }

  #died(how: string): NearFaceError {
    const { script } = this.#spec;
    const text = `The ${script} worker ${how}; repeat the call and a new one is started`;
    return new NearFaceError('WORKER_DIED', text, { worker: script });
  }
}

/** Comlink would keep a worker that has ended for as long as its proxy is not released, which may be done once. */
function end({ thread, remote }: Pick<Running<object, unknown>, 'thread' | 'remote'>): void {
  remote[releaseProxy]();
  thread.end();
}

function unwrap<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw NearFaceError.fromWire(result.error);
}

function disposedError(): NearFaceError {
  return new NearFaceError('DISPOSED', 'This NearFace was disposed; create another with NearFace.create()');
}
