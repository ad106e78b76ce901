import type { JobItemStatus, JobState, JobStep } from '../../src/core/jobs.ts';
import { FIRST_MODEL } from './faces.ts';
import type { Face, Operation } from './operation.ts';

/** The galleries that a run works with; `default` is always there. */
export const GALLERIES = ['default', 'left', 'right'] as const;

/** What is in the store. */
export interface State {
  readonly faces: ReadonlyMap<string, Face>;
  /** Each gallery's capacity. */
  readonly galleries: ReadonlyMap<string, number | null>;
  readonly jobs: ReadonlyMap<string, Job>;
  /** Of all embeddings. */
  readonly model: string;
  /** What opens the database; none if it is plain. */
  readonly passphrase: string | null;
}

/** A stored enrolment job. */
export interface Job {
  readonly gallery: string;
  readonly state: JobState;
  /** Whether its photos are not all there yet. */
  readonly incomplete: boolean;
  readonly items: readonly {
    readonly photo: string;
    readonly status: JobItemStatus;
    /** Its faces, of those that are there. */
    readonly ids: readonly string[];
  }[];
}

/** What a reopened store turned out to hold. */
export interface Found {
  readonly faces: readonly (Face & { readonly id: string })[];
  readonly galleries: readonly { readonly name: string; readonly capacity: number | null }[];
  readonly jobs: readonly (Job & { readonly id: string })[];
  /** What opened the database. */
  readonly passphrase: string | null;
  /** Where the store contradicts itself: counts, vectors, pictures, searches. */
  readonly problems: readonly string[];
  /** Physical databases that were there before it was opened: two while one is copied. */
  readonly slots: number;
  /** Why the browser itself threw the database away, if it did. */
  readonly discarded?: string;
}

/** What a kill did to the store. */
export interface Verdict {
  /** Acknowledged operations that are not there, or not as they were acknowledged. */
  readonly lost: readonly string[];
  /** The operation in flight being there in part, and everything by which the store contradicts itself. */
  readonly torn: readonly string[];
  /** Photos of jobs whose faces are there from two attempts. */
  readonly doubled: readonly string[];
  /** What became of each operation in flight; `same` where it changes nothing that shows. */
  readonly inFlight: readonly ('done' | 'undone' | 'same')[];
  /** Where to go on from. */
  readonly state: State;
}

/** The store of a new database. */
export const EMPTY: State = {
  faces: new Map(),
  galleries: new Map([['default', null]]),
  jobs: new Map(),
  model: FIRST_MODEL,
  passphrase: null,
};

/** The faces of a gallery. */
export function facesIn(state: State, gallery: string): (readonly [id: string, face: Face])[] {
  return [...state.faces].filter(([, face]) => face.galleries.includes(gallery));
}

/** What is in the store after an operation. */
export function apply(state: State, operation: Operation): State {
  const faces = new Map(state.faces);
  const galleries = new Map(state.galleries);
  const jobs = new Map(state.jobs);
  switch (operation.kind) {
    case 'add':
    case 'import':
      for (const { id, ...face } of operation.faces) faces.set(id, face);
      break;
    case 'delete':
      for (const id of operation.ids) takeOut(faces, id, operation.gallery);
      break;
    case 'replace': {
      const { photo: _, ...face } = faces.get(operation.id) as Face;
      faces.set(operation.id, { ...face, picture: operation.picture });
      break;
    }
    case 'update': {
      const { id, meta, galleries: into } = operation;
      faces.set(id, { ...(faces.get(id) as Face), meta, galleries: into });
      break;
    }
    case 'create-gallery':
      galleries.set(operation.gallery, operation.capacity);
      break;
    case 'delete-gallery':
      for (const [id] of facesIn(state, operation.gallery))
        takeOut(faces, id, operation.withFaces ? null : operation.gallery);
      galleries.delete(operation.gallery);
      break;
    case 'create-job':
      jobs.set(operation.job, { gallery: operation.gallery, state: 'waiting', incomplete: true, items: [] });
      break;
    case 'stage': {
      const job = jobs.get(operation.job) as Job;
      const waiting = operation.photos.map((photo) => ({ photo, status: 'waiting', ids: [] }) as const);
      jobs.set(operation.job, { ...job, items: [...job.items, ...waiting] });
      break;
    }
    case 'step-job':
      jobs.set(operation.job, stepped(jobs.get(operation.job) as Job, operation.step));
      break;
    case 'enrol': {
      const job = jobs.get(operation.job) as Job;
      for (const [id, { photo }] of facesIn(state, job.gallery))
        if (photo === operation.photo) takeOut(faces, id, job.gallery);
      for (const { id, ...face } of operation.faces) faces.set(id, face);
      const settled = {
        photo: operation.photo,
        status: 'added',
        ids: operation.faces.map(({ id }) => id),
      } as const;
      jobs.set(operation.job, { ...job, items: job.items.with(operation.index, settled) });
      break;
    }
    case 'delete-job':
      jobs.delete(operation.job);
      break;
    case 'regenerate': {
      const { model } = operation;
      for (const [id, face] of faces) faces.set(id, { ...face, model });
      return { ...state, faces, model };
    }
    case 'encrypt':
      return { ...state, passphrase: operation.passphrase };
    case 'rekey':
      return { ...state, passphrase: operation.next };
    case 'renew':
      return state;
    case 'drop':
      return EMPTY;
    case 'erase-all':
      return { ...EMPTY, model: state.model, passphrase: state.passphrase };
  }
  return { ...state, faces, galleries, jobs: withoutGone(jobs, faces) };
}

/** A job after a step that it can take. */
function stepped(job: Job, step: JobStep): Job {
  switch (step) {
    case 'staged':
      return { ...job, incomplete: false };
    case 'queue':
      return { ...job, state: 'waiting' };
    case 'start':
      return { ...job, state: 'running' };
    case 'end':
      return { ...job, state: 'done' };
    case 'pause':
      return { ...job, state: 'paused' };
    case 'cancel':
      return { ...job, state: 'cancelled' };
  }
}

/** Jobs forget the faces that have left the store. */
function withoutGone(jobs: ReadonlyMap<string, Job>, faces: ReadonlyMap<string, Face>): State['jobs'] {
  const kept = (job: Job): Job => ({
    ...job,
    items: job.items.map((item) => ({ ...item, ids: item.ids.filter((id) => faces.has(id)) })),
  });
  return new Map([...jobs].map(([id, job]) => [id, kept(job)]));
}

/** Faces of a job's photo are named `job/index/attempt/number`; only one attempt of a photo may have left any. */
function doubledIn(ids: readonly string[]): readonly string[] {
  const attempts = new Map<string, Set<string>>();
  for (const [job, index, attempt] of ids.map((id) => id.split('/'))) {
    if (attempt === undefined) continue;
    const photo = `${job}/${index}`;
    attempts.set(photo, (attempts.get(photo) ?? new Set()).add(attempt));
  }
  return [...attempts].filter(([, of]) => of.size > 1).map(([photo]) => photo);
}

/** A face leaves the store with its last gallery, or, of `null`, with all of them. */
function takeOut(faces: Map<string, Face>, id: string, gallery: string | null): void {
  const face = faces.get(id) as Face;
  const galleries = face.galleries.filter((name) => gallery !== null && name !== gallery);
  if (galleries.length > 0) faces.set(id, { ...face, galleries });
  else faces.delete(id);
}

/**
 * Compares a reopened store with the acknowledged state: every fact must be as acknowledged, or as an operation
 * in flight makes it, and of those that one operation changes all must be new or all must be old. Operations that are in flight
 * together change different facts.
 */
export function judge(acknowledged: State, inFlight: readonly Operation[], found: Found): Verdict {
  const before = factsOf(acknowledged);
  const after = inFlight.map((operation) => factsOf(apply(acknowledged, operation)));
  const there = factsOf({
    faces: new Map(found.faces.map(({ id, ...face }) => [id, face])),
    galleries: new Map(found.galleries.map(({ name, capacity }) => [name, capacity])),
    jobs: new Map(found.jobs.map(({ id, ...job }) => [id, job])),
    model: acknowledged.model,
    passphrase: found.passphrase,
  });
  const lost: string[] = [];
  const changed = inFlight.map((): { done: string[]; undone: string[] } => ({ done: [], undone: [] }));
  for (const key of new Set([before, ...after, there].flatMap((facts) => [...facts.keys()]))) {
    const [was, is] = [before.get(key), there.get(key)];
    const owner = after.findIndex((facts) => facts.get(key) !== was);
    const willBe = owner < 0 ? was : after[owner]?.get(key);
    if (is !== was && is !== willBe) lost.push(`${key} is ${is ?? 'missing'}, not ${was ?? 'missing'}`);
    else if (owner >= 0) changed[owner]?.[is === willBe ? 'done' : 'undone'].push(key);
  }
  const torn = [...found.problems];
  for (const { done, undone } of changed)
    if (done.length > 0 && undone.length > 0)
      torn.push(`of an operation in flight ${some(done)} is done and ${some(undone)} is not`);
  const isDone = changed.map(({ done }) => done.length > 0);
  return {
    lost,
    torn,
    doubled: doubledIn(found.faces.map(({ id }) => id)),
    inFlight: changed.map(({ undone }, i) => (isDone[i] ? 'done' : undone.length > 0 ? 'undone' : 'same')),
    state: inFlight.filter((_, i) => isDone[i]).reduce(apply, acknowledged),
  };
}

/** Everything that can be told of a state, by what it is told of. */
function factsOf({ faces, galleries, jobs, passphrase }: State): ReadonlyMap<string, string> {
  const facts = new Map([['passphrase', passphrase ?? 'none']]);
  for (const [name, capacity] of galleries) facts.set(`gallery ${name}`, `there, of capacity ${capacity}`);
  for (const [id, { meta, galleries: names, picture, model, photo }] of faces)
    facts.set(id, JSON.stringify({ meta, galleries: names.toSorted(), picture, model, photo }));
  for (const [id, { items, gallery, state, incomplete }] of jobs) {
    facts.set(id, JSON.stringify({ gallery, state, incomplete }));
    for (const [i, { photo, status, ids }] of items.entries()) {
      // A photo's name goes with the faces that it gave.
      const name = status === 'waiting' ? photo : undefined;
      facts.set(`photo ${i} of ${id}`, JSON.stringify({ name, status, ids: ids.toSorted() }));
    }
  }
  return facts;
}

function some(keys: readonly string[]): string {
  return keys.length > 3 ? `${keys.slice(0, 3).join(', ')} … (${keys.length})` : keys.join(', ');
}
