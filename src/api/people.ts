import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import { MAX_PAGE } from '../core/limits.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import {
  type PeoplePage,
  type Person,
  type PersonDeletion,
  type Regrouping,
  type SightingPage,
  type UndonePeopleChange,
  UNKNOWNS,
} from '../core/people.ts';
import type { FacePage } from '../core/records.ts';
import { CALL } from '../worker/contract.ts';
import { analyseOne, requestFor } from './analyse.ts';
import { type Probe, readEmbedding, similarity, type Template, templateOf } from './compare.ts';
import { History } from './history.ts';
import type { ImageInput } from './image-input.ts';
import type {
  DeletePersonOptions,
  EnrolPersonOptions,
  FindPeopleOptions,
  GetPersonOptions,
  ListPeopleOptions,
  PersonFacesOptions,
  RegroupOptions,
  SearchHistoryOptions,
} from './people-options.ts';
import { META } from './resolve-options.ts';
import {
  KNOWN_ID,
  KNOWN_IDS,
  resolveDeletePerson,
  resolveEnrolPerson,
  resolveFindPeople,
  resolveGetPerson,
  resolveListPeople,
  resolvePersonFaces,
  resolveRegroup,
} from './resolve-people.ts';
import { boundsOf, type Match } from './search-gallery.ts';
import type { Session } from './session.ts';

/** Somebody that {@link People.find} found: the match is of the face that is most similar. */
export interface PersonMatch extends Match {
  /** Whose face it is. */
  readonly person: Person;
}

/**
 * The people of one database: faces that were put together, by `people: 'auto'`, by hand, or by the `personId` that faces were stored
 * with. Merging, splitting, moving and `notSame` can be taken back, the last 20 of them, after a reload too.
 */
export class People {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * A page of people by their numbers.
   *
   * @throws NearFaceError `BAD_PARAM`, also of a time zone that is not known
   */
  async list(options?: ListPeopleOptions): Promise<PeoplePage> {
    const { friendRule, signal, ...listing } = resolveListPeople(options);
    const query = { ...listing, ...(friendRule && { rule: friendRule }) };
    return this.#session.gallery.ask('listPeople', [query, CALL], { signal });
  }

  /** The person of an id. @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM` */
  async get(id: string, options?: GetPersonOptions): Promise<Person> {
    const [checked, { friend }] = [KNOWN_ID(id, 'id'), resolveGetPerson(options)];
    return this.#session.gallery.ask('getPerson', [checked, friend]);
  }

  /** A page of the person's faces, in whatever galleries, in the order of enrolment. @throws NearFaceError `PERSON_NOT_FOUND` */
  async faces(id: string, options?: PersonFacesOptions): Promise<FacePage> {
    const [checked, { limit, cursor }] = [KNOWN_ID(id, 'id'), resolvePersonFaces(options)];
    return this.#session.gallery.ask('listPersonFaces', [checked, limit, cursor]);
  }

  /** A page of the person's sightings, the newest first. */
  async history(id: string, options?: Omit<SearchHistoryOptions, 'personId'>): Promise<SightingPage> {
    const checked = KNOWN_ID(id, 'id');
    await this.#session.gallery.ask('getPerson', [checked]);
    return new History(this.#session).search({ ...options, personId: checked });
  }

  /**
   * Gives a person a name, or takes it away with an empty one. Its faces that were called as it was, or not at all, get it too, and its
   * sightings are told by it.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
   */
  async rename(id: string, meta: string): Promise<Person> {
    return this.#session.gallery.ask('renamePerson', [KNOWN_ID(id, 'id'), META(meta, 'meta')]);
  }

  /**
   * Gives somebody whom nobody knew a name, and enrols them: the faces by which they are known leave the gallery `unknowns` for galleries that
   * are searched for people with names. It can be repeated if it was ended on its way.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `GALLERY_NOT_FOUND`, `GALLERY_FULL`, `BAD_PARAM`, `ABORTED`
   */
  async enrol(id: string, meta: string, options?: EnrolPersonOptions): Promise<Person> {
    const [person, name] = [KNOWN_ID(id, 'id'), META(meta, 'meta')];
    const { galleries, signal } = resolveEnrolPerson(options);
    if (name === '') throw badParam('meta', meta, 'a name');
    const { gallery } = this.#session;
    const ids: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await gallery.ask('listPersonFaces', [person, MAX_PAGE, cursor], { signal });
      ids.push(...page.records.filter((face) => face.galleries.includes(UNKNOWNS)).map((face) => face.id));
      ({ cursor } = page);
    }
    if (ids.length > 0) {
      const patch = { galleries: { add: galleries, remove: [UNKNOWNS] } };
      await gallery.ask('updateFaces', [UNKNOWNS, ids, patch, CALL], { signal, settledByWorker: true });
    }
    return gallery.ask('renamePerson', [person, name]);
  }

  /**
   * Puts people together into one, which keeps its id and number, and its name if it has one. What was said to be not the same, and is
   * merged by hand, is not any more.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
   */
  async merge(into: string, ...from: string[]): Promise<Person> {
    return this.#session.gallery.ask('mergePeople', [KNOWN_ID(into, 'into'), KNOWN_IDS(from, 'from')]);
  }

  /**
   * Makes a person of its own of some of a person's faces, with the sightings they were made of. The two are not the same from then on.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM` of faces that are not its own, and of all of them
   */
  async split(person: string, faceIds: readonly string[]): Promise<Person> {
    const [id, faces] = [KNOWN_ID(person, 'person'), KNOWN_IDS(faceIds, 'faceIds')];
    return this.#session.gallery.ask('splitPerson', [id, faces]);
  }

  /**
   * Gives faces to a person, with the sightings they were made of; they are not of those they were of, from then on. An unnamed person of
   * whom nothing is left goes.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
   */
  async move(faceId: string | readonly string[], person: string): Promise<Person> {
    const faces = KNOWN_IDS(typeof faceId === 'string' ? [faceId] : faceId, 'faceId');
    return this.#session.gallery.ask('moveFaces', [faces, KNOWN_ID(person, 'person')]);
  }

  /**
   * Remembers that two people, or a face and a person, are not the same. A face that is of that person becomes one of its own. An id that
   * both a person and a face have is the person's.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
   */
  async notSame(a: string, b: string): Promise<void> {
    await this.#session.gallery.ask('notSame', [KNOWN_ID(a, 'a'), KNOWN_ID(b, 'b')]);
  }

  /**
   * Puts faces that are of nobody together by likeness, whatever cameras saw them: each group joins the people in it, or is somebody new.
   * People with a name keep their faces, what was said not to be the same stays apart, and {@link People.undo} takes it back.
   *
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `ABORTED`
   */
  async regroup(options?: RegroupOptions): Promise<Regrouping> {
    const { threshold = DEFAULT_THRESHOLD, onProgress, signal, ...rule } = resolveRegroup(options);
    const level = PairConfidence.levelFor(threshold, this.#session.confidence, 1);
    const request = { ...rule, ...boundsOf(this.#session, level) };
    return this.#session.gallery.ask('regroupPeople', [request, CALL], { signal, onProgress });
  }

  /**
   * Takes back the last merge, split, move, `notSame` or regrouping that was not taken back yet; the last 20 can be. Faces that were deleted or moved
   * by hand since stay as they are. `null` where there is nothing to take back.
   */
  async undo(): Promise<UndonePeopleChange | null> {
    return this.#session.gallery.ask('undoPeople', []);
  }

  /**
   * Deletes a person with every face, in whatever galleries, every sighting and every picture, all or nothing. It cannot be taken back,
   * nor can earlier changes that name the person, or somebody who had been merged into it.
   *
   * @throws NearFaceError `PERSON_NOT_FOUND`, `ABORTED`
   */
  async delete(id: string, options?: DeletePersonOptions): Promise<PersonDeletion> {
    const { onProgress, signal } = resolveDeletePerson(options);
    const calls = { signal, onProgress, settledByWorker: true };
    return this.#session.gallery.ask('deletePerson', [KNOWN_ID(id, 'id'), CALL], calls);
  }

  /**
   * Who of the people is it, strangers among them: the faces of all galleries of the model in use are searched, and each person is
   * answered once, by falling cosine. Whether somebody was here is then told by {@link People.history}.
   *
   * @throws NearFaceError `BAD_PARAM`, `MODEL_MISMATCH`, and those of `embed`; an image without a face gives an empty list
   */
  async find(probe: Probe, options?: FindPeopleOptions): Promise<readonly PersonMatch[]> {
    const resolved = resolveFindPeople(options);
    const { limit, threshold = DEFAULT_THRESHOLD, signal } = resolved;
    const template = await this.#templateOf(probe, resolved);
    if (!template) return [];
    const level = PairConfidence.levelFor(threshold, this.#session.confidence, 1);
    const { embedding: vector, reliability } = template;
    const modelId = this.#session.visionInfo.embedding.id;
    const request = { modelId, vector, reliability, limit, ...boundsOf(this.#session, level) };
    const found = await this.#session.gallery.ask('findPeople', [request, CALL], { signal });
    return found.map(({ person, face: record, cosine }) => ({
      ...similarity(this.#session, cosine, [reliability, record.reliability]),
      record,
      person,
    }));
  }

  async #templateOf(
    probe: Probe,
    options: ReturnType<typeof resolveFindPeople>,
  ): Promise<Template | undefined> {
    const template = readEmbedding(this.#session, probe, 'probe');
    if (template) return template;
    const request = requestFor(options, { embedding: true });
    const { faces } = await analyseOne(this.#session, probe as ImageInput, request, options.signal);
    return faces[0] && templateOf(faces[0], this.#session.assumedReliability);
  }
}
