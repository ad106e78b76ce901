/** A row that a search found: the face's sequence number and the dot product with the probe. */
export interface Match {
  readonly seq: number;
  readonly score: number;
}

/**
 * The best `limit` matches seen: by falling score, equal scores by rising sequence number, whatever the order
 * they came in. A binary heap with the worst kept match on top.
 */
export class TopK {
  readonly #limit: number;
  readonly #floor: number;
  readonly #heap: Match[] = [];

  /** Matches under `floor` are never kept. */
  constructor(limit: number, floor: number) {
    this.#limit = limit;
    this.#floor = floor;
  }

  /** A match with a lower score cannot get in; one that equals it may. */
  get threshold(): number {
    if (this.#limit === 0) return Infinity;
    const worst = this.#heap.length < this.#limit ? undefined : this.#heap[0];
    return worst ? worst.score : this.#floor;
  }

  push(seq: number, score: number): void {
    if (!(score >= this.#floor) || this.#limit === 0) return;
    const match = { seq, score };
    if (this.#heap.length < this.#limit) {
      this.#heap.push(match);
      this.#siftUp(this.#heap.length - 1);
    } else if (isWorse(this.#heap[0] as Match, match)) {
      this.#heap[0] = match;
      this.#siftDown();
    }
  }

  /** What was kept, best first. */
  sorted(): readonly Match[] {
    return this.#heap.toSorted((a, b) => b.score - a.score || a.seq - b.seq);
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    for (let child = from; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isWorse(heap[child] as Match, heap[parent] as Match)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #siftDown(): void {
    const heap = this.#heap;
    for (let parent = 0; ;) {
      let worst = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && isWorse(heap[child] as Match, heap[worst] as Match)) worst = child;
      if (worst === parent) return;
      this.#swap(parent, worst);
      parent = worst;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Match;
    this.#heap[a] = this.#heap[b] as Match;
    this.#heap[b] = kept;
  }
}

function isWorse(a: Match, b: Match): boolean {
  return a.score < b.score || (a.score === b.score && a.seq > b.seq);
}
