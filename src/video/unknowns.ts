import { addLook, type MeanLook } from '../core/mean-look.ts';
import { type Appearance, judgeLook } from './appearance.ts';
import type { MeanFace } from './events.ts';

/** People of a job who are in none of the galleries, as plain data. */
export interface UnknownsState {
  readonly people: readonly UnknownPerson[];
}

/** Somebody whom nobody knows. */
interface UnknownPerson {
  readonly look: MeanLook;
  /** When they were seen in the source under way: first and last frames. */
  readonly stays: readonly Stay[];
}

/** A stay in a source. */
export interface Stay {
  readonly source: number;
  readonly frameStart: number;
  readonly frameEnd: number;
}

export const NO_UNKNOWNS: UnknownsState = { people: [] };

/**
 * Which unknown person an appearance is of, counted from 1, and the state from then on: the most similar one who is similar enough and was
 * not in the picture at the same time; else somebody new. It goes by the order of the appearances alone.
 */
export function assignUnknown(
  { people }: UnknownsState,
  { embedding, reliability }: MeanFace,
  stay: Stay,
  appearance: Appearance,
): [UnknownsState, number] {
  const face = { embedding, reliability };
  let [best, most] = [-1, 0];
  people.forEach(({ look, stays }, i) => {
    const verdict = stays.some((other) => overlaps(other, stay))
      ? undefined
      : judgeLook(appearance, face, look);
    if (verdict?.isSame && verdict.confidence > most) [best, most] = [i, verdict.confidence];
  });
  const known = people[best];
  const look = addLook(known?.look, face, 0);
  // An embedding that is worth nothing is nobody's that could be known again.
  const person: UnknownPerson = {
    look: look ?? { sum: new Float64Array(embedding.length), weight: 0, squares: 0, count: 0, timeMs: 0 },
    stays: [...(known?.stays ?? []).filter(({ source }) => source === stay.source), stay],
  };
  if (known) return [{ people: people.with(best, person) }, best + 1];
  return [{ people: [...people, person] }, people.length + 1];
}

/** The same before a source is looked at from its first frame on, again perhaps: nobody was seen in it yet. */
export function forgetStays({ people }: UnknownsState, source: number): UnknownsState {
  return {
    people: people.map(({ look, stays }) => ({
      look,
      stays: stays.filter((stay) => stay.source !== source),
    })),
  };
}

function overlaps(a: Stay, b: Stay): boolean {
  return a.source === b.source && a.frameStart <= b.frameEnd && b.frameStart <= a.frameEnd;
}
