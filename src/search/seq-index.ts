/** Bits of 2³² divided by the golden ratio: spreads consecutive numbers (Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e3779b1;

/**
 * Finds the row of a sequence number: a hash table with linear probing whose entries are rows, so that ten
 * million faces take 160 MB rather than the half gigabyte of a `Map`. The numbers themselves lie in `seqs`.
 */
export class SeqIndex {
  /** Row + 1; 0 is an empty entry. At most half of the entries are taken. */
  #entries = new Int32Array(64);
  #seqs = new Float64Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#entries.byteLength + this.#seqs.byteLength;
  }

  /** The face in a row; 0 if there is none. */
  seqAt(row: number): number {
    return this.#seqs[row] ?? 0;
  }

  /** The row of a face, -1 if it has none. */
  rowOf(seq: number): number {
    const entry = this.#entries[this.#find(seq)] as number;
    return entry - 1;
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    if (rows > this.#seqs.length) {
      const grown = new Float64Array(Math.max(rows, Math.ceil(this.#seqs.length * 1.25)));
      grown.set(this.#seqs);
      this.#seqs = grown;
    }
    if (rows * 2 > this.#entries.length) this.#rehash(2 ** Math.ceil(Math.log2(rows * 2)));
  }

  /** Puts a face that is not there yet into a row that is empty. */
  set(seq: number, row: number): void {
    this.reserve(Math.max(row, this.#size) + 1);
    this.#seqs[row] = seq;
    this.#entries[this.#find(seq)] = row + 1;
    this.#size++;
  }

  /** Moves the face of one row to another, empty one. */
  move(from: number, to: number): void {
    const seq = this.seqAt(from);
    this.#entries[this.#find(seq)] = to + 1;
    this.#seqs[to] = seq;
    this.#seqs[from] = 0;
  }

  /** Takes out a face that is there. */
  delete(seq: number): void {
    let hole = this.#find(seq);
    this.#seqs[(this.#entries[hole] as number) - 1] = 0;
    this.#size--;
    // Entries behind the hole move up, so that no search ends too soon (Knuth, algorithm 6.4R).
    const mask = this.#entries.length - 1;
    for (let at = (hole + 1) & mask; this.#entries[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(this.seqAt((this.#entries[at] as number) - 1));
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#entries[hole] = this.#entries[at] as number;
      hole = at;
    }
    this.#entries[hole] = 0;
  }

  /** The entry of a face, or the empty one where it would go. */
  #find(seq: number): number {
    const mask = this.#entries.length - 1;
    let at = this.#home(seq);
    for (; this.#entries[at] !== 0; at = (at + 1) & mask)
      if (this.seqAt((this.#entries[at] as number) - 1) === seq) return at;
    return at;
  }

  #home(seq: number): number {
    const hash = Math.imul((seq % 2 ** 32) ^ Math.floor(seq / 2 ** 32), GOLDEN);
    return hash >>> (Math.clz32(this.#entries.length) + 1);
  }

  #rehash(length: number): void {
    const old = this.#entries;
    this.#entries = new Int32Array(length);
    for (const entry of old) if (entry !== 0) this.#entries[this.#find(this.seqAt(entry - 1))] = entry;
  }
}
