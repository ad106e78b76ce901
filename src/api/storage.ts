import type { StorageUsage } from '../core/records.ts';
import type { Session } from './session.ts';

/** What this instance has stored in the browser: one database, and nothing anywhere else. */
export class Storage {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** What the database takes up, and what the browser says of this site's storage. */
  async usage(): Promise<StorageUsage> {
    const { version: _, ...usage } = await this.#session.gallery.call((remote) => remote.info());
    return usage;
  }

  /**
   * Asks the browser not to evict the database when the disk runs short. Some ask the user, some decide by
   * themselves; answers what they decided.
   */
  async persist(): Promise<boolean> {
    this.#session.throwIfDisposed();
    return (await navigator.storage?.persist?.()) ?? false;
  }

  /** Deletes every face, every picture and every gallery but the empty `default`, in all tabs. */
  async eraseAll(): Promise<void> {
    await this.#session.gallery.call((remote) => remote.eraseAll());
  }
}
