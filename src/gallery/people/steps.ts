/** Changes of who is who, which are noted and can be taken back. */
import type { UndonePeopleChange } from '../../core/people.ts';
import type { StoredFace } from '../stored.ts';
import { type Deed, of } from './deed.ts';
import { facesOfPerson, putPerson } from './persons.ts';
import {
  bytesOfRecord,
  type JournalEntry,
  marksOf,
  type Moved,
  pairKey,
  type PeopleStep,
  personMark,
  type StoredPair,
  type StoredSighting,
} from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** How many changes can be taken back; earlier ones are forgotten. */
export const MAX_UNDO = 20;

/** Records read at a time. */
const SLICE = 500;

/** Does a change and notes it in the journal. */
export function* take(tx: PeopleTables, step: PeopleStep): Deed<void> {
  yield* apply(tx, step);
  const no = tx.counters.nextStep;
  tx.counters = { ...tx.counters, nextStep: no + 1 };
  yield* of(tx.journal.put({ ...step, no }));
  const all = yield* of(tx.journal.all());
  for (const old of all.slice(0, Math.max(0, all.length - MAX_UNDO))) yield* of(tx.journal.delete(old.no));
}

/** Takes back the last change; nothing where there is none. */
export function* undo(tx: PeopleTables): Deed<UndonePeopleChange | null> {
  const last = yield* of(tx.journal.last());
  if (!last) return null;
  yield* of(tx.journal.delete(last.no));
  const { what, timeMs } = last;
  return { what, timeMs, faces: yield* apply(tx, reversed(last)) };
}

/** The change that takes one back. */
function reversed(step: PeopleStep): PeopleStep {
  const back = ({ from, to, seqs, metas }: Moved): Moved => ({
    ...{ from: to, to: from, seqs },
    ...(metas && { metas: [metas[1], metas[0]] as const }),
  });
  return {
    ...step,
    persons: step.persons.map(({ before, after }) => ({ before: after, after: before })),
    faces: step.faces.map(back).toReversed(),
    sightings: step.sightings.map(back).toReversed(),
    pairsAdded: step.pairsRemoved,
    pairsRemoved: step.pairsAdded,
  };
}

/**
 * Changes what is as the step takes it to be: faces and sightings that are gone, or of somebody else by now, stay as they are, and
 * people of whom something is left stay. Answers how many faces changed hands.
 */
function* apply(tx: PeopleTables, step: PeopleStep): Deed<number> {
  const { persons, faces, sightings, pairsAdded, pairsRemoved } = step;
  for (const { before, after } of persons) {
    if (!after) continue;
    const present = (yield* of(tx.persons.byId(after.id))) ?? null;
    if (!before && !present) yield* putPerson(tx, null, after);
    else if (before && present?.meta === before.meta && present.meta !== after.meta)
      yield* putPerson(tx, present, { ...present, meta: after.meta });
  }
  // A deed's index does not see what the deed has changed.
  const left = new Map<number, string | null>();
  for (const moved of faces) yield* moveFaces(tx, moved, left);
  for (const moved of sightings) yield* moveSightings(tx, moved);
  for (const pair of pairsRemoved) yield* of(tx.pairs.delete(pair));
  for (const pair of pairsAdded) if (yield* isWhole(tx, pair)) yield* of(tx.pairs.put(pair));
  for (const { before, after } of persons) if (before && !after) yield* removeEmpty(tx, before.id, left);
  return left.size;
}

function* moveFaces(
  tx: PeopleTables,
  { from, to, seqs, metas }: Moved,
  moved: Map<number, string | null>,
): Deed<void> {
  if (to !== null && !(yield* of(tx.persons.byId(to)))) return;
  for (let start = 0; start < seqs.length; start += SLICE) {
    const some = yield* of(tx.faces.bySeqs(seqs.slice(start, start + SLICE)));
    const there = some.filter(({ personId }) => (personId ?? null) === from);
    const after = there.map((face): StoredFace => {
      const { personId: _, ...rest } = face;
      const meta = metas && face.meta === metas[0] ? metas[1] : face.meta;
      return { ...rest, meta, ...(to !== null && { personId: to }) };
    });
    yield* of(tx.faces.change(there, after));
    for (const { seq } of there) moved.set(seq, to);
  }
}

function* moveSightings(tx: PeopleTables, { from, to, seqs }: Moved): Deed<void> {
  if (to !== null && !(yield* of(tx.persons.byId(to)))) return;
  for (let start = 0; start < seqs.length; start += SLICE) {
    for (const sighting of yield* of(tx.sightings.bySeqs(seqs.slice(start, start + SLICE)))) {
      if ((sighting.personId ?? null) !== from) continue;
      const { personId: _, ...rest } = sighting;
      yield* changeSighting(tx, sighting, { ...rest, ...(to !== null && { personId: to }) });
    }
  }
}

/** Writes a sighting in the place of what it was, and counts its bytes. */
export function* changeSighting(
  tx: Pick<PeopleTables, 'counters' | 'sightings'>,
  before: StoredSighting,
  after: StoredSighting,
): Deed<void> {
  const bytes = tx.counters.bytes + bytesOfRecord(after) - bytesOfRecord(before);
  tx.counters = { ...tx.counters, bytes };
  yield* of(tx.sightings.put(after));
}

/** Whether both of a pair are there. */
function* isWhole(tx: PeopleTables, { person, other, isFace }: StoredPair): Deed<boolean> {
  if (!(yield* of(tx.persons.byId(person)))) return false;
  if (isFace) return (yield* of(tx.faces.byIds([other]))).length > 0;
  return (yield* of(tx.persons.byId(other))) !== undefined;
}

/** Takes a person away of whom no face and no sighting is left. */
function* removeEmpty(tx: PeopleTables, id: string, moved: ReadonlyMap<number, string | null>): Deed<void> {
  const person = yield* of(tx.persons.byId(id));
  if (!person || [...moved.values()].includes(id)) return;
  if ((yield* of(tx.sightings.count(id))) > 0) return;
  if ((yield* facesOfPerson(tx, id)).some(({ seq }) => !moved.has(seq))) return;
  yield* dropPairs(tx, [personMark(id)]);
  yield* putPerson(tx, person, null);
}

/** Forgets what was said of some people and faces. */
export function* dropPairs(tx: Pick<PeopleTables, 'pairs'>, marks: readonly string[]): Deed<void> {
  for (const pair of yield* of(tx.pairs.of(marks))) yield* of(tx.pairs.delete(pair));
}

/** Forgets changes that name a person: nothing of somebody who was deleted can be brought back. */
export function* forgetSteps(tx: PeopleTables, id: string): Deed<void> {
  for (const entry of yield* of(tx.journal.all()))
    if (namesPerson(entry, id)) yield* of(tx.journal.delete(entry.no));
}

function namesPerson(entry: JournalEntry, id: string): boolean {
  const pairs = [...entry.pairsAdded, ...entry.pairsRemoved];
  return (
    entry.persons.some(({ before, after }) => before?.id === id || after?.id === id) ||
    [...entry.faces, ...entry.sightings].some(({ from, to }) => from === id || to === id) ||
    pairs.some((pair) => marksOf(pair).includes(personMark(id)))
  );
}

/** Pairs, each once. */
export function distinctPairs(pairs: readonly StoredPair[]): readonly StoredPair[] {
  return [...new Map(pairs.map((pair) => [pairKey(pair), pair])).values()];
}
