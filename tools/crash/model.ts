import type { Operation } from './operations.ts';

/** The galleries that a run works with; `default` is always there. */
export const GALLERIES = ['default', 'left', 'right'] as const;

/** What the store is to know of a face. Its vector and its picture's bytes follow from its id. */
export interface Face {
  readonly meta: string;
  readonly galleries: readonly string[];
  /** Whether it was added with a picture. */
  readonly picture: boolean;
}

/** What is in the store. */
export interface State {
  readonly faces: ReadonlyMap<string, Face>;
  /** Each gallery's capacity. */
  readonly galleries: ReadonlyMap<string, number | null>;
}

/** What a reopened store turned out to hold. */
export interface Found {
  readonly faces: readonly (Face & { readonly id: string })[];
  readonly galleries: readonly { readonly name: string; readonly capacity: number | null }[];
  /** Where the store contradicts itself: counts, vectors, pictures, searches. */
  readonly problems: readonly string[];
  /** Why the browser itself threw the database away, if it did. */
  readonly discarded?: string;
}

/** What a kill did to the store. */
export interface Verdict {
  /** Acknowledged operations that are not there, or not as they were acknowledged. */
  readonly lost: readonly string[];
  /** The operation in flight being there in part, and everything by which the store contradicts itself. */
  readonly torn: readonly string[];
  /** What became of the operation in flight; `same` where there was none, or it changes nothing that shows. */
  readonly inFlight: 'done' | 'undone' | 'same';
  /** Where to go on from. */
  readonly state: State;
}

/** The store of a new database. */
export const EMPTY: State = { faces: new Map(), galleries: new Map([['default', null]]) };

/** The faces of a gallery. */
export function facesIn(state: State, gallery: string): (readonly [id: string, face: Face])[] {
  return [...state.faces].filter(([, face]) => face.galleries.includes(gallery));
}

/** What is in the store after an operation. */
export function apply(state: State, operation: Operation): State {
  const faces = new Map(state.faces);
  const galleries = new Map(state.galleries);
  switch (operation.kind) {
    case 'add':
    case 'import':
      for (const { id, ...face } of operation.faces) faces.set(id, face);
      break;
    case 'delete':
      for (const id of operation.ids) takeOut(faces, id, operation.gallery);
      break;
    case 'update': {
      const { id, meta, galleries: into } = operation;
      faces.set(id, { ...(faces.get(id) as Face), meta, galleries: into });
      break;
    }
    case 'create-gallery':
      galleries.set(operation.gallery, operation.capacity);
      break;
    case 'delete-gallery':
      for (const [id] of facesIn(state, operation.gallery)) takeOut(faces, id, operation.gallery);
      galleries.delete(operation.gallery);
      break;
    case 'erase-all':
      return EMPTY;
  }
  return { faces, galleries };
}

/** A face leaves the store with its last gallery. */
function takeOut(faces: Map<string, Face>, id: string, gallery: string): void {
  const face = faces.get(id) as Face;
  const galleries = face.galleries.filter((name) => name !== gallery);
  if (galleries.length > 0) faces.set(id, { ...face, galleries });
  else faces.delete(id);
}

/**
 * Compares a reopened store with the acknowledged state: every fact must be as acknowledged, or as the operation
 * in flight makes it, and of those that this operation changes all must be new or all must be old.
 */
export function judge(acknowledged: State, inFlight: Operation | undefined, found: Found): Verdict {
  const before = factsOf(acknowledged);
  const after = inFlight ? factsOf(apply(acknowledged, inFlight)) : before;
  const there = factsOf({
    faces: new Map(found.faces.map(({ id, ...face }) => [id, face])),
    galleries: new Map(found.galleries.map(({ name, capacity }) => [name, capacity])),
  });
  const lost: string[] = [];
  const [done, undone]: [string[], string[]] = [[], []];
  for (const key of new Set([...before.keys(), ...after.keys(), ...there.keys()])) {
    const [was, willBe, is] = [before.get(key), after.get(key), there.get(key)];
    if (is !== was && is !== willBe) lost.push(`${key} is ${is ?? 'missing'}, not ${was ?? 'missing'}`);
    else if (was !== willBe) (is === willBe ? done : undone).push(key);
  }
  const torn = [...found.problems];
  if (done.length > 0 && undone.length > 0)
    torn.push(`of the operation in flight ${some(done)} is done and ${some(undone)} is not`);
  const isDone = inFlight !== undefined && done.length > 0;
  return {
    lost,
    torn,
    inFlight: isDone ? 'done' : undone.length > 0 ? 'undone' : 'same',
    state: isDone ? apply(acknowledged, inFlight) : acknowledged,
  };
}

/** Everything that can be told of a state, by what it is told of. */
function factsOf({ faces, galleries }: State): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const [name, capacity] of galleries) facts.set(`gallery ${name}`, `there, of capacity ${capacity}`);
  for (const [id, { meta, galleries: names, picture }] of faces)
    facts.set(id, JSON.stringify({ meta, galleries: names.toSorted(), picture }));
  return facts;
}

function some(keys: readonly string[]): string {
  return keys.length > 3 ? `${keys.slice(0, 3).join(', ')} … (${keys.length})` : keys.join(', ');
}
