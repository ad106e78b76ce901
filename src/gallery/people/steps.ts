/** Changes of who is who, which are noted and can be taken back. */
import type { UndonePeopleChange } from '../../core/people.ts';
import type { StoredFace } from '../stored.ts';
import { type Coroutine, of } from './coroutine.ts';
import { havingFaces, putPerson } from './persons.ts';
import {
  bytesOfRecord,
  type JournalEntry,
  type Moved,
  pairKey,
  type PeopleStep,
  personMark,
  type StoredPair,
  type StoredPerson,
  type StoredSighting,
} from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** How many changes can be taken back; earlier ones are forgotten. */
export const MAX_UNDO = 20;

/** Records read at a time. */
const SLICE = 500;

/** Does a change and notes in the journal what it did, with what was said of people who went with it. */
export function* take(tx: PeopleTables, step: PeopleStep): Coroutine<void> {
  const { ended, dropped } = yield* apply(tx, step);
  const no = tx.counters.nextStep;
  tx.counters = { ...tx.counters, nextStep: no + 1 };
  const added = new Set(step.pairsAdded.map(pairKey));
  const gone = dropped.filter((pair) => !added.has(pairKey(pair)));
  const pairsRemoved = distinctPairs([...step.pairsRemoved, ...gone]);
  // Who did not go is not noted as gone: what was done to them before can still be taken back when those who came of them are deleted.
  const persons = step.persons.filter(({ before, after }) => !before || after || ended.has(before.id));
  yield* of(tx.journal.put({ ...step, persons, pairsRemoved, no }));
  const all = yield* of(tx.journal.all());
  for (const old of all.slice(0, Math.max(0, all.length - MAX_UNDO))) yield* of(tx.journal.delete(old.no));
}

/** Takes back the last change; nothing where there is none. */
export function* undo(tx: PeopleTables): Coroutine<UndonePeopleChange | null> {
  const last = yield* of(tx.journal.last());
  if (!last) return null;
  yield* of(tx.journal.delete(last.no));
  const { what, timeMs } = last;
  return { what, timeMs, faces: (yield* apply(tx, reversed(last))).faces };
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
 * people of whom something is left stay. Answers how many faces changed hands, who went, and what had been said of them.
 */
function* apply(
  tx: PeopleTables,
  step: PeopleStep,
): Coroutine<{
  readonly faces: number;
  readonly ended: ReadonlySet<string>;
  readonly dropped: readonly StoredPair[];
}> {
  const { persons, faces, sightings, pairsAdded, pairsRemoved } = step;
  for (const { before, after } of persons) {
    if (!after) continue;
    const present = (yield* of(tx.persons.byId(after.id))) ?? null;
    if (!before && !present) yield* putPerson(tx, null, after);
    else if (before && present?.meta === before.meta && present.meta !== after.meta)
      yield* putPerson(tx, present, { ...present, meta: after.meta });
  }
  // A coroutine's index does not see what the coroutine has changed.
  const left = new Map<number, string | null>();
  for (const moved of faces) yield* moveFaces(tx, moved, left);
  for (const moved of sightings) yield* moveSightings(tx, moved);
  for (const pair of pairsRemoved) yield* of(tx.pairs.delete(pair));
  for (const pair of pairsAdded) if (yield* isWhole(tx, pair)) yield* of(tx.pairs.put(pair));
  const ending = persons.flatMap(({ before, after }) => (before && !after ? [before.id] : []));
  const ended = yield* removeEmpty(tx, ending, left);
  const dropped = yield* dropPairs(tx, ended.map(personMark));
  return { faces: left.size, ended: new Set(ended), dropped };
}

/** @param moved - takes up the numbers of those that change hands, and whose they are then */
function* moveFaces(
  tx: PeopleTables,
  { from, to, seqs, metas }: Moved,
  moved: Map<number, string | null>,
): Coroutine<void> {
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
    if (from !== to) for (const { seq } of there) moved.set(seq, to);
  }
}

function* moveSightings(tx: PeopleTables, { from, to, seqs }: Moved): Coroutine<void> {
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
): Coroutine<void> {
  const bytes = tx.counters.bytes + bytesOfRecord(after) - bytesOfRecord(before);
  tx.counters = { ...tx.counters, bytes };
  yield* of(tx.sightings.put(after));
}

/** Whether both of a pair are there. */
function* isWhole(tx: PeopleTables, { person, other, isFace }: StoredPair): Coroutine<boolean> {
  if (!(yield* of(tx.persons.byId(person)))) return false;
  if (isFace) return (yield* of(tx.faces.byIds([other]))).length > 0;
  return (yield* of(tx.persons.byId(other))) !== undefined;
}

/** Takes people away of whom no face and no sighting is left, and answers who they were. */
function* removeEmpty(
  tx: PeopleTables,
  ids: readonly string[],
  moved: ReadonlyMap<number, string | null>,
): Coroutine<readonly string[]> {
  const given = new Set(moved.values());
  const empty: StoredPerson[] = [];
  for (const id of ids) {
    const person = given.has(id) ? undefined : yield* of(tx.persons.byId(id));
    if (person && (yield* of(tx.sightings.count(id))) === 0) empty.push(person);
  }
  const keeping = yield* havingFaces(
    tx,
    empty.map(({ id }) => id),
    (seq) => moved.has(seq),
  );
  const gone = empty.filter(({ id }) => !keeping.has(id));
  for (const person of gone) yield* putPerson(tx, person, null);
  return gone.map(({ id }) => id);
}

/** Forgets what was said of some people and faces, and answers it. */
export function* dropPairs(
  tx: Pick<PeopleTables, 'pairs'>,
  marks: readonly string[],
): Coroutine<readonly StoredPair[]> {
  if (marks.length === 0) return [];
  const dropped = yield* of(tx.pairs.of(marks));
  for (const pair of dropped) yield* of(tx.pairs.delete(pair));
  return dropped;
}

/** Faces and sightings, by number. */
export interface Erased {
  readonly faces: ReadonlySet<number>;
  readonly sightings: ReadonlySet<number>;
}

/**
 * Forgets changes that name people who were deleted, or those who ended in them before, or that moved what was theirs: nothing of
 * somebody who was deleted can be brought back.
 */
export function* forgetSteps(tx: PeopleTables, people: Iterable<string>, erased: Erased): Coroutine<void> {
  const gone = new Set(people);
  // The last first: who ended in somebody may be named by earlier ones.
  for (const entry of (yield* of(tx.journal.all())).toReversed()) {
    if (!namesOne(entry, gone) && !movedOne(entry, erased)) continue;
    for (const id of endedIn(entry, gone)) gone.add(id);
    yield* of(tx.journal.delete(entry.no));
  }
}

function namesOne(entry: JournalEntry, people: ReadonlySet<string>): boolean {
  const isOne = (id: string | null | undefined): boolean => typeof id === 'string' && people.has(id);
  return (
    entry.persons.some(({ before, after }) => isOne(before?.id) || isOne(after?.id)) ||
    [...entry.faces, ...entry.sightings].some(({ from, to }) => isOne(from) || isOne(to)) ||
    [...entry.pairsAdded, ...entry.pairsRemoved].some(
      ({ person, other, isFace }) => isOne(person) || (!isFace && isOne(other)),
    )
  );
}

function movedOne({ faces, sightings }: JournalEntry, erased: Erased): boolean {
  return (
    faces.some(({ seqs }) => seqs.some((seq) => erased.faces.has(seq))) ||
    sightings.some(({ seqs }) => seqs.some((seq) => erased.sightings.has(seq)))
  );
}

/** Those who went with a change that gave what was theirs to one of some people. */
function endedIn(
  { what, persons, faces, sightings }: JournalEntry,
  people: ReadonlySet<string>,
): readonly string[] {
  const ended = persons.flatMap(({ before, after }) => (before && !after ? [before.id] : []));
  if (what === 'merge') return persons.some(({ after }) => after && people.has(after.id)) ? ended : [];
  const given = [...faces, ...sightings].filter(({ to }) => to !== null && people.has(to));
  const givers = new Set(given.map(({ from }) => from));
  return ended.filter((id) => givers.has(id));
}

/** Pairs, each once. */
export function distinctPairs(pairs: readonly StoredPair[]): readonly StoredPair[] {
  return [...new Map(pairs.map((pair) => [pairKey(pair), pair])).values()];
}
