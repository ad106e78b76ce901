/** A seeded source of random numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits. Source: mulberry32 by Tommy Ettinger, public domain. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0..1, without 1. */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** Even in the logarithm, so that each octave gets as many. */
  logBetween(from: number, to: number): number {
    return from * (to / from) ** this.next();
  }

  /** A whole number from 0 on, less than `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

/** {@link Random.next} of a source of its own. */
export function seeded(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}
