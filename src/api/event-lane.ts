/** Pieces of work that may wait before whoever adds one waits too. */
const MOST_WAITING = 64;

/**
 * Work that is done aside, one piece after the other, so that the frames of a camera need not wait for a database or a server. What fails is
 * kept for whoever waits for the end; the pieces after it are done all the same.
 */
export class EventLane {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failure: { readonly error: unknown } | undefined;

  /** Adds a piece. Settles at once, or when all are done if many wait. */
  async add(work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#waiting--);
    if (this.#waiting > MOST_WAITING) await this.#last;
  }

  /** Settles when all is done. @throws what a piece has thrown */
  async done(): Promise<void> {
    await this.#last;
    if (this.#failure) throw this.#failure.error;
  }
}
