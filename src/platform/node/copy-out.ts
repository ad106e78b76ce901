import type { Connection, Submittable } from 'pg';
import { coded } from './postgres-connection.ts';

/** How COPY's binary format begins: 11 bytes, 4 of flags, and the length of what else is said there. */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** In the place of a row's number of fields: no more rows come. And in that of a field's length: it is null. */
const NONE = -1;

/** Takes the fields of a row, as PostgreSQL sends them in binary; they are overwritten after the call. */
export type TakeRow = (fields: readonly (Uint8Array | null)[]) => void;

/** The part of pg's Connection that its types leave out. */
type Asking = Connection & { query(text: string): void };

/** A query whose rows come by COPY in binary: with half the work of other ways for the server, and a tenth for us. */
export class CopyOut implements Submittable {
  /** Settles when all rows have been taken, or one could not be. */
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #take: TakeRow;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isFirst = true;

  constructor(query: string, take: TakeRow) {
    this.#text = `COPY (${query}) TO STDOUT (FORMAT binary)`;
    this.#take = take;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    (connection as Asking).query(this.#text);
  }

  /** A message is a row, before the first of which the format's header may stand. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    try {
      let at = 0;
      if (this.#isFirst) {
        this.#isFirst = false;
        at = endOfHeader(chunk);
      }
      while (at < chunk.length) at = this.#row(chunk, at);
    } catch (error) {
      this.#reject(error);
    }
  }

  #row(chunk: Buffer, from: number): number {
    const count = chunk.readInt16BE(from);
    let at = from + 2;
    if (count === NONE) return chunk.length;
    const fields: (Uint8Array | null)[] = [];
    for (let i = 0; i < count; i++) {
      const length = chunk.readInt32BE(at);
      at += 4;
      if (length === NONE) fields.push(null);
      else fields.push(chunk.subarray(at, (at += length)));
    }
    this.#take(fields);
    return at;
  }

  handleCommandComplete(): void {
    // ReadyForQuery follows.
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleError(error: unknown): void {
    this.#reject(coded(error));
  }
}

function endOfHeader(chunk: Buffer): number {
  if (!chunk.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new Error('What the server sends is not COPY in its binary format');
  return HEADER_BYTES + chunk.readInt32BE(HEADER_BYTES - 4);
}
