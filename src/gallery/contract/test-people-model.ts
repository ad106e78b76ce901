/** Who is who, in plain Maps: what the people of a database should be across any run of changes. */
import fc from 'fast-check';

/** A change; numbers pick whoever is there. */
export type PeopleCommand =
  | { readonly kind: 'add'; readonly person: number; readonly meta: string }
  | { readonly kind: 'merge'; readonly into: number; readonly from: readonly number[] }
  | { readonly kind: 'split'; readonly person: number; readonly picks: readonly number[] }
  | { readonly kind: 'move'; readonly faces: readonly number[]; readonly person: number }
  | { readonly kind: 'not-same'; readonly a: number; readonly b: number; readonly isFace: boolean }
  | { readonly kind: 'rename'; readonly person: number; readonly meta: string }
  | { readonly kind: 'delete-person'; readonly person: number }
  | { readonly kind: 'delete-face'; readonly face: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'reopen' };

const n = fc.nat(30);
const metas = fc.constantFrom('', 'Sam', 'Ünï 𝕊');
const some = fc.array(n, { minLength: 1, maxLength: 3 });
const of = fc.constant;

export const peopleCommands: fc.Arbitrary<PeopleCommand[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: of('add' as const), person: n, meta: metas }) },
    { weight: 4, arbitrary: fc.record({ kind: of('merge' as const), into: n, from: some }) },
    { weight: 4, arbitrary: fc.record({ kind: of('split' as const), person: n, picks: some }) },
    { weight: 4, arbitrary: fc.record({ kind: of('move' as const), faces: some, person: n }) },
    { weight: 4, arbitrary: fc.record({ kind: of('not-same' as const), a: n, b: n, isFace: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: of('rename' as const), person: n, meta: metas }) },
    { weight: 1, arbitrary: fc.record({ kind: of('delete-person' as const), person: n }) },
    { weight: 2, arbitrary: fc.record({ kind: of('delete-face' as const), face: n }) },
    { weight: 6, arbitrary: of({ kind: 'undo' as const }) },
    { weight: 1, arbitrary: of({ kind: 'reopen' as const }) },
  ),
  { minLength: 4, maxLength: 50, size: 'max' },
);

export interface ModelPerson {
  readonly id: string;
  meta: string;
}

interface ModelMove {
  readonly face: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly metas: readonly [string, string];
}

interface ModelStep {
  /** Whom others were merged into. */
  readonly into?: string;
  readonly made: readonly ModelPerson[];
  readonly removed: readonly ModelPerson[];
  readonly renamed: readonly { readonly id: string; readonly metas: readonly [string, string] }[];
  readonly moves: readonly ModelMove[];
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

export interface ModelFaceOf {
  meta: string;
  person: string | undefined;
}

const FACE = 'a face: ';

/** A pair as one text, whichever way round. */
export const pairText = (a: string, b: string): string => [a, b].toSorted().join(' | ');
export const faceText = (face: string): string => FACE + face;

export class PeopleModel {
  readonly faces: Map<string, ModelFaceOf> = new Map();
  readonly persons: Map<string, ModelPerson> = new Map();
  readonly pairs: Set<string> = new Set();
  readonly steps: ModelStep[] = [];

  facesOf(person: string): readonly string[] {
    return [...this.faces].filter(([, face]) => face.person === person).map(([id]) => id);
  }

  pick<T>(all: Iterable<T>, number: number): T | undefined {
    const list = [...all];
    return list[number % Math.max(1, list.length)];
  }

  add(id: string, person: string, meta: string): void {
    this.faces.set(id, { person, meta });
    if (!this.persons.has(person)) this.persons.set(person, { id: person, meta });
  }

  merge(into: string, from: readonly string[]): void {
    const target = this.#person(into);
    const others = [...new Set(from)].map((id) => this.#person(id));
    const meta = [target, ...others].find((person) => person.meta !== '')?.meta ?? '';
    const moves = [target, ...others]
      .filter((person) => person !== target || target.meta !== meta)
      .flatMap((person) => this.#moves(this.facesOf(person.id), into, person.meta, meta));
    const gone = new Set(others.map(({ id }) => id));
    const theirs = new Set([...moves.map(({ face }) => face), ...this.facesOf(into)]);
    const [added, dropped]: [string[], string[]] = [[], []];
    for (const pair of this.pairs) {
      const ends = pair.split(' | ');
      if (!ends.some((end) => end === into || gone.has(end))) continue;
      const after = ends.map((end) => (gone.has(end) ? into : end));
      const face = after.find((end) => end.startsWith(FACE))?.slice(FACE.length);
      const holds = face === undefined ? after[0] !== after[1] : !theirs.has(face);
      const text = pairText(after[0] as string, after[1] as string);
      if (text === pair && holds) continue;
      dropped.push(pair);
      if (holds && !this.pairs.has(text)) added.push(text);
    }
    const renamed = target.meta === meta ? [] : [{ id: into, metas: [target.meta, meta] as const }];
    this.#take({ ...NOTHING, into, removed: others, renamed, moves, added, dropped });
  }

  split(person: string, faces: readonly string[], made: string, said: readonly string[] = []): void {
    const { meta } = this.#person(person);
    const inherited = [...this.pairs].flatMap((pair) => {
      const ends = pair.split(' | ');
      if (!ends.includes(person)) return [];
      const other = ends.find((end) => end !== person) as string;
      return faces.some((face) => faceText(face) === other) ? [] : [pairText(other, made)];
    });
    const added = [...new Set([pairText(person, made), ...inherited, ...said])];
    const isEmpty = meta === '' && faces.length === this.facesOf(person).length;
    this.#take({
      ...NOTHING,
      made: [{ id: made, meta: '' }],
      removed: isEmpty ? [this.#person(person)] : [],
      moves: this.#moves(faces, made, meta, ''),
      added,
    });
  }

  move(ids: readonly string[], person: string): void {
    const target = this.#person(person);
    const faces = [...new Set(ids)].filter((id) => this.faces.get(id)?.person !== person);
    if (faces.length === 0) return;
    const from = new Set(faces.map((id) => this.faces.get(id)?.person as string));
    const moves = [...from].flatMap((id) =>
      this.#moves(
        faces.filter((face) => this.faces.get(face)?.person === id),
        person,
        this.#person(id).meta,
        target.meta,
      ),
    );
    const removed = [...from]
      .map((id) => this.#person(id))
      .filter(({ id, meta }) => meta === '' && this.facesOf(id).every((face) => faces.includes(face)));
    const added = faces
      .map((face) => pairText(faceText(face), this.faces.get(face)?.person as string))
      .filter((pair) => !this.pairs.has(pair));
    const dropped = faces
      .map((face) => pairText(faceText(face), person))
      .filter((pair) => this.pairs.has(pair));
    this.#take({ ...NOTHING, removed, moves, added, dropped });
  }

  remember(pair: string): void {
    if (!this.pairs.has(pair)) this.#take({ ...NOTHING, added: [pair] });
  }

  rename(id: string, meta: string): void {
    const person = this.#person(id);
    for (const face of this.facesOf(id)) {
      const known = this.faces.get(face) as ModelFaceOf;
      if (known.meta === person.meta || known.meta === '') known.meta = meta;
    }
    person.meta = meta;
  }

  deletePerson(id: string): void {
    const faces = new Set(this.facesOf(id));
    for (const face of faces) this.deleteFace(face);
    this.persons.delete(id);
    this.#dropPairs(id);
    const gone = new Set([id]);
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i] as ModelStep;
      if (![...gone].some((one) => names(step, one)) && !step.moves.some(({ face }) => faces.has(face)))
        continue;
      const givers = step.moves.filter(({ to }) => gone.has(to)).map(({ from }) => from);
      for (const { id: ended } of step.removed)
        if (gone.has(step.into ?? '') || givers.includes(ended)) gone.add(ended);
      this.steps.splice(i, 1);
    }
  }

  deleteFace(id: string): void {
    this.faces.delete(id);
    this.#dropPairs(faceText(id));
    const stays = (pair: string): boolean => !pair.split(' | ').includes(faceText(id));
    for (const [i, step] of this.steps.entries())
      this.steps[i] = { ...step, added: step.added.filter(stays), dropped: step.dropped.filter(stays) };
  }

  undo(): boolean {
    const step = this.steps.pop();
    if (!step) return false;
    const moves = step.moves.map(({ face, from, to, metas: [before, after] }) => ({
      ...{ face, from: to, to: from as string, metas: [after, before] as const },
    }));
    const renamed = step.renamed.map(({ id, metas: [before, after] }) => ({
      id,
      metas: [after, before] as const,
    }));
    const { made: removed, removed: made, added: dropped, dropped: added } = step;
    this.#apply({ made, removed, renamed, moves, added, dropped });
    return true;
  }

  #person(id: string): ModelPerson {
    return this.persons.get(id) as ModelPerson;
  }

  #moves(faces: readonly string[], to: string, called: string, meta: string): readonly ModelMove[] {
    return faces.map((face) => {
      const known = this.faces.get(face) as ModelFaceOf;
      const isCalled = known.meta === called || known.meta === '';
      return { face, from: known.person, to, metas: [known.meta, isCalled ? meta : known.meta] };
    });
  }

  #take(step: ModelStep): void {
    const copy = { ...step, removed: step.removed.map((person) => ({ ...person })) };
    const before = [...this.pairs];
    this.#apply(copy);
    // What was said of somebody who went comes back with them.
    const dropped = before.filter((pair) => !this.pairs.has(pair));
    this.steps.push({ ...copy, dropped });
    if (this.steps.length > 20) this.steps.shift();
  }

  #apply({ made, removed, renamed, moves, added, dropped }: ModelStep): void {
    for (const person of made) if (!this.persons.has(person.id)) this.persons.set(person.id, { ...person });
    for (const {
      id,
      metas: [before, after],
    } of renamed) {
      const person = this.persons.get(id);
      if (person?.meta === before) person.meta = after;
    }
    for (const {
      face,
      from,
      to,
      metas: [before, after],
    } of moves) {
      const known = this.faces.get(face);
      if (!known || known.person !== from || !this.persons.has(to)) continue;
      known.person = to;
      if (known.meta === before) known.meta = after;
    }
    for (const pair of dropped) this.pairs.delete(pair);
    for (const pair of added) if (this.#isWhole(pair)) this.pairs.add(pair);
    for (const { id } of removed) {
      if (this.facesOf(id).length > 0) continue;
      this.persons.delete(id);
      this.#dropPairs(id);
    }
  }

  #isWhole(pair: string): boolean {
    return pair
      .split(' | ')
      .every((end) =>
        end.startsWith(FACE) ? this.faces.has(end.slice(FACE.length)) : this.persons.has(end),
      );
  }

  #dropPairs(end: string): void {
    for (const pair of [...this.pairs]) if (pair.split(' | ').includes(end)) this.pairs.delete(pair);
  }
}

const NOTHING: ModelStep = { made: [], removed: [], renamed: [], moves: [], added: [], dropped: [] };

function names({ into, made, removed, renamed, moves, added, dropped }: ModelStep, id: string): boolean {
  return (
    into === id ||
    [...made, ...removed, ...renamed].some((person) => person.id === id) ||
    moves.some(({ from, to }) => from === id || to === id) ||
    [...added, ...dropped].some((pair) => pair.split(' | ').includes(id))
  );
}
