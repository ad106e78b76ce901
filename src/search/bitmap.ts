/** A growing set of row numbers, one bit each. */
export class Bitmap {
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(16);
  #size = 0;

  /** The rows that are in one set at least. */
  static union(sets: readonly Bitmap[]): Bitmap {
    const union = new Bitmap();
    union.#grow(Math.max(0, ...sets.map((set) => set.#words.length)));
    for (const set of sets)
      set.#words.forEach((word, i) => (union.#words[i] = (union.#words[i] as number) | word));
    for (const word of union.#words) union.#size += ones(word);
    return union;
  }

  /** Rows in the set. */
  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return ((this.#words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }

  add(row: number): void {
    if (this.has(row)) return;
    const index = row >>> 5;
    if (index >= this.#words.length) this.#grow(index + 1);
    this.#words[index] = (this.#words[index] ?? 0) | (1 << (row & 31));
    this.#size++;
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    const index = row >>> 5;
    this.#words[index] = (this.#words[index] ?? 0) & ~(1 << (row & 31));
    this.#size--;
  }

  /** Fills `target` with the words from `from` on, zeros past the end. Returns whether any bit is set. */
  copyWords(from: number, target: Uint32Array): boolean {
    const words = this.#words.subarray(from, from + target.length);
    target.set(words);
    if (words.length < target.length) target.fill(0, words.length);
    for (let i = 0; i < words.length; i++) if (words[i] !== 0) return true;
    return false;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** Bits set in a word. */
function ones(word: number): number {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
