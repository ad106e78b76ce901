/** In words: what a search among a million rows puts off. */
const FIRST_LENGTH = 20_480;

/** A growing list of pairs of a row and its sum. */
export class PairList {
  #pairs = new Uint32Array(FIRST_LENGTH);
  #length = 0;
  /** How far {@link PairList.take} has read, and how much of that it left. */
  #read = 0;
  #left = 0;

  /** Adds pairs. Where there is no room, those whose sum is below `least` are dropped first. */
  add(pairs: Uint32Array, least: number): void {
    if (this.#length + pairs.length > this.#pairs.length) this.#makeRoom(pairs.length, least);
    this.#pairs.set(pairs, this.#length);
    this.#length += pairs.length;
  }

  /**
   * Takes out the rows whose sum is `least` or more, in their order, from where it ended the last time up to the first
   * row from `untilRow` on, as many as `rows` holds. Returns how many.
   */
  take(least: number, untilRow: number, rows: Uint32Array): number {
    const pairs = this.#pairs;
    let [taken, read, left] = [0, this.#read, this.#left];
    for (; read < this.#length && taken < rows.length; read += 2) {
      const row = pairs[read] as number;
      if (row >= untilRow) break;
      const sum = pairs[read + 1] as number;
      if (sum >= least) rows[taken++] = row;
      else {
        pairs[left++] = row;
        pairs[left++] = sum;
      }
    }
    [this.#read, this.#left] = [read, left];
    return taken;
  }

  /** Lets {@link PairList.take}, which must have read all, start over with what it left. */
  rewind(): void {
    this.#length = this.#left;
    this.#read = this.#left = 0;
  }

  #makeRoom(count: number, least: number): void {
    let kept = 0;
    for (let i = 0; i < this.#length; i += 2) {
      if ((this.#pairs[i + 1] as number) < least) continue;
      this.#pairs[kept++] = this.#pairs[i] as number;
      this.#pairs[kept++] = this.#pairs[i + 1] as number;
    }
    this.#length = kept;
    // A list that stays half full is not searched for droppable pairs again at once.
    if (2 * (kept + count) <= this.#pairs.length) return;
    const grown = new Uint32Array(2 * (kept + count));
    grown.set(this.#pairs.subarray(0, kept));
    this.#pairs = grown;
  }
}
