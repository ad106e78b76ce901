import type { Connection, Submittable } from 'pg';
import type { SqlColumn, SqlValue } from '../../gallery/sql/driver.ts';
import { coded } from './postgres-connection.ts';

/** How COPY's binary format begins: 11 bytes, no flags, and nothing else said there. */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
/** In the place of a row's number of fields: no more rows come. And in that of a field's length: it is null. */
const NONE = -1;

/** Bytes that are sent at a time, about: the server begins with the first ones while the others are made. */
const CHUNK_BYTES = 2 ** 17;

/** The parts of pg's Connection that its types leave out. */
type Sending = Connection & {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
};

/** Rows that go into a table by COPY in binary: it takes a third of the time of statements. */
export class CopyIn implements Submittable {
  /** Settles when all rows are there. */
  readonly done: Promise<void>;
  readonly #into: string;
  readonly #columns: readonly SqlColumn[];
  readonly #rows: Iterable<readonly SqlValue[]>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** @param into - the table, and its columns in brackets */
  constructor(into: string, columns: readonly SqlColumn[], rows: Iterable<readonly SqlValue[]>) {
    this.#into = into;
    this.#columns = columns;
    this.#rows = rows;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    (connection as Sending).query(`COPY ${this.#into} FROM STDIN (FORMAT binary)`);
  }

  handleCopyInResponse(connection: Sending): void {
    for (const chunk of chunksOf(this.#columns, this.#rows)) connection.sendCopyFromChunk(chunk);
    connection.endCopyFrom();
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

/** Rows in COPY's binary format. */
export function* chunksOf(
  columns: readonly SqlColumn[],
  rows: Iterable<readonly SqlValue[]>,
): Generator<Buffer, void> {
  const writer = new FieldWriter();
  writer.bytes(HEADER);
  for (const row of rows) {
    writer.int16(columns.length);
    columns.forEach((column, i) => writer.field(column, row[i] ?? null));
    if (writer.length >= CHUNK_BYTES) yield writer.taken();
  }
  writer.int16(NONE);
  yield writer.taken();
}

/** A buffer that grows. */
class FieldWriter {
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** What was written since the last call. */
  taken(): Buffer {
    const written = this.#buffer.subarray(0, this.#at);
    this.#buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#at = 0;
    return written;
  }

  int16(value: number): void {
    this.#need(2);
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
  }

  bytes(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A value behind its length. */
  field(column: SqlColumn, value: SqlValue): void {
    if (value === null) return this.#int32(NONE);
    switch (column) {
      case 'text':
        return this.#text(value as string);
      case 'bytea':
        this.#int32((value as Uint8Array).length);
        return this.bytes(value as Uint8Array);
      case 'bigint':
        this.#int32(8);
        this.#need(8);
        this.#at = this.#buffer.writeInt32BE(Math.floor((value as number) / 2 ** 32), this.#at);
        this.#at = this.#buffer.writeUInt32BE((value as number) >>> 0, this.#at);
        return;
      case 'double precision':
        this.#int32(8);
        this.#need(8);
        this.#at = this.#buffer.writeDoubleBE(value as number, this.#at);
    }
  }

  #text(text: string): void {
    // A unit of UTF-16 is at most three bytes of UTF-8.
    this.#need(4 + 3 * text.length);
    const length = this.#buffer.write(text, this.#at + 4, 'utf8');
    this.#buffer.writeInt32BE(length, this.#at);
    this.#at += 4 + length;
  }

  #int32(value: number): void {
    this.#need(4);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}
