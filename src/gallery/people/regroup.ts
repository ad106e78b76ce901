/** Faces of nobody, and perhaps those of people without a name, put together by likeness. */
import type { Regrouping } from '../../core/people.ts';
import { randomId } from '../../core/random-id.ts';
import type { FaceGraph } from '../searcher.ts';
import { groupBy } from '../group-by.ts';
import type { StoredFace } from '../stored.ts';
import { Apart } from './apart.ts';
import { movesOf, newStep, sightingsOf, sightingsOfFaces } from './changes.ts';
import { type Coroutine, of } from './coroutine.ts';
import { havingFaces } from './persons.ts';
import { distinctPairs, take } from './steps.ts';
import {
  type Moved,
  pairKey,
  pairOfFace,
  pairOfPeople,
  type PersonChange,
  personMark,
  type StoredPair,
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
  readonly apart: Apart;
  readonly rule: RegroupRule;
}

/**
 * Puts the faces of each group of a graph together. One that is of nobody joins the person of the face in its group that is most like it,
 * or of those that joined before; those that nobody is found for make a person, who is called as most of them are. People with a name keep their faces, and so do the others
 * unless the rule says otherwise: then the faces of each group go to whom most of them were of. What was said not to be the same stays
 * apart, also from whoever else's faces one of them takes in, and is said of these from then on. It is one step that can be taken back.
 */
export function* regroup(
  tx: PeopleTables,
  graphs: readonly FaceGraph[],
  rule: RegroupRule,
): Coroutine<Regrouping> {
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
      for (const { faces: bucket, marks } of bucketsOf(rest.map(faceOf), known)) {
        const id = reused(bucket, used) ?? (bucket.length >= rule.minSize ? randomId() : undefined);
        if (id === undefined) continue;
        if (!known.persons.has(id)) {
          const number = tx.counters.nextPerson;
          tx.counters = { ...tx.counters, nextPerson: number + 1 };
          made.push({ id, number, meta: commonMeta(bucket), auto: true });
        }
        used.add(id);
        known.apart.hold(id, marks);
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
  { persons, apart }: Known,
): Coroutine<void> {
  const faces: Moved[] = [];
  const names = new Map(made.map((person) => [person.id, person]));
  const sightings: Moved[] = [];
  for (const [to, some] of groupBy(moved, (move) => move.to)) {
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
    for (let at = 0; at < some.length; at += SLICE) {
      const ids = some.slice(at, at + SLICE).map(({ face }) => face.id);
      sightings.push(...(yield* sightingsOfFaces(tx, ids, to)));
    }
  }
  const emptied = yield* emptiedBy(tx, moved, persons);
  const rest = yield* restOfSightings(tx, moved, emptied, sightings);
  const changes: PersonChange[] = [
    ...made.map((after) => ({ before: null, after })),
    ...emptied.map((before) => ({ before, after: null })),
  ];
  const pairsAdded = inherited(apart.pairs, moved, emptied);
  yield* take(tx, {
    ...newStep('regroup'),
    persons: changes,
    faces,
    sightings: [...sightings, ...rest],
    pairsAdded,
  });
}

/** Those who have no face left. */
function* emptiedBy(
  tx: PeopleTables,
  moved: readonly FaceMove[],
  persons: ReadonlyMap<string, StoredPerson>,
): Coroutine<readonly StoredPerson[]> {
  const from = new Set(moved.map(({ face }) => face.personId).filter((id) => id !== undefined));
  const gone = new Set(moved.map(({ face }) => face.seq));
  const keeping = yield* havingFaces(tx, [...from], (seq) => gone.has(seq));
  return [...from]
    .map((id) => persons.get(id))
    .filter((person) => person && !keeping.has(person.id)) as StoredPerson[];
}

/** The sightings of somebody who has no face left, and that no face was made of, go where most of the faces went. */
function* restOfSightings(
  tx: PeopleTables,
  moved: readonly FaceMove[],
  emptied: readonly StoredPerson[],
  known: readonly Moved[],
): Coroutine<readonly Moved[]> {
  const follow = new Set(known.flatMap(({ seqs }) => seqs));
  const byOwner = groupBy(moved, ({ face }) => face.personId);
  const rest: Moved[] = [];
  for (const { id: from } of emptied) {
    const some = byOwner.get(from) ?? [];
    const to = [...groupBy(some, (move) => move.to)].sort((a, b) => b[1].length - a[1].length)[0]?.[0];
    const seqs = (yield* sightingsOf(tx, from)).filter((seq) => !follow.has(seq));
    if (to !== undefined && seqs.length > 0) rest.push({ from, to, seqs });
  }
  return rest;
}

/** What was said of somebody is said of whom their faces went to; nobody comes to be other than themselves by it. */
function inherited(
  pairs: readonly StoredPair[],
  moved: readonly FaceMove[],
  emptied: readonly StoredPerson[],
): readonly StoredPair[] {
  if (pairs.length === 0) return [];
  const gone = new Set(emptied.map(({ id }) => id));
  const went = new Map(
    Array.from(
      groupBy(moved, ({ face }) => face.personId),
      ([from, some]) => [from, new Set(some.map(({ to }) => to))],
    ),
  );
  const nowIn = new Map(moved.map(({ face, to }) => [face.id, to]));
  const images = (id: string): readonly string[] => [...(gone.has(id) ? [] : [id]), ...(went.get(id) ?? [])];
  const known = new Set(pairs.map(pairKey));
  const all = pairs.flatMap(({ person, other, isFace }) =>
    images(person).flatMap((one): StoredPair[] => {
      if (isFace) return nowIn.get(other) === one ? [] : [pairOfFace(other, one)];
      return images(other)
        .filter((id) => id !== one)
        .map((id) => pairOfPeople(one, id));
    }),
  );
  return distinctPairs(all).filter((pair) => !known.has(pairKey(pair)));
}

function* readKnown(tx: PeopleTables, seqs: readonly number[], rule: RegroupRule): Coroutine<Known> {
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
  const named = new Set(pairs.filter(({ isFace }) => isFace).map(({ other }) => other));
  const apart = new Apart(pairs, yield* of(tx.faces.byIds([...named])));
  return { faces, persons, apart, rule };
}

/** Whether a face may go to somebody else. */
function isFree({ personId }: StoredFace, { persons, rule }: Known): boolean {
  return personId === undefined || (rule.unnamed && (persons.get(personId)?.meta ?? '') === '');
}

/** Lets the free faces of a group join those who keep theirs, round by round, and answers those that found nobody. */
function join(
  group: readonly number[],
  faceOf: (node: number) => StoredFace,
  neighbours: (node: number) => readonly { readonly node: number; readonly weight: number }[],
  known: Known,
  targets: Map<number, string>,
): readonly number[] {
  const { apart } = known;
  const owners = new Map<number, string>();
  for (const node of group) {
    const face = faceOf(node);
    if (!isFree(face, known) && face.personId !== undefined) owners.set(node, face.personId);
  }
  let left = group.filter((node) => isFree(faceOf(node), known));
  for (let isChanged = owners.size > 0; isChanged;) {
    const joined = new Map<number, string>();
    for (const node of left) {
      const marks = apart.ofFace(faceOf(node));
      let [best, most] = ['', -Infinity];
      for (const { node: other, weight } of neighbours(node)) {
        const owner = owners.get(other);
        if (owner !== undefined && weight > most && apart.mayBe(marks, apart.ofPerson(owner)))
          [best, most] = [owner, weight];
      }
      if (best === '') continue;
      joined.set(node, best);
      apart.hold(best, marks);
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

/** Faces that go to one person, and what they stand for. */
interface Bucket {
  readonly faces: StoredFace[];
  readonly marks: string[];
}

/** Faces of one group, parted where those they were of are not the same; those of nobody are with the most of whom they may be. */
function bucketsOf(faces: readonly StoredFace[], { apart }: Known): readonly Bucket[] {
  const byOwner = [...groupBy(faces, ({ personId }) => personId ?? '')].sort(
    ([a, some], [b, others]) => Number(a === '') - Number(b === '') || others.length - some.length,
  );
  const buckets: Bucket[] = [];
  const put = (some: readonly StoredFace[], marks: readonly string[]): void => {
    const bucket = buckets.find((known) => apart.mayBe(marks, known.marks));
    if (!bucket) return void buckets.push({ faces: [...some], marks: [...marks] });
    bucket.faces.push(...some);
    bucket.marks.push(...marks);
  };
  for (const [owner, some] of byOwner)
    if (owner === '') for (const face of some) put([face], apart.ofFace(face));
    else put(some, [...apart.ofPerson(owner), ...some.flatMap((face) => apart.ofFace(face))]);
  return buckets;
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
