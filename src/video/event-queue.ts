/** Events on their way to whoever iterates over them: none is lost, and a producer may wait until they are read. */
export class EventQueue<T> implements AsyncIterator<T, undefined> {
  readonly #events: T[] = [];
  readonly #readers: {
    resolve(result: IteratorResult<T, undefined>): void;
    reject(error: unknown): void;
  }[] = [];
  readonly #wakers: (() => void)[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  /** Events that nobody has read. */
  get length(): number {
    return this.#events.length;
  }

  push(event: T): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: event });
    else this.#events.push(event);
  }

  /** No more events come. What was pushed can still be read. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
    this.#wake();
  }

  /** As {@link EventQueue.end}; whoever reads on after the last event gets the error, once. */
  fail(error: unknown): void {
    this.#failure = { error };
    const [first, ...others] = this.#readers.splice(0);
    if (first) {
      this.#failure = undefined;
      first.reject(error);
    }
    for (const reader of others) reader.resolve({ done: true, value: undefined });
    this.end();
  }

  /** Settles once fewer than `count` events wait, no more can be pushed, or `signal` is aborted. */
  async untilFewerThan(count: number, signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    while (this.#events.length >= count && !this.#ended && !signal.aborted)
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    signal.removeEventListener('abort', wake);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) {
      this.#wake();
      return { done: false, value: event };
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  #wake(): void {
    for (const resolve of this.#wakers.splice(0)) resolve();
  }
}
