import type { Call } from '../../core/call.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type {
  Camera,
  CameraPatch,
  DayOfVisits,
  FriendRule,
  PeoplePage,
  Person,
  PersonDeletion,
  PersonFilter,
  Pruning,
  SightingFilter,
  SightingPage,
  UndonePeopleChange,
} from '../../core/people.ts';
import type { FacePage, PictureKind } from '../../core/records.ts';
import { pageOf, pageStart } from '../page-cursor.ts';
import type { GalleryDatabase } from '../port.ts';
import type { StoredFace } from '../stored.ts';
import * as cameras from './cameras.ts';
import { mergePeople, moveFaces, notSame, splitPerson } from './changes.ts';
import { type Coroutine, of } from './coroutine.ts';
import { wholeRule } from './friends.ts';
import { ensureAll, getPerson, listPeople, readPerson, renamePerson } from './persons.ts';
import { deletePerson, deleteSightings, prunePeople, pruneSightings } from './removal.ts';
import { searchSightings, type SightingQuery, sightingPicture, visits } from './sightings.ts';
import { undo } from './steps.ts';
import type { PeopleTables } from './tables.ts';

/** Which people are listed. */
export interface PeopleListing extends PersonFilter {
  readonly limit: number;
  readonly cursor?: string;
  /** Who counts as a friend, where the answer is to say it. */
  readonly rule?: FriendRule;
}

/** Which sightings are looked for. */
export interface SightingSearch extends SightingFilter {
  readonly rule?: FriendRule;
}

/** The same for a page. */
export interface SightingListing extends SightingSearch {
  readonly limit: number;
  readonly cursor?: string;
  readonly before?: string;
}

/** People, cameras and history. Every method throws NearFaceError. */
export class PeopleDesk {
  readonly #database: GalleryDatabase;
  #areAllMade = false;

  constructor(database: GalleryDatabase) {
    this.#database = database;
  }

  listCameras(group?: string): Promise<readonly Camera[]> {
    return this.#read((tx) => cameras.listCameras(tx, group));
  }

  getCamera(id: string): Promise<Camera> {
    return this.#read((tx) => cameras.readCamera(tx, id));
  }

  createCamera(camera: Camera): Promise<Camera> {
    return this.#write((tx) => cameras.createCamera(tx, camera));
  }

  updateCamera(id: string, patch: CameraPatch): Promise<Camera> {
    return this.#write((tx) => cameras.updateCamera(tx, id, patch));
  }

  deleteCamera(id: string): Promise<void> {
    return this.#free((tx) => cameras.deleteCamera(tx, id));
  }

  async listPeople({ rule, ...query }: PeopleListing, { signal }: Call = {}): Promise<PeoplePage> {
    throwIfAborted(signal);
    const isAsked = rule !== undefined || query.friend !== undefined;
    const asked = { ...query, ...(isAsked && { rule: wholeRule(rule) }) };
    return this.#read((tx) => listPeople(tx, asked));
  }

  async getPerson(id: string, rule?: FriendRule): Promise<Person> {
    const whole = rule && wholeRule(rule);
    return this.#read((tx) => getPerson(tx, id, whole));
  }

  /** A person's faces in all galleries, in the order of enrolment. */
  listPersonFaces(id: string, limit: number, cursor?: string): Promise<FacePage> {
    return this.#read((tx) => personFaces(tx, id, limit, cursor));
  }

  async renamePerson(id: string, meta: string): Promise<Person> {
    await this.#write((tx) => renamePerson(tx, id, meta));
    return this.getPerson(id);
  }

  async mergePeople(into: string, from: readonly string[]): Promise<Person> {
    await this.#write((tx) => mergePeople(tx, into, from));
    return this.getPerson(into);
  }

  async splitPerson(id: string, faceIds: readonly string[]): Promise<Person> {
    return this.getPerson(await this.#write((tx) => splitPerson(tx, id, faceIds)));
  }

  async moveFaces(faceIds: readonly string[], person: string): Promise<Person> {
    await this.#write((tx) => moveFaces(tx, faceIds, person));
    return this.getPerson(person);
  }

  notSame(a: string, b: string): Promise<void> {
    return this.#write((tx) => notSame(tx, a, b));
  }

  /** Takes back the last change that was not taken back yet; `null` where there is none. */
  undoPeople(): Promise<UndonePeopleChange | null> {
    return this.#write(undo);
  }

  deletePerson(id: string, { signal, report }: Call = {}): Promise<PersonDeletion> {
    const onSlice = (done: number, total: number): void => {
      throwIfAborted(signal);
      report?.({ phase: 'delete', item: id, done, total });
    };
    return this.#free((tx) => deletePerson(tx, id, onSlice), signal);
  }

  searchSightings({ limit, cursor, before, ...search }: SightingListing): Promise<SightingPage> {
    const from = { ...(cursor !== undefined && { cursor }), ...(before !== undefined && { before }) };
    const query = { ...queryOf(search), limit, ...from };
    return this.#read((tx) => searchSightings(tx, query));
  }

  visits(search: SightingSearch, timeZone: string): Promise<readonly DayOfVisits[]> {
    const query = queryOf(search);
    return this.#read((tx) => visits(tx, query, timeZone));
  }

  sightingPicture(id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#read((tx) => sightingPicture(tx, id, kind));
  }

  /** Deletes sightings, and answers how many there were. */
  deleteSightings(ids: readonly string[]): Promise<number> {
    return this.#free(function* (tx) {
      const found = yield* of(tx.sightings.byIds([...new Set(ids)]));
      yield* deleteSightings(
        tx,
        found.map(({ seq }) => seq),
      );
      return found.length;
    });
  }

  /** Removes what is older than a time, a piece after the other. */
  async pruneHistory(before: number, { signal }: Call = {}): Promise<Pruning> {
    let [sightings, people] = [0, 0];
    for (let isEnd = false; !isEnd;) {
      throwIfAborted(signal);
      const piece = await this.#free((tx) => pruneSightings(tx, before), signal);
      sightings += piece.sightings;
      ({ isEnd } = piece);
    }
    for (let after: number | undefined = 0; after !== undefined;) {
      throwIfAborted(signal);
      const from: number = after;
      const piece: { readonly people: number; readonly next?: number } = await this.#free(
        (tx) => prunePeople(tx, before, from),
        signal,
      );
      people += piece.people;
      after = piece.next;
    }
    return { sightings, people };
  }

  /** Makes the people that faces of earlier versions name; once. */
  async ensureMade(): Promise<void> {
    if (this.#areAllMade) return;
    const { people } = this.#database;
    const isDone = await people.read(function* (tx) {
      return yield* of(tx.counters.areAllMade === true);
    });
    if (!isDone)
      await people.write(function* (tx) {
        yield* ensureAll(tx, tx.isSeen);
        tx.counters = { ...tx.counters, areAllMade: true };
      });
    this.#areAllMade = true;
  }

  async #read<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T> {
    await this.ensureMade();
    return this.#database.people.read(coroutine);
  }

  async #write<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T> {
    await this.ensureMade();
    return this.#database.people.write(coroutine);
  }

  async #free<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    await this.ensureMade();
    return this.#database.people.free(coroutine, signal);
  }
}

function queryOf({
  personId,
  start = -Infinity,
  end = Infinity,
  rule,
  ...search
}: SightingSearch): SightingQuery {
  const people = typeof personId === 'string' ? [personId] : personId;
  return { ...search, ...(people && { people }), start, end, rule: wholeRule(rule) };
}

function* personFaces(tx: PeopleTables, id: string, limit: number, cursor?: string): Coroutine<FacePage> {
  yield* readPerson(tx, id);
  const seqs = tx.index.ofPeople([tx.tag(id)]);
  const found: StoredFace[] = [];
  const after = pageStart(cursor, Infinity);
  const next = seqs.filter((seq) => seq > after && tx.isSeen(seq));
  for (let at = 0; at < next.length && found.length <= limit; at += limit + 1)
    for (const face of yield* of(tx.faces.bySeqs(Array.from(next.subarray(at, at + limit + 1)))))
      if (face.personId === id) found.push(face);
  return pageOf(found, limit);
}
