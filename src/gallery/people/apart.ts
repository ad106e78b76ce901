/** Who stays apart while faces are put together. */
import type { StoredFace } from '../stored.ts';
import { faceMark, marksOf, personMark, type StoredPair } from './stored.ts';

const NOBODY: ReadonlySet<string> = new Set();

/**
 * What was said not to be the same, and what of it people and faces that were put together stand for: who takes the faces of somebody in
 * may take in nobody that this one is not. Only what something was said of is looked at.
 */
export class Apart {
  readonly pairs: readonly StoredPair[];
  /** Marks of what each mark is not. */
  readonly #others = new Map<string, Set<string>>();
  /** What each person stands for, besides itself. */
  readonly #held = new Map<string, Set<string>>();

  /** @param named - the faces that pairs name */
  constructor(pairs: readonly StoredPair[], named: readonly StoredFace[]) {
    this.pairs = pairs;
    for (const pair of pairs) {
      const [a, b] = marksOf(pair);
      for (const [one, other] of [[a, b] as const, [b, a] as const])
        this.#others.set(one, (this.#others.get(one) ?? new Set()).add(other));
    }
    for (const { id, personId } of named)
      if (personId !== undefined && this.#others.has(faceMark(id))) this.hold(personId, [faceMark(id)]);
  }

  /** What a face stands for. */
  ofFace({ id, personId }: StoredFace): readonly string[] {
    const marks = personId === undefined ? [faceMark(id)] : [faceMark(id), personMark(personId)];
    return marks.filter((mark) => this.#others.has(mark));
  }

  /** What a person stands for. */
  ofPerson(id: string): readonly string[] {
    const own = personMark(id);
    const held = this.#held.get(id) ?? NOBODY;
    return this.#others.has(own) ? [own, ...held] : [...held];
  }

  /** A person stands for what it has taken in. */
  hold(person: string, marks: Iterable<string>): void {
    const held = this.#held.get(person) ?? new Set();
    for (const mark of marks) held.add(mark);
    if (held.size > 0) this.#held.set(person, held);
  }

  /** Whether nothing of the ones was said not to be one of the others. */
  mayBe(marks: readonly string[], others: readonly string[]): boolean {
    return marks.every((mark) => {
      const not = this.#others.get(mark) ?? NOBODY;
      return !others.some((other) => not.has(other));
    });
  }
}
