import { ASSUMED_RELIABILITY, reliabilityByte } from '../core/reliability.ts';

/**
 * What the faces of some rows are found by, besides their vectors: a number per row; absent ones are 0, but for
 * reliabilities, for which {@link ASSUMED_RELIABILITY} is taken.
 */
export interface Facts {
  /** When they were enrolled, in milliseconds since 1970. */
  readonly times?: ArrayLike<number>;
  /** Hashes of their ids, with 32 bits. */
  readonly ids?: ArrayLike<number>;
  /** Hashes of their metas, with 53 bits. */
  readonly metas?: ArrayLike<number>;
  /** Hashes of the persons they were assigned to, with 53 bits; 0 for none. */
  readonly persons?: ArrayLike<number>;
  /** Hashes of their photos' hashes, with 32 bits; 0 for none. */
  readonly photos?: ArrayLike<number>;
  /** Hashes of the cameras that saw them, with 53 bits; 0 for none, not a number where that is not known. */
  readonly cameras?: ArrayLike<number>;
  /** From when on they are gone, in milliseconds since 1970; 0 where they stay. */
  readonly expiries?: ArrayLike<number>;
  /** How far their vectors can be trusted, 0..255. */
  readonly reliabilities?: ArrayLike<number>;
}

/** Which rows are wanted; each condition must hold. */
export interface RowFilter {
  /** A hash, as in {@link Facts}. */
  readonly meta?: number;
  /** A hash, as in {@link Facts}. */
  readonly person?: number;
  /** A hash, as in {@link Facts}; rows of which it is not known pass. */
  readonly camera?: number;
  /** Only faces enrolled at this time or later, in milliseconds since 1970. */
  readonly from?: number;
  /** Only faces enrolled before this time. */
  readonly until?: number;
}

const ASSUMED_BYTE = reliabilityByte(ASSUMED_RELIABILITY);

/** What the faces of a matrix's rows are found by. */
export class RowFacts {
  readonly times: Column = new Column(Float64Array);
  readonly ids: Column = new Column(Uint32Array);
  readonly metas: Column = new Column(Float64Array);
  readonly persons: Column = new Column(Float64Array);
  readonly photos: Column = new Column(Uint32Array);
  readonly cameras: Column = new Column(Float64Array);
  readonly expiries: Column = new Column(Float64Array);
  readonly reliabilities: Column = new Column(Uint8Array);
  /** No row's expiry is before it; Infinity where none has one. Deletions and changes leave it as it is: whoever looks at all sets it. */
  soonestExpiry: number = Infinity;
  readonly #all = [
    ...[this.times, this.ids, this.metas, this.persons, this.photos],
    ...[this.cameras, this.expiries, this.reliabilities],
  ];

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#all.reduce((sum, column) => sum + column.bytes, 0);
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    for (const column of this.#all) column.reserve(rows);
  }

  /** Writes the facts of `count` rows from `first` on. */
  write(first: number, count: number, facts: Facts): void {
    this.times.write(first, count, facts.times);
    this.ids.write(first, count, facts.ids);
    this.metas.write(first, count, facts.metas);
    this.persons.write(first, count, facts.persons);
    this.photos.write(first, count, facts.photos);
    this.cameras.write(first, count, facts.cameras);
    this.expiries.write(first, count, facts.expiries);
    for (let i = 0; facts.expiries && i < count; i++)
      this.soonestExpiry = Math.min(this.soonestExpiry, facts.expiries[i] || Infinity);
    this.reliabilities.write(first, count, facts.reliabilities, ASSUMED_BYTE);
  }

  move(from: number, to: number): void {
    for (const column of this.#all) column.set(to, column.at(from));
  }

  erase(row: number): void {
    for (const column of this.#all) column.set(row, 0);
  }

  /** A test of rows, or nothing if the filter leaves none out. */
  test({ meta, person, camera, from, until }: RowFilter): ((row: number) => boolean) | undefined {
    if ([meta, person, camera, from, until].every((condition) => condition === undefined)) return undefined;
    const [first, end] = [from ?? -Infinity, until ?? Infinity];
    return (row) => {
      if (meta !== undefined && this.metas.at(row) !== meta) return false;
      if (person !== undefined && this.persons.at(row) !== person) return false;
      if (camera !== undefined) {
        const seenBy = this.cameras.at(row);
        if (seenBy !== camera && !Number.isNaN(seenBy)) return false;
      }
      const time = this.times.at(row);
      return time >= first && time < end;
    };
  }
}

/** Numbers by row. It takes no memory until one of them is not 0. */
class Column {
  readonly #Values: Float64ArrayConstructor | Uint32ArrayConstructor | Uint8ArrayConstructor;
  #values: Float64Array | Uint32Array | Uint8Array;
  #reserved = 0;

  constructor(Values: Float64ArrayConstructor | Uint32ArrayConstructor | Uint8ArrayConstructor) {
    this.#Values = Values;
    this.#values = new Values(0);
  }

  get bytes(): number {
    return this.#values.byteLength;
  }

  /** Rows from here on have 0. */
  get length(): number {
    return this.#values.length;
  }

  reserve(rows: number): void {
    if (rows > this.#reserved) this.#reserved = Math.max(rows, Math.ceil(this.#reserved * 1.25));
    if (this.#values.length > 0) this.#grow();
  }

  at(row: number): number {
    return this.#values[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.#values.length) {
      if (value === 0) return;
      this.reserve(row + 1);
      this.#grow();
    }
    this.#values[row] = value;
  }

  write(first: number, count: number, values: ArrayLike<number> | undefined, absent = 0): void {
    for (let i = 0; i < count; i++) this.set(first + i, values?.[i] ?? absent);
  }

  /** Calls `found` with each of the first `rows` rows whose number is one of `wanted`. */
  find(rows: number, wanted: ReadonlySet<number>, found: (row: number) => void): void {
    // Most rows are told apart by a bit of a small table, without a look at the set.
    const bits = new Uint8Array(2 ** 16);
    for (const value of wanted) bits[value & 0xffff] = 1;
    const values = this.#values;
    const end = Math.min(rows, values.length);
    for (let row = 0; row < end; row++) {
      const value = values[row] as number;
      if (bits[value & 0xffff] === 1 && wanted.has(value)) found(row);
    }
  }

  #grow(): void {
    if (this.#values.length >= this.#reserved) return;
    const grown = new this.#Values(this.#reserved);
    grown.set(this.#values);
    this.#values = grown;
  }
}
