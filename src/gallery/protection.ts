import { NearFaceError } from '../core/errors.ts';
import { notEncrypted } from './gallery-errors.ts';
import type { Connection } from './store/connection.ts';
import { encryptAll, putKeys, readKeys } from './store/encrypting.ts';
import { Vault } from './store/vault.ts';
import type { Tabs } from './tabs.ts';
import type { Writer } from './writer.ts';

/** The passphrase of a database. */
export class Protection {
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
  async unlock(passphrase: string | undefined): Promise<void> {
    const keys = await this.#connection.read(readKeys);
    if (!keys) {
      if (passphrase !== undefined) await this.encrypt(passphrase);
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

  /** Encrypts a plain database, all or nothing. @throws NearFaceError `LOCKED` if it is encrypted already */
  async encrypt(passphrase: string): Promise<void> {
    const vault = Vault.create();
    const [keys, sealer] = [await vault.wrap(passphrase), vault.sealer()];
    await this.#writer.write((tx) => encryptAll(tx, sealer, keys), {
      onComplete: () => {
        this.#vault = vault;
        this.#connection.sealer = sealer;
        this.#tabs.tellEncrypted();
      },
    });
  }

  /** Encrypts the keys with another passphrase. @throws NearFaceError `LOCKED` if `current` is wrong */
  async changePassphrase(current: string, next: string): Promise<void> {
    const { name } = this.#connection;
    const keys = await this.#connection.read(readKeys);
    if (!keys) throw notEncrypted(name);
    const vault = await Vault.unlock(name, keys, current);
    const wrapped = await vault.wrap(next);
    await this.#writer.write((tx) => putKeys(tx, wrapped));
  }
}
