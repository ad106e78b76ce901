/** What clients know of the store, and what a store turned out to hold. */
import type { ToldFace } from './api.ts';

/** What is to be known of a face. */
export interface Face {
  readonly meta: string;
  /** Beside `default`. */
  readonly gallery: string | null;
}

/** A call that changes the store: wholly or not at all. */
export type Operation =
  | { readonly kind: 'add'; readonly id: number }
  /** All faces of the photo; the server gives them ids. */
  | { readonly kind: 'photo'; readonly meta: string; readonly gallery: string | null }
  | { readonly kind: 'join'; readonly id: number; readonly gallery: string }
  | { readonly kind: 'rename'; readonly id: number; readonly meta: string }
  | { readonly kind: 'delete'; readonly id: number }
  | { readonly kind: 'create-gallery'; readonly gallery: string }
  /** With all its faces. */
  | { readonly kind: 'delete-gallery'; readonly gallery: string };

/** What one client has in the store. */
export interface State {
  readonly faces: ReadonlyMap<number, Face>;
  readonly galleries: ReadonlySet<string>;
}

export const NOTHING: State = { faces: new Map(), galleries: new Set() };

/** What is in the store after an operation. @param ids - those that the server gave the faces of a photo */
export function apply(state: State, operation: Operation, ids: readonly number[] = []): State {
  const faces = new Map(state.faces);
  const galleries = new Set(state.galleries);
  switch (operation.kind) {
    case 'add':
      faces.set(operation.id, { meta: '', gallery: null });
      break;
    case 'photo':
      for (const id of ids) faces.set(id, { meta: operation.meta, gallery: operation.gallery });
      break;
    case 'join':
      faces.set(operation.id, { ...(faces.get(operation.id) as Face), gallery: operation.gallery });
      break;
    case 'rename':
      faces.set(operation.id, { ...(faces.get(operation.id) as Face), meta: operation.meta });
      break;
    case 'delete':
      faces.delete(operation.id);
      break;
    case 'create-gallery':
      galleries.add(operation.gallery);
      break;
    case 'delete-gallery':
      for (const [id, { gallery }] of faces) if (gallery === operation.gallery) faces.delete(id);
      galleries.delete(operation.gallery);
  }
  return { faces, galleries };
}

/** What a client has had acknowledged, and what it waits for. */
export interface Known {
  readonly state: State;
  readonly inFlight: Operation | undefined;
}

/** What a store turned out to hold. */
export interface Found {
  readonly faces: readonly Pick<ToldFace, 'id' | 'meta' | 'galleries'>[];
  readonly galleries: readonly string[];
}

/** What became of the clients' operations. */
export interface Verdict {
  /** Acknowledged operations that are not there, or not as they were acknowledged. */
  readonly lost: readonly string[];
  /** Operations in flight that are there in part, and what nobody has put there. */
  readonly torn: readonly string[];
  readonly done: number;
  readonly undone: number;
  /** Where each client goes on from. */
  readonly states: readonly State[];
}

type Facts = ReadonlyMap<string, string>;

const faceFact = (id: number): string => `face ${id}`;

function factsOf({ faces, galleries }: State): Map<string, string> {
  const facts = new Map<string, string>();
  for (const [id, face] of faces) facts.set(faceFact(id), factOf(face));
  for (const name of galleries) facts.set(`gallery ${name}`, 'there');
  return facts;
}

const factOf = ({ meta, gallery }: Face): string => JSON.stringify([meta, gallery]);

/** @param photoFaces - how many faces the photo of every `photo` has */
export function judge(clients: readonly Known[], found: Found, photoFaces: number): Verdict {
  const there = new Map<string, string>();
  for (const { id, meta, galleries } of found.faces) {
    const others = galleries.filter((name) => name !== 'default');
    there.set(
      faceFact(id),
      factOf({ meta, gallery: others.length > 1 ? others.join() : (others[0] ?? null) }),
    );
  }
  for (const name of found.galleries) if (name !== 'default') there.set(`gallery ${name}`, 'there');
  const verdict = { lost: [] as string[], torn: [] as string[], done: 0, undone: 0 };
  const states = clients.map((known) => judgeOne(known, found, there, photoFaces, verdict));
  for (const key of there.keys()) verdict.torn.push(`${key} is there, which nobody has made`);
  if (new Set(found.faces.map(({ id }) => id)).size < found.faces.length)
    verdict.torn.push('a face is listed twice');
  return { ...verdict, states };
}

/** Takes out of `there` what a client knows of. */
function judgeOne(
  { state, inFlight }: Known,
  found: Found,
  there: Map<string, string>,
  photoFaces: number,
  verdict: { lost: string[]; torn: string[]; done: number; undone: number },
): State {
  const photos =
    inFlight?.kind === 'photo'
      ? found.faces
          .filter(({ id, meta }) => meta === inFlight.meta && !state.faces.has(id))
          .map(({ id }) => id)
      : [];
  if (photos.length > 0 && photos.length < photoFaces)
    verdict.torn.push(
      `${photos.length} of ${photoFaces} faces of the photo ${JSON.stringify(inFlight)} are there`,
    );
  const before: Facts = factsOf(state);
  // Had it been done, all its faces were there.
  const next = inFlight && apply(state, inFlight, photos.length > 0 ? photos : [-1]);
  const after: Facts = next ? factsOf(next) : before;
  const changed = { done: [] as string[], undone: [] as string[] };
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, willBe, is] = [before.get(key), after.get(key), there.get(key)];
    there.delete(key);
    if (is !== was && is !== willBe)
      verdict.lost.push(`${key} is ${is ?? 'missing'}, not ${was ?? 'missing'}`);
    else if (was !== willBe) changed[is === willBe ? 'done' : 'undone'].push(key);
  }
  const isDone = changed.done.length > 0;
  if (isDone && changed.undone.length > 0)
    verdict.torn.push(
      `of ${JSON.stringify(inFlight)} ${changed.done.join()} is done and ${changed.undone.join()} is not`,
    );
  if (inFlight) verdict[isDone ? 'done' : 'undone']++;
  return isDone ? (next as State) : state;
}
