import type { SightingPlace } from '../people/tables.ts';
import { firstWhere } from './number-set.ts';

/** Sightings in the order of their times, those of one time in that of their numbers: found without looking at all. */
export class TimeOrder {
  readonly #bySeq = new Map<number, SightingPlace>();
  /** The oldest first, as long as it is known. */
  #ordered: SightingPlace[] | undefined = [];

  get size(): number {
    return this.#bySeq.size;
  }

  has({ seq }: SightingPlace): boolean {
    return this.#bySeq.has(seq);
  }

  add({ timeMs, seq }: SightingPlace): void {
    const place = { timeMs, seq };
    this.#bySeq.set(seq, place);
    const last = this.#ordered?.at(-1);
    // Most are noted in the order of their times: then there is nothing to sort.
    if (last && order(last, place) > 0) this.#ordered = undefined;
    else this.#ordered?.push(place);
  }

  delete({ seq }: SightingPlace): void {
    this.#bySeq.delete(seq);
    if (this.#ordered?.at(-1)?.seq === seq) this.#ordered.pop();
    else this.#ordered = undefined;
  }

  /** Numbers of the next ones before a place that are not before a time, the newest first; at most so many. */
  before(place: SightingPlace, start: number, count: number): readonly number[] {
    const ordered = this.#inOrder();
    const end = firstWhere(ordered.length, (i) => order(ordered[i] as SightingPlace, place) >= 0);
    const first = firstWhere(end, (i) => (ordered[i] as SightingPlace).timeMs >= start);
    return ordered
      .slice(Math.max(first, end - count), end)
      .map(({ seq }) => seq)
      .toReversed();
  }

  /** The time of the first, or of the last. */
  edge(which: 'first' | 'last'): number | undefined {
    return this.#inOrder().at(which === 'first' ? 0 : -1)?.timeMs;
  }

  #inOrder(): readonly SightingPlace[] {
    this.#ordered ??= [...this.#bySeq.values()].sort(order);
    return this.#ordered;
  }
}

const order = (a: SightingPlace, b: SightingPlace): number => a.timeMs - b.timeMs || a.seq - b.seq;
