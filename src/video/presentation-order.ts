/** More frames than this are never held back: H.264 and HEVC hold 16 pictures at most. */
const MOST_HELD = 17;
/** Times that differ by less are one: decoders round them to microseconds, some to milliseconds. In seconds. */
const SAME = 5e-4;

/**
 * Puts a decoder's pictures into the order in which they are shown, with the exact times of their packets.
 *
 * Decoders give them in that order, by the standard; some do not, then their times tell. In files whose packets come in order of
 * time although their pictures do not (B-frames in a container without composition times) the times are those of other pictures, and the
 * order tells.
 */
export class PresentationOrder<Picture> {
  /** Times of packets that were put in and did not come out, rising. */
  readonly #expected: number[] = [];
  /** Pictures that came before one of an earlier time. */
  readonly #held: { readonly time: number; readonly picture: Picture }[] = [];
  readonly #ready: { readonly time: number; readonly picture: Picture }[] = [];
  #latest = -Infinity;
  #timesAreOutOfOrder = false;

  /** Packets whose pictures are not ready. */
  get pending(): number {
    return this.#expected.length;
  }

  /** A packet goes into the decoder; `time` in seconds. */
  expect(time: number): void {
    if (time < this.#latest) this.#timesAreOutOfOrder = true;
    this.#latest = Math.max(this.#latest, time);
    insert(this.#expected, time, (other) => other);
  }

  /** A picture came out of the decoder, which says that its time is `time`, in seconds. */
  push(picture: Picture, time: number): void {
    if (!this.#timesAreOutOfOrder) {
      this.#ready.push({ time: this.#expected.shift() ?? time, picture });
      return;
    }
    const at = nearest(this.#expected, time);
    insert(this.#held, { time: at ?? time, picture }, (other) => other.time);
    this.#release();
  }

  /** The decoder is empty: what was held back is ready, and what has not come never will. */
  flush(): void {
    this.#ready.push(...this.#held.splice(0));
    this.#expected.length = 0;
    this.#latest = -Infinity;
  }

  /** The next picture, if it is there. */
  take(): { readonly time: number; readonly picture: Picture } | undefined {
    return this.#ready.shift();
  }

  /** All pictures that were not taken. */
  clear(): Picture[] {
    this.#expected.length = 0;
    return [...this.#ready.splice(0), ...this.#held.splice(0)].map(({ picture }) => picture);
  }

  #release(): void {
    while (this.#held.length > 0) {
      const first = this.#held[0]!;
      const earliest = this.#expected[0] ?? first.time;
      if (first.time > earliest && this.#held.length < MOST_HELD) return;
      if (first.time <= earliest) this.#ready.push(this.#held.shift()!);
      // A packet without a picture.
      if (earliest <= first.time) this.#expected.shift();
    }
  }
}

function insert<Item>(sorted: Item[], item: Item, keyOf: (item: Item) => number): void {
  let at = sorted.length;
  while (at > 0 && keyOf(sorted[at - 1]!) > keyOf(item)) at--;
  sorted.splice(at, 0, item);
}

function nearest(sorted: readonly number[], time: number): number | undefined {
  return sorted.find((other) => Math.abs(other - time) < SAME);
}
