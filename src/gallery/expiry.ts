import type { FaceLookup, GalleryDatabase } from './port.ts';

/** How often it is looked whether a face's time is over where nobody asks for anything. */
const MINUTE_MS = 60_000;

/**
 * Erases faces whose time is over. Before whatever is asked of galleries, so that nobody is told of one; and, as its bytes are to go,
 * when galleries are opened and once a minute.
 */
export class Expiry {
  readonly #database: Pick<GalleryDatabase, 'removeExpired'>;
  readonly #lookup: Pick<FaceLookup, 'nextExpiry'>;
  readonly #now: () => number;
  #sweeping: Promise<void> | undefined;
  #timer: unknown;

  constructor(
    database: Pick<GalleryDatabase, 'removeExpired'>,
    lookup: Pick<FaceLookup, 'nextExpiry'>,
    now: () => number = () => Date.now(),
  ) {
    this.#database = database;
    this.#lookup = lookup;
    this.#now = now;
  }

  /** Erases what is to be erased by now. @throws NearFaceError of the database */
  async sweep(): Promise<void> {
    // What became due while others were erased is erased after them.
    while (this.#sweeping) await this.#sweeping;
    const now = this.#now();
    if (this.#lookup.nextExpiry > now) return;
    this.#sweeping = this.#database.removeExpired(now).finally(() => (this.#sweeping = undefined));
    await this.#sweeping;
  }

  /** Begins to look once a minute. What fails, as where another page encrypts the database, is tried again by the next call. */
  start(): void {
    const timer: unknown = setInterval(() => void this.sweep().catch(() => undefined), MINUTE_MS);
    // It keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  stop(): void {
    clearInterval(this.#timer as number);
  }
}
