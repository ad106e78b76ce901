import { isLockHeld, whenFree, withLock } from '../../platform/browser/locks.ts';

const ENCRYPTED = 'encrypted:';
const IMPORTS = 'imports:';

/** What is heard of other pages. */
export interface Hearing {
  /** Called when another page has written up to this revision of the database. */
  readonly onRevision: (revision: number) => void;
  /** Called when another page has encrypted the database, with what names its keys. */
  readonly onEncrypted: (keyId: string) => void;
  /** Called when another page has begun an import of this id. */
  readonly onImport: (id: string) => void;
}

/** The other pages and workers of this origin that have the same database open. */
export class Tabs {
  readonly #name: string;
  readonly #channel: BroadcastChannel;

  constructor(database: string, { onRevision, onEncrypted, onImport }: Hearing) {
    this.#name = `nearface:${database}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data === 'number') onRevision(data);
      if (typeof data !== 'string') return;
      if (data.startsWith(ENCRYPTED)) onEncrypted(data.slice(ENCRYPTED.length));
      if (data.startsWith(IMPORTS)) onImport(data.slice(IMPORTS.length));
    };
  }

  /** Tells the others what this page has written. */
  tell(revision: number): void {
    this.#channel.postMessage(revision);
  }

  /** Tells the others that what they hold open cannot be read any more. */
  tellEncrypted(keyId: string): void {
    this.#channel.postMessage(ENCRYPTED + keyId);
  }

  /** Tells the others that this page has begun an import, which they take back if it ends first. */
  tellImport(id: string): void {
    this.#channel.postMessage(IMPORTS + id);
  }

  /**
   * Runs a piece of upkeep unless another page is at it, and answers whether it did. `stolen` is aborted if another script takes the
   * lock meanwhile.
   */
  async alone(what: string, work: (stolen: AbortSignal) => Promise<void>): Promise<boolean> {
    // Where there are no locks the pages may do the same work, each in whole transactions.
    return withLock(this.#lockOf(what), async (isFree, stolen) => {
      if (isFree) await work(stolen);
      return isFree;
    });
  }

  /** Calls `free` once no page is at a piece of upkeep; never where there are no locks. */
  whenFree(what: string, free: () => void): void {
    whenFree(this.#lockOf(what), free);
  }

  /** Whether a page is at a piece of upkeep, as far as can be told. */
  isAt(what: string): Promise<boolean> {
    return isLockHeld(this.#lockOf(what));
  }

  #lockOf(what: string): string {
    return `${this.#name}:${what}`;
  }

  /** Leaves the channel: no message is sent or received after it. Safe to call twice. */
  close(): void {
    this.#channel.close();
  }
}
