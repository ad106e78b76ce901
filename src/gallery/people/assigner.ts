import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { randomId } from '../../core/random-id.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import { scalarDot } from '../../search/scalar.ts';
import type { PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { type LeastConfidence, LevelTables } from '../pair-levels.ts';
import type { GalleryDatabase } from '../port.ts';
import type { EngineHit, Searcher } from '../searcher.ts';
import { of } from './coroutine.ts';
import type { PeoplePlan } from './plan.ts';
import type { NewPerson } from './stored.ts';

/** Which stored face is so like a new one that both are of one person. */
export interface AssignRule {
  readonly minCosine: number;
  readonly least?: LeastConfidence;
  /** Among the faces of all cameras; else among those of the same one, those without a camera being of none. */
  readonly global: boolean;
}

/** Faces found at first; four times as many where none of them is of the camera. */
const FIRST_HITS = 8;

/** How often a plan is made anew since others store faces meanwhile. */
const MAX_TRIES = 200;

/** A face that somebody is to be found for. */
type Newcomer = Pick<PreparedFace, 'meta' | 'modelId' | 'vector' | 'reliability' | 'personId' | 'cameraId'>;

/** Who new faces are. */
export interface Assignment {
  readonly plan: PeoplePlan;
  /** Of each face, in their order. */
  readonly people: readonly { readonly personId: string; readonly meta: string; readonly isNew: boolean }[];
}

/**
 * Finds out who new faces are: each is of the person of the most similar face that is similar enough, be it stored or one of those before
 * it, and takes that one's meta where it has none; where there is no such face it is somebody new.
 *
 * So that two faces of somebody new never make two people, one search and the write after it come after the other, within this engine by
 * a queue; and the write is refused, and all of it done again, where the database's faces are not those any more that were searched, as
 * other pages, and calls that assign nobody, may store some in between.
 */
export class Assigner {
  readonly #database: GalleryDatabase;
  readonly #searcher: Searcher;
  readonly #turns = new SerialQueue();

  constructor(database: GalleryDatabase, searcher: Searcher) {
    this.#database = database;
    this.#searcher = searcher;
  }

  /**
   * Assigns faces, and calls `store` with what was found; again where that answers nothing.
   *
   * @throws NearFaceError `STORAGE_FAILED` where others write without end, `ABORTED`, and what `store` throws
   */
  assign<T>(
    faces: readonly Newcomer[],
    rule: AssignRule,
    store: (assignment: Assignment) => Promise<T | null>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#turns.run(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        throwIfAborted(signal);
        const asOf = await this.#revision();
        const found = await this.#nearest(faces, rule, signal).catch(async (error: unknown) => {
          // A gallery may have gone, or hold another model's faces by now.
          if ((await this.#revision()) !== asOf) return null;
          throw error;
        });
        const stored = found && (await store(planOf(faces, found, rule, asOf)));
        if (stored) return stored;
      }
      throw new NearFaceError(
        'STORAGE_FAILED',
        'Nobody could be assigned, since others store faces without end, here or in another tab; repeat the call',
      );
    }, signal);
  }

  async #revision(): Promise<number> {
    await this.#database.catchUp();
    return this.#database.people.read(function* ({ revision }) {
      return yield* of(revision);
    });
  }

  /** The most similar stored face of each that is similar enough, and of the camera if that counts. */
  async #nearest(
    faces: readonly Newcomer[],
    rule: AssignRule,
    signal: AbortSignal | undefined,
  ): Promise<readonly (EngineHit | undefined)[]> {
    const best: (EngineHit | undefined)[] = faces.map(() => undefined);
    const open = [...faces.keys()].filter((i) => faces[i]?.personId === undefined);
    const galleries = await this.#database.listGalleries();
    for (const [modelId, some] of groupBy(open, (i) => faces[i]?.modelId as string)) {
      const [first, ...rest] = galleries.filter((gallery) => gallery.modelId === modelId);
      if (!first) continue;
      let left: readonly number[] = some;
      for (let limit = rule.global ? 1 : FIRST_HITS; left.length > 0; limit *= 4) {
        const asked = left.map((i) => faces[i] as Newcomer);
        const { minCosine, least } = rule;
        const request = {
          ...{ modelId, limit, minCosine, galleries: rest.map(({ name }) => name) },
          ...(least && { least }),
          probes: asked.map(({ vector }) => vector),
          reliabilities: asked.map(({ reliability }) => reliability),
        };
        const hits = await this.#searcher.search(first.name, request, signal);
        left = left.filter((i, at) => {
          const those = hits[at] ?? [];
          best[i] = those.find(
            ({ record }) => rule.global || record.cameraId === (faces[i] as Newcomer).cameraId,
          );
          return best[i] === undefined && those.length === limit;
        });
      }
    }
    return best;
  }
}

function planOf(
  faces: readonly Newcomer[],
  found: readonly (EngineHit | undefined)[],
  rule: AssignRule,
  asOf: number,
): Assignment {
  const level = rule.least && new LevelTables(rule.least);
  const persons: NewPerson[] = [];
  const adopted = new Map<string, string>();
  const people: Assignment['people'][number][] = [];
  const make = (meta: string): string => {
    const id = randomId();
    persons.push({ id, meta, auto: true });
    return id;
  };
  for (const [i, face] of faces.entries()) {
    if (face.personId !== undefined) {
      people.push({ personId: face.personId, meta: face.meta, isNew: false });
      continue;
    }
    const hit = found[i];
    const earlier = nearestBefore(faces, i, rule, level, hit?.cosine ?? -Infinity);
    if (earlier !== undefined) {
      const { personId, meta } = people[earlier] as Assignment['people'][number];
      people.push({ personId, meta: face.meta || meta, isNew: false });
    } else if (hit) {
      const { id, personId, meta } = hit.record;
      const known = personId ?? adopted.get(id) ?? make(meta);
      if (personId === undefined) adopted.set(id, known);
      people.push({ personId: known, meta: face.meta || meta, isNew: false });
    } else people.push({ personId: make(face.meta), meta: face.meta, isNew: true });
  }
  return {
    plan: { asOf, persons, adopted: Array.from(adopted, ([id, personId]) => ({ id, personId })) },
    people,
  };
}

/** Faces with what was found of them. */
export function withPeople(faces: readonly PreparedFace[], { people }: Assignment): readonly PreparedFace[] {
  return faces.map((face, i) => {
    const { personId, meta } = people[i] as Assignment['people'][number];
    return { ...face, personId, meta };
  });
}

/** The face before one that is most similar to it, if it is similar enough and more so than a stored one. */
function nearestBefore(
  faces: readonly Newcomer[],
  i: number,
  { global, minCosine }: AssignRule,
  level: LevelTables | undefined,
  least: number,
): number | undefined {
  const face = faces[i] as Newcomer;
  let best: number | undefined;
  let most = least;
  for (let j = 0; j < i; j++) {
    const other = faces[j] as Newcomer;
    if (other.modelId !== face.modelId || (!global && other.cameraId !== face.cameraId)) continue;
    if (other.vector.length !== face.vector.length) continue;
    const cosine = Math.min(1, scalarDot(face.vector, other.vector));
    if (cosine < minCosine || cosine <= most) continue;
    if (level && level.confidence.confidence(cosine, face.reliability, other.reliability) < level.least)
      continue;
    [best, most] = [j, cosine];
  }
  return best;
}
