import { abortedError, NearFaceError } from './errors.ts';

interface Waiting {
  readonly newestOf: string | undefined;
  start(): void;
  reject(error: unknown): void;
}

/** Runs asynchronous functions one at a time, in the order given. One that fails does not affect the next. */
export class SerialQueue {
  readonly #waiting: Waiting[] = [];
  #running = false;
  #closedBy: Error | undefined;

  /** Functions that have not started. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `work` after all before it have settled. If `signal` aborts while it waits, it never starts and the promise
   * rejects with `ABORTED` at once; once it runs it gets the signal and settles in its own time.
   *
   * @param newestOf - names a series, such as the frames of a camera, of which only the newest that waits counts: those of it that
   * wait already reject with `ABORTED`, whose `details.reason` is `superseded`
   */
  run<T>(
    work: (signal: AbortSignal | undefined) => Promise<T> | T,
    signal?: AbortSignal,
    newestOf?: string,
  ): Promise<T> {
    if (this.#closedBy) return Promise.reject(this.#closedBy);
    if (signal?.aborted) return Promise.reject(abortedError(signal.reason));
    if (newestOf !== undefined) this.#supersede(newestOf);
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = { newestOf, start, reject: leave };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        leave(abortedError(signal?.reason));
      };
      function leave(error: unknown): void {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      }
      const settle = (): void => this.#next();
      function start(): void {
        signal?.removeEventListener('abort', onAbort);
        const result = Promise.resolve(signal).then(work);
        result.then(resolve, reject).finally(settle);
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      if (!this.#running) this.#next();
    });
  }

  /** Rejects all that waits and all that is added later with `error`; what runs is left to end. Safe to call twice. */
  close(error: Error): void {
    this.#closedBy ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#closedBy);
  }

  #supersede(series: string): void {
    for (const older of this.#waiting.filter(({ newestOf }) => newestOf === series)) {
      this.#waiting.splice(this.#waiting.indexOf(older), 1);
      older.reject(new NearFaceError('ABORTED', 'A newer frame took its place', { reason: 'superseded' }));
    }
  }

  #next(): void {
    const waiting = this.#waiting.shift();
    this.#running = waiting !== undefined;
    waiting?.start();
  }
}
