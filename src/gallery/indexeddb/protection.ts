import { NearFaceError } from '../../core/errors.ts';
import type { Encryption, PassphraseChange } from '../../core/records.ts';
import { importUnderWay, notEncrypted } from '../gallery-errors.ts';
import type { Connection } from './connection.ts';
import { encryptNew, putKeys } from './encrypting.ts';
import { importUpkeep } from './importing.ts';
import { countDamagedGalleries, mendGalleries } from './mending.ts';
import type { StoredKeys, StoredState } from './schema.ts';
import { Vault } from './vault.ts';
import type { Tabs } from './tabs.ts';
import type { Writer } from './writer.ts';
import type { CopyOptions, ProtectedStore } from '../port.ts';

/** The passphrase of a database. */
export class Protection implements ProtectedStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #tabs: Tabs;
  #vault: Vault | undefined;

  constructor(connection: Connection, writer: Writer, tabs: Tabs) {
    this.#connection = connection;
    this.#writer = writer;
    this.#tabs = tabs;
  }

  /** Whether the database is encrypted. */
  get encrypted(): boolean {
    return this.#vault !== undefined;
  }

  /** Opens the vault of an encrypted database, and encrypts a plain one. @throws NearFaceError `LOCKED` */
  async unlock(passphrase: string | undefined, options: CopyOptions = {}): Promise<void> {
    const keys = await this.#connection.keys();
    if (!keys) {
      if (passphrase !== undefined) await this.encrypt(passphrase, options);
      return;
    }
    const { name } = this.#connection;
    if (passphrase === undefined) {
      const text = `The database ${name} is encrypted; give its passphrase, or erase it with NearFace.erase()`;
      throw new NearFaceError('LOCKED', text, { database: name });
    }
    this.#vault = await Vault.unlock(name, keys, passphrase);
    this.#connection.sealer = this.#vault.sealer();
  }

  /**
   * Encrypts a plain database, all or nothing. @throws NearFaceError `LOCKED` if it is encrypted already, `STORAGE_FULL`,
   * `STORAGE_FAILED`, `ABORTED`
   */
  async encrypt(passphrase: string, options: CopyOptions = {}): Promise<Encryption> {
    if (this.#vault) throw alreadyEncrypted();
    const vault = Vault.create();
    const [keys, sealer] = [await vault.wrap(passphrase), vault.sealer()];
    const isDone = await this.#writer.write((tx) => encryptNew(tx, sealer, keys), {
      signal: options.signal,
      onComplete: (done) => {
        if (done) this.#goOver(vault);
      },
    });
    if (isDone) return { oldDeleted: true };
    return { oldDeleted: await this.#move(vault, keys, options) };
  }

  /**
   * Replaces the passphrase: encrypts the keys with another one, or everything with new keys.
   *
   * @throws NearFaceError `LOCKED` if `current` is wrong, and as {@link Protection.encrypt}
   */
  async changePassphrase(
    current: string,
    next: string,
    { rekey = false, ...options }: CopyOptions & { readonly rekey?: boolean } = {},
  ): Promise<PassphraseChange> {
    const { name } = this.#connection;
    const keys = await this.#connection.keys();
    if (!keys) throw notEncrypted(name);
    const vault = await Vault.unlock(name, keys, current);
    if (rekey) {
      const fresh = Vault.create();
      return { rekeyed: true, oldDeleted: await this.#move(fresh, await fresh.wrap(next), options) };
    }
    const wrapped = await vault.wrap(next);
    await this.#writer.write((tx) => putKeys(tx, wrapped));
    return { rekeyed: false, oldDeleted: false };
  }

  async #move(vault: Vault, keys: StoredKeys, options: CopyOptions): Promise<boolean> {
    // What an import left whose page is gone is copied, and taken back from the copy.
    const { importing } = await this.#connection.read(async ({ state }) => state);
    if (importing && (await this.#tabs.isAt(importUpkeep(importing.id)))) throw importUnderWay();
    // Under other keys nobody can tell which gallery a damaged row was of.
    if (await this.#connection.read(countDamagedGalleries)) await this.#writer.write(mendGalleries);
    const onMoved = (): void => this.#goOver(vault);
    const check = (state: StoredState): void => {
      if (state.importing && state.importing.id !== importing?.id) throw importUnderWay();
    };
    return this.#writer.replace(
      () => this.#connection.move(vault.sealer(), keys, { ...options, check, onMoved }),
      options.signal,
    );
  }

  #goOver(vault: Vault): void {
    this.#vault = vault;
    this.#connection.sealer = vault.sealer();
    this.#tabs.tellEncrypted(this.#connection.sealer.keyId ?? '');
  }
}

function alreadyEncrypted(): NearFaceError {
  return new NearFaceError(
    'LOCKED',
    'The database is encrypted already; storage.changePassphrase() replaces its passphrase',
  );
}
