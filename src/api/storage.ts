import type { StorageUsage } from '../core/records.ts';
import { string } from '../core/options.ts';
import type { SignalOptions } from './options.ts';
import { PASSPHRASE, resolveSignal } from './resolve-options.ts';
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
    const {
      version: _,
      warnings: _warnings,
      ...usage
    } = await this.#session.gallery.call((remote) => remote.info());
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

  /**
   * Encrypts everything that is stored, in one transaction: records, names, vectors and pictures. The next
   * `NearFace.create` needs the passphrase; nothing can be read without it, and nobody can restore it.
   *
   * @throws NearFaceError `BAD_PARAM`, `LOCKED` if the database is encrypted already, `STORAGE_FULL`
   */
  async encrypt(passphrase: string): Promise<void> {
    const checked = PASSPHRASE(passphrase, 'passphrase');
    await this.#session.gallery.call((remote) => remote.encrypt(checked));
    this.#session.setPassphrase(checked);
  }

  /**
   * Replaces the passphrase. It is quick: only the keys are encrypted anew.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted, `LOCKED` if `current` is wrong
   */
  async changePassphrase(current: string, next: string): Promise<void> {
    const [old, checked] = [string(1024)(current, 'current'), PASSPHRASE(next, 'next')];
    await this.#session.gallery.call((remote) => remote.changePassphrase(old, checked));
    this.#session.setPassphrase(checked);
  }

  /**
   * Forgets the keys and every face in memory. All calls on galleries are `LOCKED` until {@link Storage.unlock}.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted
   */
  async lock(): Promise<void> {
    await this.#session.gallery.call((remote) => remote.lock());
    this.#session.setPassphrase(undefined);
  }

  /** Opens the database again. @throws NearFaceError `LOCKED` if the passphrase is wrong */
  async unlock(passphrase: string, options?: SignalOptions): Promise<void> {
    const checked = string(1024)(passphrase, 'passphrase');
    const { signal } = resolveSignal(options);
    await this.#session.gallery.call((remote, job) => remote.unlock(job, checked), { signal });
    this.#session.setPassphrase(checked);
  }

  /** Deletes every face, every picture and every gallery but the empty `default`, in all tabs. */
  async eraseAll(): Promise<void> {
    await this.#session.gallery.call((remote) => remote.eraseAll());
  }
}
