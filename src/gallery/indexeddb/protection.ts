import { notEncrypted } from '../../core/not-encrypted.ts';
import type { DatabaseKey, PasskeySecret } from '../../core/database-key.ts';
import { badParam, NearFaceError } from '../../core/errors.ts';
import type { Encryption, PassphraseChange, Passkey } from '../../core/records.ts';
import { importUnderWay } from '../gallery-errors.ts';
import type { Encode } from '../face-rows.ts';
import type { Connection } from './connection.ts';
import { encryptNew, type KeysOf, putKeys, readKeys } from './encrypting.ts';
import { importUpkeep } from './importing.ts';
import { countDamagedGalleries, mendGalleries } from './mending.ts';
import type { StoredKeys, StoredPasskey, StoredState } from './schema.ts';
import { Vault } from './vault.ts';
import type { Tabs } from './tabs.ts';
import type { Writer } from './writer.ts';
import type { CopyOptions, ProtectedStore } from '../port.ts';

/** The passphrase and the passkeys of a database. */
export class Protection implements ProtectedStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #tabs: Tabs;
  readonly #encode: Encode;
  #vault: Vault | undefined;

  constructor(connection: Connection, writer: Writer, tabs: Tabs, encode: Encode) {
    this.#connection = connection;
    this.#writer = writer;
    this.#tabs = tabs;
    this.#encode = encode;
  }

  /** Whether the database is encrypted. */
  get encrypted(): boolean {
    return this.#vault !== undefined;
  }

  /** Opens the vault of an encrypted database, and encrypts a plain one. @throws NearFaceError `LOCKED` */
  async unlock(key: DatabaseKey | undefined, options: CopyOptions = {}): Promise<void> {
    const keys = await this.#connection.keys();
    const { name } = this.#connection;
    if (!keys) {
      if (typeof key === 'object') throw nothingToOpen(name);
      if (key !== undefined) await this.encrypt(key, options);
      return;
    }
    if (key === undefined) {
      const text = `The database ${name} is encrypted; give its passphrase, or erase it with NearFace.erase()`;
      throw new NearFaceError('LOCKED', text, { database: name });
    }
    this.#vault = await Vault.unlock(name, keys, key);
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
    return { oldDeleted: await this.#move(vault, () => keys, options) };
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
      const wrapped = await fresh.wrap(next);
      return { rekeyed: true, oldDeleted: await this.#move(fresh, () => wrapped, options) };
    }
    const wrapped = await vault.wrap(next);
    await this.#changeKeys(vault, ({ passkeys }) => ({ ...wrapped, ...(passkeys && { passkeys }) }));
    return { rekeyed: false, oldDeleted: false };
  }

  /**
   * Rotates all vectors by a new secret, under the same keys: passphrase and passkeys stay.
   *
   * @throws NearFaceError `BAD_PARAM` where it is not encrypted; `LOCKED` where it gets new keys meanwhile; `STORAGE_FULL`, `STORAGE_FAILED`, `ABORTED`
   */
  async renew(options: CopyOptions = {}): Promise<Encryption> {
    const vault = this.#vault;
    if (!vault) throw notEncrypted(this.#connection.name);
    const fresh = vault.renewed();
    const check = (): void => {
      // The keys that are there then would open nothing of what is copied under these.
      if (this.#vault !== vault) throw newKeys(this.#connection.name);
    };
    const keysOf: KeysOf = (stored) => ({ ...(stored as StoredKeys), ...fresh.wrapRotation() });
    return { oldDeleted: await this.#move(fresh, keysOf, options, check) };
  }

  /** Lets a passkey open the database. @throws NearFaceError `BAD_PARAM` where it is not encrypted */
  async addPasskey(passkey: PasskeySecret, name: string): Promise<Passkey> {
    const vault = this.#vault;
    if (!vault) throw notEncrypted(this.#connection.name);
    const stored = await vault.wrapForPasskey(passkey, name);
    await this.#changeKeys(vault, ({ passkeys = [], ...keys }) => ({
      ...keys,
      passkeys: [...passkeys.filter(({ id }) => id !== stored.id), stored],
    }));
    return told(stored);
  }

  async listPasskeys(): Promise<readonly Passkey[]> {
    const { passkeys = [] } = (await this.#connection.keys()) ?? {};
    return passkeys.map(told);
  }

  /** @throws NearFaceError `BAD_PARAM` if there is none of that id */
  async removePasskey(id: string): Promise<void> {
    await this.#changeKeys(this.#vault, ({ passkeys = [], ...keys }) => {
      const left = passkeys.filter((passkey) => passkey.id !== id);
      if (left.length < passkeys.length) return { ...keys, passkeys: left };
      throw badParam('id', id, 'the id of a passkey that storage.passkeys() lists');
    });
  }

  /** Changes the keys as they are stored. What was wrapped of a vault must not get into a database that has other keys by now. */
  async #changeKeys(vault: Vault | undefined, change: (keys: StoredKeys) => StoredKeys): Promise<void> {
    await this.#writer.write(async (tx) => {
      const keys = await readKeys(tx);
      if (!keys || !vault) throw notEncrypted(this.#connection.name);
      if (vault.sealer().keyId !== this.#connection.sealer.keyId) throw newKeys(this.#connection.name);
      await putKeys(tx, change(keys));
    });
  }

  async #move(
    vault: Vault,
    keysOf: KeysOf,
    options: CopyOptions,
    checkFirst: () => void = () => {},
  ): Promise<boolean> {
    // What an import left whose page is gone is copied, and taken back from the copy.
    const { importing } = await this.#connection.read(async ({ state }) => state);
    if (importing && (await this.#tabs.isAt(importUpkeep(importing.id)))) throw importUnderWay();
    // Under other keys nobody can tell which gallery a damaged row was of.
    if (await this.#connection.read(countDamagedGalleries)) await this.#writer.write(mendGalleries);
    const onMoved = (): void => this.#goOver(vault);
    const check = (state: StoredState): void => {
      checkFirst();
      if (state.importing && state.importing.id !== importing?.id) throw importUnderWay();
    };
    return this.#writer.replace(
      () =>
        this.#connection.move(vault.sealer(), {
          ...options,
          ...{ keysOf, encode: this.#encode, check, onMoved },
        }),
      options.signal,
    );
  }

  #goOver(vault: Vault): void {
    this.#vault = vault;
    this.#connection.sealer = vault.sealer();
    this.#tabs.tellEncrypted(this.#connection.sealer.keyId ?? '');
  }
}

function told({ id, name, createdAt }: StoredPasskey): Passkey {
  return { id, name, createdAt: new Date(createdAt) };
}

function newKeys(database: string): NearFaceError {
  const text = `The database ${database} was encrypted with new keys meanwhile; do it again, with the passphrase that it has now`;
  return new NearFaceError('LOCKED', text, { database });
}

function nothingToOpen(database: string): NearFaceError {
  return badParam(
    'options.passkey',
    true,
    `left out: the database ${database} is not encrypted, and a passkey alone encrypts nothing; create NearFace with a passphrase, and add the passkey with storage.addPasskey()`,
  );
}

function alreadyEncrypted(): NearFaceError {
  return new NearFaceError(
    'LOCKED',
    'The database is encrypted already; storage.changePassphrase() replaces its passphrase',
  );
}
