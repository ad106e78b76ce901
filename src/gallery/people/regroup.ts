/** Faces of nobody, and perhaps those of people without a name, put together by likeness. */
import type { Regrouping } from '../../core/people.ts';
import { randomId } from '../../core/random-id.ts';
import type { FaceGraph } from '../searcher.ts';
import { groupBy } from '../group-by.ts';
import type { StoredFace } from '../stored.ts';
import { movesOf, newStep, sightingsOf } from './changes.ts';
import { type Deed, of } from './deed.ts';
import { take } from './steps.ts';
import {
  type Moved,
  pairKey,
  pairOfFace,
  pairOfPeople,
  type PersonChange,
  personMark,
  type StoredPerson,
} from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** How faces are put together. */
export interface RegroupRule {
  /** Whether the faces of people without a name are put together anew as well. */
  readonly unnamed: boolean;
  /** Faces of the smallest person that is made. */
  readonly minSize: number;
}

/** Faces, and people, read at a time. */
const SLICE = 500;

/** What is known while faces are put together. */
interface Known {
  readonly faces: ReadonlyMap<number, StoredFace>;
  readonly persons: ReadonlyMap<string, StoredPerson>;
  /** Keys of who is not the same. */
  readonly pairs: ReadonlySet<string>;
  readonly rule: RegroupRule;
}

/**
 * Puts the faces of each group of a graph together. One that is of nobody joins the person of the face in its group that is most like it,
 * or of those that joined before; those that nobody is found for make a person, who is called as most of them are. People with a name keep their faces, and so do the others
 * unless the rule says otherwise: then the faces of each group go to whom most of them were of. What was said not to be the same stays
 * apart. It is one step that can be taken back.
 */
export function* regroup(
  tx: PeopleTables,
  graphs: readonly FaceGraph[],
  rule: RegroupRule,
): Deed<Regrouping> {
  const known = yield* readKnown(
    tx,
    graphs.flatMap(({ seqs }) => seqs),
    rule,
  );
  const targets = new Map<number, string>();
  const made: StoredPerson[] = [];
  const used = new Set<string>();
  for (const { seqs, clusters } of graphs)
    for (const group of clusters.groups()) {
      const there = group.filter((node) => known.faces.has(seqs[node] as number));
      const faceOf = (node: number): StoredFace => known.faces.get(seqs[node] as number) as StoredFace;
      const rest = join(there, faceOf, (node) => clusters.neighbours(node), known, targets);
      for (const bucket of bucketsOf(rest.map(faceOf), known)) {
        const id = reused(bucket, used) ?? (bucket.length >= rule.minSize ? randomId() : undefined);
        if (id === undefined) continue;
        if (!known.persons.has(id)) {
          const number = tx.counters.nextPerson;
          tx.counters = { ...tx.counters, nextPerson: number + 1 };
          made.push({ id, number, meta: commonMeta(bucket), auto: true });
        }
        used.add(id);
        for (const { seq } of bucket) targets.set(seq, id);
      }
    }
  const moved = [...targets]
    .map(([seq, to]) => ({ face: known.faces.get(seq) as StoredFace, to }))
    .filter(({ face, to }) => face.personId !== to);
  if (moved.length > 0) yield* takeMoves(tx, moved, made, known);
  return { made: made.length, assigned: moved.length };
}

interface FaceMove {
  readonly face: StoredFace;
  readonly to: string;
}

function* takeMoves(
  tx: PeopleTables,
  moved: readonly FaceMove[],
  made: readonly StoredPerson[],
  { persons }: Known,
): Deed<void> {
  const faces: Moved[] = [];
  const names = new Map(made.map((person) => [person.id, person]));
  for (const [to, some] of groupBy(moved, (move) => move.to))
    for (const [from, those] of groupBy(some, ({ face }) => face.personId)) {
      const called = from === undefined ? '' : (persons.get(from)?.meta ?? '');
      const meta = (persons.get(to) ?? names.get(to))?.meta ?? '';
      faces.push(
        ...movesOf(
          those.map(({ face }) => face),
          to,
          called,
          meta,
        ),
      );
    }
  const { sightings, emptied } = yield* sightingsOfEmptied(tx, moved, persons);
  const changes: PersonChange[] = [
    ...made.map((after) => ({ before: null, after })),
    ...emptied.map((before) => ({ before, after: null })),
  ];
  yield* take(tx, { ...newStep('regroup'), persons: changes, faces, sightings });
}

/** The sightings of somebody who has no face left go where most of the faces went. */
function* sightingsOfEmptied(
  tx: PeopleTables,
  moved: readonly FaceMove[],
  persons: ReadonlyMap<string, StoredPerson>,
): Deed<{ readonly sightings: readonly Moved[]; readonly emptied: readonly StoredPerson[] }> {
  const sightings: Moved[] = [];
  const emptied: StoredPerson[] = [];
  for (const [from, some] of groupBy(moved, ({ face }) => face.personId)) {
    const person = from === undefined ? undefined : persons.get(from);
    if (from === undefined || !person) continue;
    const gone = new Set(some.map(({ face }) => face.seq));
    const all = tx.index.ofPeople([tx.tag(from)]).filter((seq) => tx.isSeen(seq));
    if (!all.every((seq) => gone.has(seq))) continue;
    emptied.push(person);
    const to = [...groupBy(some, (move) => move.to)].sort((a, b) => b[1].length - a[1].length)[0]?.[0];
    const seqs = yield* sightingsOf(tx, from);
    if (to !== undefined && seqs.length > 0) sightings.push({ from, to, seqs });
  }
  return { sightings, emptied };
}

function* readKnown(tx: PeopleTables, seqs: readonly number[], rule: RegroupRule): Deed<Known> {
  const faces = new Map<number, StoredFace>();
  for (let from = 0; from < seqs.length; from += SLICE)
    for (const face of yield* of(tx.faces.bySeqs(seqs.slice(from, from + SLICE)))) faces.set(face.seq, face);
  const persons = new Map<string, StoredPerson>();
  for (let after = 0, isEnd = false; !isEnd;) {
    const some = yield* of(tx.persons.after(after, SLICE));
    for (const person of some) persons.set(person.id, person);
    after = some.at(-1)?.number ?? after;
    isEnd = some.length < SLICE;
  }
  const pairs = yield* of(tx.pairs.of([...persons.keys()].map(personMark)));
  return { faces, persons, pairs: new Set(pairs.map(pairKey)), rule };
}

/** Whether a face may go to somebody else. */
function isFree({ personId }: StoredFace, { persons, rule }: Known): boolean {
  return personId === undefined || (rule.unnamed && (persons.get(personId)?.meta ?? '') === '');
}

function mayBe(face: StoredFace, person: string, { pairs }: Known): boolean {
  if (pairs.has(pairKey(pairOfFace(face.id, person)))) return false;
  return face.personId === undefined || !pairs.has(pairKey(pairOfPeople(face.personId, person)));
}

/** Lets the free faces of a group join those who keep theirs, round by round, and answers those that found nobody. */
function join(
  group: readonly number[],
  faceOf: (node: number) => StoredFace,
  neighbours: (node: number) => readonly { readonly node: number; readonly weight: number }[],
  known: Known,
  targets: Map<number, string>,
): readonly number[] {
  const owners = new Map<number, string>();
  for (const node of group) {
    const face = faceOf(node);
    if (!isFree(face, known) && face.personId !== undefined) owners.set(node, face.personId);
  }
  let left = group.filter((node) => isFree(faceOf(node), known));
  for (let isChanged = owners.size > 0; isChanged;) {
    const joined = new Map<number, string>();
    for (const node of left) {
      let [best, most] = ['', -Infinity];
      for (const { node: other, weight } of neighbours(node)) {
        const owner = owners.get(other);
        if (owner !== undefined && weight > most && mayBe(faceOf(node), owner, known))
          [best, most] = [owner, weight];
      }
      if (best !== '') joined.set(node, best);
    }
    for (const [node, owner] of joined) {
      owners.set(node, owner);
      targets.set(faceOf(node).seq, owner);
    }
    left = left.filter((node) => !joined.has(node));
    isChanged = joined.size > 0;
  }
  return left;
}

/** Faces of one group, parted where those they were of are not the same; those of nobody are with the most. */
function bucketsOf(faces: readonly StoredFace[], known: Known): readonly (readonly StoredFace[])[] {
  const byOwner = [...groupBy(faces, ({ personId }) => personId ?? '')].sort(
    ([a, some], [b, others]) => Number(a === '') - Number(b === '') || others.length - some.length,
  );
  const buckets: { readonly owners: Set<string>; readonly faces: StoredFace[] }[] = [];
  for (const [owner, some] of byOwner) {
    const fits = ({ owners }: { readonly owners: ReadonlySet<string> }): boolean =>
      [...owners].every(
        (other) =>
          !known.pairs.has(pairKey(pairOfPeople(owner, other))) &&
          some.every((face) => mayBe(face, other, known)),
      );
    const bucket = owner === '' ? buckets[0] : buckets.find(fits);
    if (bucket) {
      bucket.faces.push(...some);
      if (owner !== '') bucket.owners.add(owner);
    } else buckets.push({ owners: new Set(owner === '' ? [] : [owner]), faces: [...some] });
  }
  return buckets.map((bucket) => bucket.faces);
}

/** Whom most of the faces were of, if nobody else's are given to them already. */
function reused(bucket: readonly StoredFace[], used: ReadonlySet<string>): string | undefined {
  const byOwner = [...groupBy(bucket, ({ personId }) => personId)].sort((a, b) => b[1].length - a[1].length);
  return byOwner.map(([owner]) => owner).find((owner) => owner !== undefined && !used.has(owner));
}

/** What most of the faces that have a meta are called; empty where none has one. */
function commonMeta(faces: readonly StoredFace[]): string {
  const named = groupBy(
    faces.filter(({ meta }) => meta !== ''),
    ({ meta }) => meta,
  );
  return [...named].sort((a, b) => b[1].length - a[1].length)[0]?.[0] ?? '';
}
