/** A growing set of row numbers, one bit each. */
export class Bitmap {
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(16);
  #size = 0;

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
    return words.some((word) => word !== 0);
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}
