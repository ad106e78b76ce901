import type { Call } from '../../core/call.ts';
import { badParam } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json-value.ts';
import { MAX_ID_LENGTH, MAX_IMPORTED_ID_LENGTH, MAX_META_LENGTH } from '../../core/limits.ts';
import { number, string } from '../../core/options.ts';
import { type Person, type Regrouping, type Sighting, UNKNOWNS } from '../../core/people.ts';
import { randomId } from '../../core/random-id.ts';
import type { FaceRecord, PictureKind } from '../../core/records.ts';
import { storedReliability } from '../../core/reliability.ts';
import type { Box } from '../../core/types.ts';
import {
  checkUnitVector,
  type FaceInput,
  prepareFace,
  type PreparedFace,
  readPictures,
} from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { sightedFaceNotFound } from '../gallery-errors.ts';
import type { GalleryDatabase } from '../port.ts';
import type { EngineHit, FaceGraph, Searcher } from '../searcher.ts';
import { toRecord } from '../stored.ts';
import { type Assigner, type Assignment, type AssignRule, withPeople } from './assigner.ts';
import { of } from './coroutine.ts';
import type { PeopleDesk } from './people-desk.ts';
import { type PeoplePlan, settle } from './plan.ts';
import { regroup, type RegroupRule } from './regroup.ts';
import { addSightings, viewsOf } from './sightings.ts';
import type { PreparedSighting } from './stored.ts';

/** A sighting as it comes in. */
export interface SightingInput {
  readonly id?: string;
  readonly personId?: string;
  readonly cameraId?: string;
  /** A stored face: the sighting is of its person, unless `personId` says otherwise. */
  readonly faceId?: string;
  readonly trackId?: string;
  readonly meta?: string;
  readonly box?: Box;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly photoHash?: string;
  readonly extra?: JsonValue;
  readonly pictures: Readonly<Partial<Record<PictureKind, Blob>>>;
  /** By which somebody is found where a rule is given and neither person nor face is named; of unit length. */
  readonly embedding?: {
    readonly modelId: string;
    readonly vector: Float32Array<ArrayBuffer>;
    readonly reliability?: number;
  };
}

/** Which faces are put together, and how. */
export interface RegroupRequest extends Omit<AssignRule, 'global'>, RegroupRule {
  /** Of these galleries alone. */
  readonly galleries?: readonly string[];
}

/** A search for people by an embedding. */
export interface PeopleProbe extends Omit<AssignRule, 'global'> {
  readonly modelId: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly reliability: number;
  readonly limit: number;
}

/** Somebody found, with the face that was most similar. */
export interface FoundPerson {
  readonly person: Person;
  readonly face: FaceRecord;
  readonly cosine: number;
}

/** Faces and sightings that come in, and who they are. Every method throws NearFaceError. */
export class EntryDesk {
  readonly #database: GalleryDatabase;
  readonly #searcher: Searcher;
  readonly #assigner: Assigner;
  readonly #desk: PeopleDesk;

  constructor(database: GalleryDatabase, searcher: Searcher, assigner: Assigner, desk: PeopleDesk) {
    this.#database = database;
    this.#searcher = searcher;
    this.#assigner = assigner;
    this.#desk = desk;
  }

  /** Keeps faces, all or none, each with the person it is of. */
  async addFacesOfPeople(
    faces: readonly FaceInput[],
    rule: AssignRule,
    { signal }: Call = {},
  ): Promise<readonly FaceRecord[]> {
    const prepared = await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`)));
    await this.#desk.ensureMade();
    const stored = await this.#assigner.assign(
      prepared,
      rule,
      (found) => {
        const newcomers = { plan: found.plan, faces: withPeople(prepared, found), sightings: [] };
        return this.#database.people.grow((tx) => settle(tx, newcomers), signal);
      },
      signal,
    );
    return stored.faces.map(toRecord);
  }

  /**
   * Keeps sightings, all or none. With a rule, those that name nobody and have an embedding are of the person of the most similar stored
   * face; somebody new is kept as a face of the gallery `unknowns`, by which it is known again. `FACE_NOT_FOUND` of a face that is not
   * stored.
   */
  async addSightings(
    inputs: readonly SightingInput[],
    rule?: AssignRule,
    { signal }: Call = {},
  ): Promise<readonly Sighting[]> {
    const prepared = await Promise.all(inputs.map((input, i) => prepareSighting(input, `sightings[${i}]`)));
    await this.#desk.ensureMade();
    const open = rule ? prepared.filter(({ sighting, probe }) => probe && isOpen(sighting)) : [];
    if (!rule || open.length === 0)
      return this.#keep(
        null,
        [],
        prepared.map(({ sighting }) => sighting),
        signal,
      ) as Promise<readonly Sighting[]>;
    const probes = open.map(({ sighting, probe }) => ({
      ...(probe as PreparedProbe),
      meta: '',
      ...(sighting.cameraId !== undefined && { cameraId: sighting.cameraId }),
    }));
    return this.#assigner.assign(
      probes,
      rule,
      (found) => {
        const faces: PreparedFace[] = [];
        const sightings = prepared.map((each) => {
          const i = open.indexOf(each);
          return i < 0 ? each.sighting : knownSighting(each, found.people[i], faces);
        });
        return this.#keep(found.plan, faces, sightings, signal);
      },
      signal,
    );
  }

  #keep(
    plan: PeoplePlan | null,
    faces: readonly PreparedFace[],
    sightings: readonly PreparedSighting[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Sighting[] | null> {
    return this.#database.people.grow(function* (tx) {
      const made = new Set(faces.map(({ id }) => id));
      const ids = sightings.flatMap(({ faceId }) =>
        faceId === undefined || made.has(faceId) ? [] : [faceId],
      );
      const named = new Map((yield* of(tx.faces.byIds(ids))).map((face) => [face.id, face.personId]));
      const missing = ids.find((id) => !named.has(id));
      if (missing !== undefined) throw sightedFaceNotFound(missing);
      const whole = sightings.map((sighting): PreparedSighting => {
        const personId = sighting.personId ?? named.get(sighting.faceId ?? '');
        return { ...sighting, ...(personId !== undefined && { personId }) };
      });
      const stored = plan
        ? yield* settle(tx, { plan, faces, sightings: whole })
        : { sightings: yield* addSightings(tx, whole) };
      return stored && (yield* viewsOf(tx, stored.sightings));
    }, signal);
  }

  /** The people whose faces are most similar, each once, by falling cosine. Faces that are of nobody are passed over. */
  async findPeople(probe: PeopleProbe, { signal }: Call = {}): Promise<readonly FoundPerson[]> {
    await this.#desk.ensureMade();
    const galleries = await this.#database.listGalleries();
    const [first, ...rest] = galleries.filter(({ modelId }) => modelId === probe.modelId);
    if (!first) return [];
    const best = new Map<string, EngineHit>();
    for (let limit = 4 * probe.limit; ; limit *= 4) {
      const [hits = []] = await this.#searcher.search(
        first.name,
        {
          ...{ modelId: probe.modelId, probes: [probe.vector], reliabilities: [probe.reliability], limit },
          ...{ minCosine: probe.minCosine, galleries: rest.map(({ name }) => name) },
          ...(probe.least && { least: probe.least }),
        },
        signal,
      );
      for (const hit of hits) {
        const { personId } = hit.record;
        if (personId !== undefined && !best.has(personId)) best.set(personId, hit);
      }
      if (best.size >= probe.limit || hits.length < limit) break;
    }
    const found: FoundPerson[] = [];
    for (const [id, { record, cosine }] of [...best].slice(0, probe.limit)) {
      const person = await this.#desk.getPerson(id).catch(ifGone);
      if (person) found.push({ person, face: record, cosine });
    }
    return found;
  }

  /** Puts faces of nobody together by likeness; see {@link regroup}. */
  async regroupPeople(request: RegroupRequest, call: Call = {}): Promise<Regrouping> {
    await this.#desk.ensureMade();
    const all = await this.#database.listGalleries();
    for (const name of request.galleries ?? [])
      if (!all.some((gallery) => gallery.name === name)) await this.#database.readGallery(name);
    const wanted = all.filter(({ name }) => request.galleries?.includes(name) ?? true);
    const graphs: FaceGraph[] = [];
    const report: Call['report'] = (progress) => call.report?.({ ...progress, phase: 'regroup' });
    for (const [modelId, some] of groupBy(wanted, (gallery) => gallery.modelId)) {
      if (modelId === null) continue;
      const names = some.map(({ name }) => name);
      const graph = await this.#searcher.graph(modelId, names, request, { signal: call.signal, report });
      if (graph) graphs.push(graph);
    }
    return this.#database.people.write((tx) => regroup(tx, graphs, request), call.signal);
  }
}

function ifGone(error: unknown): undefined {
  if ((error as { readonly code?: unknown }).code !== 'PERSON_NOT_FOUND') throw error;
}

type PreparedProbe = Pick<PreparedFace, 'modelId' | 'vector' | 'reliability' | 'reliabilityAssumed'>;

interface Prepared {
  readonly sighting: PreparedSighting;
  readonly probe: PreparedProbe | undefined;
}

const isOpen = ({ personId, faceId }: PreparedSighting): boolean =>
  personId === undefined && faceId === undefined;

/** A sighting of the person it was found to be of; of somebody new a face is made. */
function knownSighting(
  { sighting, probe }: Prepared,
  found: Assignment['people'][number] | undefined,
  faces: PreparedFace[],
): PreparedSighting {
  if (!found) return sighting;
  const { personId } = found;
  if (!found.isNew || !probe) return { ...sighting, personId };
  const { cameraId, box, photoHash, pictures, timeMs } = sighting;
  const faceId = randomId();
  faces.push({
    ...{ id: faceId, meta: '', galleries: [UNKNOWNS], personId, timestamp: timeMs, pictures, ...probe },
    ...(cameraId !== undefined && { cameraId }),
    ...(box && { box }),
    ...(photoHash !== undefined && { photoHash }),
  });
  return { ...sighting, personId, faceId };
}

/** Checks a sighting and reads its pictures. @throws NearFaceError `BAD_PARAM` naming `path` */
async function prepareSighting(input: SightingInput, path: string): Promise<Prepared> {
  const { pictures, embedding, ...facts } = input;
  const { id = randomId(), timeMs, meta } = facts;
  const given = { personId: facts.personId, faceId: facts.faceId, cameraId: facts.cameraId };
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) string(MAX_IMPORTED_ID_LENGTH, /./s)(value, `${path}.${name}`);
  string(MAX_ID_LENGTH, /./s)(id, `${path}.id`);
  if (meta !== undefined) string(MAX_META_LENGTH)(meta, `${path}.meta`);
  number(0, 8.64e15)(timeMs, `${path}.timeMs`);
  let probe: PreparedProbe | undefined;
  if (embedding) {
    const vector = checkUnitVector(embedding.vector, `${path}.embedding`);
    if (embedding.reliability !== undefined && !(embedding.reliability >= 0 && embedding.reliability <= 1))
      throw badParam(`${path}.reliability`, embedding.reliability, 'a number from 0 to 1');
    const { modelId, reliability } = embedding;
    probe = { modelId, vector, ...storedReliability({ reliability }) };
  }
  return { sighting: { ...facts, id, pictures: await readPictures(pictures) }, probe };
}
