/** Numbers of faces, told in their order. */
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
    return (this.#ordered ??= Float64Array.from(this.#numbers).sort());
  }
}
