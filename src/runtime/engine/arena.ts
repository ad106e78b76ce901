/** Hands out ranges of addresses and takes them back. Ranges start at multiples of 64. */
export class Arena {
  readonly #free: { from: number; to: number }[];
  readonly #taken = new Map<number, number>();
  /** The highest address that was ever in use, exclusive. */
  end: number;

  /** @param start - the first address, a multiple of 64 */
  constructor(start: number) {
    this.end = start;
    this.#free = [{ from: start, to: Infinity }];
  }

  /** The lowest address from which on nothing is in use. */
  get top(): number {
    return this.#free.at(-1)!.from;
  }

  /** The lowest free range of `bytes`. */
  take(bytes: number): number {
    const size = Math.max(64, Math.ceil(bytes / 64) * 64);
    const index = this.#free.findIndex(({ from, to }) => to - from >= size);
    const range = this.#free[index]!;
    const at = range.from;
    range.from += size;
    if (range.from === range.to) this.#free.splice(index, 1);
    this.#taken.set(at, size);
    this.end = Math.max(this.end, at + size);
    return at;
  }

  /** Gives a range back that `take` handed out. */
  release(at: number): void {
    const size = this.#taken.get(at);
    if (size === undefined) throw new RangeError(`no range was taken at ${at}`);
    this.#taken.delete(at);
    this.#free.push({ from: at, to: at + size });
    this.#free.sort((a, b) => a.from - b.from);
    for (let i = this.#free.length - 1; i > 0; i--) {
      const [before, after] = [this.#free[i - 1]!, this.#free[i]!];
      if (before.to !== after.from) continue;
      before.to = after.to;
      this.#free.splice(i, 1);
    }
  }
}
