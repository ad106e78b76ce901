import { withLock } from '../core/locks.ts';

const ENCRYPTED = 'encrypted:';

/** The other pages and workers of this origin that have the same database open. */
export class Tabs {
  readonly #name: string;
  readonly #channel: BroadcastChannel;

  /**
   * @param onRevision - called when another page has written up to this revision of the database
   * @param onEncrypted - called when another page has encrypted the database, with what names its keys
   */
  constructor(
    database: string,
    onRevision: (revision: number) => void,
    onEncrypted: (keyId: string) => void,
  ) {
    this.#name = `nearface:${database}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data === 'number') onRevision(data);
      else if (typeof data === 'string' && data.startsWith(ENCRYPTED))
        onEncrypted(data.slice(ENCRYPTED.length));
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

  /** Runs a piece of upkeep unless another page is at it. */
  async alone(what: string, work: () => Promise<void>): Promise<void> {
    // Where there are no locks the pages may do the same work, each in whole transactions.
    await withLock(`${this.#name}:${what}`, async (isFree) => {
      if (isFree) await work();
    });
  }

  /** Hears and tells nothing any more. Safe to call twice. */
  close(): void {
    this.#channel.close();
  }
}
