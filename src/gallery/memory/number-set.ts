/** Numbers of faces, or of others, told in their order. */
export class NumberSet {
  readonly #numbers = new Set<number>();
  /** As they were last told. */
  #ordered: Float64Array | undefined;

  get size(): number {
    return this.#numbers.size;
  }

  has(number: number): boolean {
    return this.#numbers.has(number);
  }

  add(number: number): void {
    this.#numbers.add(number);
    this.#ordered = undefined;
  }

  delete(number: number): void {
    this.#numbers.delete(number);
    this.#ordered = undefined;
  }

  /** All of them, rising. What was told before does not change with the set. */
  inOrder(): Float64Array {
    if (this.#ordered) return this.#ordered;
    const ordered = new Float64Array(this.#numbers.size);
    let [length, last, isRising] = [0, -Infinity, true];
    for (const number of this.#numbers) {
      isRising &&= number > last;
      last = number;
      ordered[length++] = number;
    }
    // Most sets grow at their end: then there is nothing to sort.
    this.#ordered = isRising ? ordered : ordered.sort();
    return this.#ordered;
  }

  /** The next after a number, rising; at most so many. */
  after(number: number, count: number): Float64Array {
    const ordered = this.inOrder();
    const start = firstWhere(ordered.length, (i) => (ordered[i] as number) > number);
    return ordered.subarray(start, start + count);
  }
}

/** The first place of a list at which something holds that holds from there on; its length where it never does. */
export function firstWhere(length: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
