import type {
  Clearing,
  Damage,
  Encryption,
  PassphraseChange,
  Passkey,
  StorageUsage,
} from '../core/records.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { notEncrypted } from '../core/not-encrypted.ts';
import { withinMs } from '../core/within-ms.ts';
import { string } from '../core/options.ts';
import type { AddPasskeyOptions, ChangePassphraseOptions, EncryptOptions, SignalOptions } from './options.ts';
import { askPasskey, createPasskey } from './passkeys.ts';
import {
  resolveAddPasskey,
  resolveChangePassphrase,
  resolveEncrypt,
  resolveSignal,
} from './resolve-gallery-options.ts';
import { ID, PASSPHRASE } from './resolve-options.ts';
import type { Session } from './session.ts';
import { MAX_PASSPHRASE_LENGTH } from '../core/limits.ts';
import { CALL } from '../worker/contract.ts';

/** A browser that asks the user may never answer: the question can be left open, and nobody sees it in a headless one. */
const PERSIST_TIMEOUT_MS = 10_000;

/** What this instance has stored in the browser: one database, and nothing anywhere else. */
export class Storage {
  readonly #session: Session;
  /** One at a time: what one is given must not take the place of what another has opened it by. */
  readonly #unlocks = new SerialQueue();
  /** Ids of the passkeys that open what is locked. */
  #known: readonly string[] = [];

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks the user, until this instance or the call ends. */
  async #whileThere<T>(
    ask: (question: Parameters<typeof askPasskey>[1]) => Promise<T>,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    try {
      return await ask({ database: this.#database, ids, signals: [this.#session.ended, signal] });
    } catch (error) {
      this.#session.throwIfDisposed();
      throw error;
    }
  }

  /** What passkeys are made for: only browsers have any, and there it is a name. */
  get #database(): string {
    const { database } = this.#session;
    return typeof database === 'string' ? database : '';
  }

  /** What the database takes up, and what the browser says of this site's storage. */
  async usage(): Promise<StorageUsage> {
    const { version: _, warnings: _warnings, ...usage } = await this.#session.gallery.ask('info', []);
    return usage;
  }

  /**
   * Asks the browser not to evict the database when the disk runs short. Some ask the user, some decide by
   * themselves; answers what they decided. False where nothing is decided within 10 seconds, as while a question to the
   * user stays open; call again after that.
   */
  async persist(): Promise<boolean> {
    this.#session.throwIfDisposed();
    if (this.#session.galleryInfo.kind === 'memory') return false;
    const asked = this.#session.host.persistStorage()?.catch(() => false);
    return asked === undefined ? false : withinMs(asked, PERSIST_TIMEOUT_MS, false);
  }

  /**
   * Encrypts everything that is stored: records, names, vectors and pictures. It is copied, some megabytes at a time, into a new
   * database that counts from the moment it is whole, and the old one is deleted; a crash leaves the one or the other. It needs as
   * much storage again meanwhile, and other pages cannot write until it is done; then they have to be created anew. The next
   * `NearFace.create` needs the passphrase; nothing can be read without it, and nobody can restore it.
   *
   * What was stored before may stay readable in the browser's files for a time (docs/store.md says for how long): give the passphrase
   * to `NearFace.create` before the first face is enrolled, and nothing readable is ever written.
   *
   * @throws NearFaceError `BAD_PARAM`, `LOCKED` if the database is encrypted already, `STORAGE_FULL`, `STORAGE_FAILED` while an import
   * runs, `ABORTED`
   */
  async encrypt(passphrase: string, options?: EncryptOptions): Promise<Encryption> {
    const checked = PASSPHRASE(passphrase, 'passphrase');
    const { onProgress, signal } = resolveEncrypt(options);
    const done = await this.#session.gallery.ask('encrypt', [checked, CALL], {
      signal,
      settledByWorker: true,
      onProgress,
    });
    this.#session.setKey(checked);
    return done;
  }

  /**
   * Replaces the passphrase. It is quick: only the keys are encrypted anew, so that a copy of the database's files from before, put
   * back, gives them to whoever knows the old passphrase. With `rekey` everything is encrypted with new keys, as
   * {@link Storage.encrypt} does it. The answer says which of the two was done.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted, `LOCKED` if `current` is wrong; with `rekey` as `encrypt`
   */
  async changePassphrase(
    current: string,
    next: string,
    options?: ChangePassphraseOptions,
  ): Promise<PassphraseChange> {
    const [old, checked] = [string(MAX_PASSPHRASE_LENGTH)(current, 'current'), PASSPHRASE(next, 'next')];
    const { rekey, onProgress, signal } = resolveChangePassphrase(options);
    const done = await this.#session.gallery.ask('changePassphrase', [old, checked, rekey, CALL], {
      signal,
      settledByWorker: true,
      onProgress,
    });
    this.#session.setKey(checked);
    return done;
  }

  /**
   * Revokes the stored templates: all vectors are rotated by a fresh secret, under the same keys, so that passphrase and passkeys stay. What
   * has leaked of them before, without its secret, cannot be compared with those that are stored from then on. It is done as
   * {@link Storage.encrypt} is: all of it or nothing; other pages have to be created anew. Matches stay as they are. What an earlier
   * version has encrypted gets its first secret by this; what has none is not rotated.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted, `LOCKED`, also if it is given new keys meanwhile, `STORAGE_FULL`, `STORAGE_FAILED` while
   * an import runs, `ABORTED`
   */
  async renew(options?: EncryptOptions): Promise<Encryption> {
    const { onProgress, signal } = resolveEncrypt(options);
    return this.#session.gallery.ask('renew', [CALL], { signal, settledByWorker: true, onProgress });
  }

  /**
   * Forgets the keys and every face in memory. All calls on galleries are `LOCKED` until {@link Storage.unlock}.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted
   */
  async lock(): Promise<void> {
    const known = await this.#session.gallery.ask('listPasskeys', []);
    await this.#session.gallery.ask('lock', []);
    this.#known = known.map(({ id }) => id);
    this.#session.isLocked = true;
    this.#session.setKey(undefined);
  }

  /**
   * Opens the database again, by its passphrase or `{ passkey: true }`, by which the user is asked for a passkey; does nothing where it is not locked.
   *
   * @throws NearFaceError `LOCKED` if the passphrase is wrong, there is no passkey, it opens nothing, or the user refuses; `BACKEND_UNAVAILABLE`
   * where there are no passkeys; `ABORTED`
   */
  async unlock(passphrase: string | { readonly passkey: true }, options?: SignalOptions): Promise<void> {
    const isPassphrase = !isPasskeyWish(passphrase);
    if (isPassphrase) string(MAX_PASSPHRASE_LENGTH)(passphrase, 'passphrase');
    const { signal } = resolveSignal(options);
    const session = this.#session;
    session.throwIfDisposed();
    if (!session.isLocked) return;
    const key = isPassphrase
      ? passphrase
      : await this.#whileThere((question) => askPasskey(session.host, question), this.#known, signal);
    await this.#unlocks.run(async () => {
      // Another call was quicker.
      if (!session.isLocked) return;
      // A worker that ended while it was locked is opened by it.
      session.setKey(key);
      try {
        await session.gallery.ask('unlock', [key, CALL], { signal });
        session.isLocked = false;
      } catch (error) {
        session.setKey(undefined);
        throw error;
      }
    }, signal);
  }

  /**
   * Makes a passkey of this site that opens the database beside its passphrase: a fingerprint, a face or a PIN of the device, or a key that
   * is plugged in. The browser asks the user, so that it wants a click just before. The database's keys are encrypted once more, with a secret that only this
   * passkey gives (the WebAuthn extension `prf`); new keys (`changePassphrase` with `rekey`) leave all passkeys behind. A passkey that is made while the database is
   * locked, disposed of or given new keys opens nothing.
   *
   * @throws NearFaceError `BAD_PARAM` if the database is not encrypted, or this device has a passkey of it already; `BACKEND_UNAVAILABLE` where there are
   * no passkeys or none with secrets; `ABORTED` also where the user refuses; `LOCKED`
   */
  async addPasskey(options?: AddPasskeyOptions): Promise<Passkey> {
    const { name, signal } = resolveAddPasskey(options);
    const known = await this.passkeys();
    // Before the user is asked for what could open nothing.
    if (!(await this.usage()).encrypted) throw notEncrypted(this.#database);
    const ids = known.map(({ id }) => id);
    const made = await this.#whileThere(
      (question) => createPasskey(this.#session.host, question, name),
      ids,
      signal,
    );
    return this.#session.gallery.ask('addPasskey', [made, name]);
  }

  /** The passkeys that open the database. @throws NearFaceError `BAD_PARAM` where the galleries are in memory, `LOCKED` */
  async passkeys(): Promise<readonly Passkey[]> {
    return this.#session.gallery.ask('listPasskeys', []);
  }

  /**
   * A passkey opens the database no more; the device keeps it until the user deletes it there. As with another passphrase, a copy of the
   * database's files from before still opens by it: after a loss encrypt everything with new keys, by {@link Storage.changePassphrase} with `rekey`.
   *
   * @throws NearFaceError `BAD_PARAM` if there is none of that id; `LOCKED`
   */
  async removePasskey(id: string): Promise<void> {
    await this.#session.gallery.ask('removePasskey', [ID(id, 'id')]);
  }

  /**
   * Reads every record and says what is damaged; `usage().damaged` then counts it, too. Embeddings are checked whenever the database is
   * opened, records otherwise when they are read. In a plain database a change that leaves an embedding of unit length and a record
   * JSON is not noticed; pictures are not looked at.
   *
   * @throws NearFaceError `STORAGE_FAILED`, `ABORTED`
   */
  async check(options?: SignalOptions): Promise<Damage> {
    const { signal } = resolveSignal(options);
    return this.#session.gallery.ask('checkStored', [CALL], { signal });
  }

  /**
   * Deletes all faces whose embedding or record is damaged, and makes damaged records of galleries anew of their faces (without a
   * capacity), all or nothing. {@link Galleries.regenerate} first saves the faces whose crops were kept.
   *
   * @throws NearFaceError `STORAGE_FULL`, `STORAGE_FAILED`, `ABORTED`
   */
  async clearDamaged(options?: SignalOptions): Promise<Clearing> {
    const { signal } = resolveSignal(options);
    return this.#session.gallery.ask('clearDamaged', [CALL], { signal, settledByWorker: true });
  }

  /** Says that it is known that the database was lost: `usage().lost` is false from now on, also after a reload. */
  async acknowledgeLoss(): Promise<void> {
    await this.#session.gallery.ask('acknowledgeLoss', []);
  }

  /**
   * Deletes every face, every picture and every gallery but the empty `default`, in all tabs, and overwrites what can be overwritten.
   * What a browser's files may still hold is in docs/store.md.
   */
  async eraseAll(): Promise<void> {
    await this.#session.gallery.ask('eraseAll', []);
  }
}

function isPasskeyWish(value: unknown): value is { readonly passkey: true } {
  return typeof value === 'object' && value !== null && (value as { passkey?: unknown }).passkey === true;
}
