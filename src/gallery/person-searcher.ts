import { toCosine } from '../core/dot.ts';
import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import { personKeyOf } from '../core/person-template.ts';
import type { FaceFilter } from '../core/records.ts';
import { textHash } from '../core/text-hash.ts';
import type { Bitmap } from '../search/bitmap.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { scalarDot } from '../search/scalar.ts';
import type { Match } from '../search/top-k.ts';
import { passes } from './face-filter.ts';
import {
  asRow,
  bestMatches,
  type EngineSearch,
  levelsOf,
  matrixOf,
  readySearch,
  type ReadySearch,
  reliabilityOf,
  type RowChoice,
  rowsOf,
  rowVectorsOf,
} from './matrix-search.ts';
import type { Mirror } from './mirror.ts';
import { PersonIndex } from './person-index.ts';
import type { GalleryDatabase } from './port.ts';
import type { EngineHit } from './searcher.ts';
import { type StoredFace, toRecord } from './stored.ts';

/** Selections of faces whose templates are kept: a page searches few galleries, by few filters. */
const KEPT_INDEXES = 4;

/** A search for people. */
export interface EnginePersonSearch extends EngineSearch {
  /** Most faces that are told of each. */
  readonly facesPerPerson: number;
}

/** Which people are counted. */
export interface PeopleCount extends FaceFilter {
  readonly modelId: string;
  readonly galleries: readonly string[];
}

/** The people of some galleries, and the faces that they are of. */
export interface SearchedPeople {
  readonly matrix: SearchMatrix;
  readonly index: PersonIndex;
  /** The faces' rows, as they are now. */
  readonly select: () => Bitmap;
}

/** Somebody that a probe matched. */
export interface EnginePerson {
  /** Of the probe and the person's template, or only face. */
  readonly cosine: number;
  /** How far that can be trusted, 0..1. */
  readonly reliability: number;
  /** Faces of the person that were searched. */
  readonly count: number;
  /** The most similar of them, by falling cosine; one at least. */
  readonly faces: readonly EngineHit[];
}

/** Where somebody was found: a template's number, or the number of an only face. */
interface Candidate {
  readonly match: Match;
  readonly seqs: readonly number[];
  readonly reliability: number;
}

/** Searches for people: those with several faces by their templates. */
export class PersonSearcher {
  readonly #database: GalleryDatabase;
  readonly #mirror: Mirror;
  /** By the galleries and the filter, the last used last. */
  readonly #indexes = new Map<
    string,
    { readonly matrix: SearchMatrix; readonly version: object; readonly index: Promise<PersonIndex> }
  >();

  constructor(database: GalleryDatabase, mirror: Mirror) {
    this.#database = database;
    this.#mirror = mirror;
  }

  /** The best people of each probe, each once, by falling cosine. */
  async search(
    gallery: string,
    request: EnginePersonSearch,
    signal?: AbortSignal,
  ): Promise<readonly (readonly EnginePerson[])[]> {
    const ready = await readySearch(this.#database, this.#mirror, gallery, request);
    if (!ready) return request.probes.map(() => []);
    const { matrix, among, probes, select } = ready;
    const index = await this.#indexOf(request.modelId, matrix, select);
    throwIfAborted(signal);
    const look = async (some: SearchMatrix, rows: () => Bitmap): Promise<readonly (readonly Match[])[]> => {
      const search = { ...request, matrix: some, among, select: rows, levels: levelsOf(some, request) };
      return bestMatches(this.#database, search, probes, signal);
    };
    const alone = await look(matrix, () => index.singlesOf(matrix));
    const { templates } = index;
    const several = templates ? await look(templates, () => index.everybody()) : [];
    return Promise.all(
      probes.map((probe, i) => {
        const found = [
          ...(alone[i] ?? []).map((match) => candidate(match, [match.seq], matrix)),
          ...(several[i] ?? []).map((match) =>
            candidate(match, [...index.membersOf(match.seq)], templates as SearchMatrix),
          ),
        ].toSorted((a, b) => b.match.score - a.match.score || (a.seqs[0] as number) - (b.seqs[0] as number));
        return this.#toPeople(ready, request, probe, found);
      }),
    );
  }

  /** How many people there are in some galleries. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH` */
  async count(request: PeopleCount): Promise<number> {
    return (await this.peopleOf(request))?.index.size ?? 0;
  }

  /** The people of some galleries as they are now; nothing where there are no faces. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH` */
  async peopleOf({ modelId, galleries, ...filter }: PeopleCount): Promise<SearchedPeople | undefined> {
    const matrix = await matrixOf(this.#database, this.#mirror, galleries, modelId);
    if (!matrix) return undefined;
    const rows = await rowsOf(this.#database, this.#mirror, galleries, filter);
    return {
      matrix,
      index: await this.#indexOf(modelId, matrix, rows),
      select: () => matrix.select(...rows),
    };
  }

  /** The people of some rows, as they are now; made anew after any change of the model's faces. */
  async #indexOf(modelId: string, matrix: SearchMatrix, select: RowChoice): Promise<PersonIndex> {
    if (!matrix.hasVectors) throw withoutTemplates();
    const key = JSON.stringify([modelId, ...select]);
    const { version } = matrix;
    const known = this.#indexes.get(key);
    const isCurrent = known?.matrix === matrix && known.version === version;
    const index = isCurrent ? known.index : this.#build(modelId, matrix, select);
    this.#indexes.delete(key);
    this.#indexes.set(key, { matrix, version, index });
    if (!isCurrent) index.catch(() => this.#indexes.delete(key));
    const [oldest] = this.#indexes.keys();
    if (this.#indexes.size > KEPT_INDEXES && oldest !== undefined) this.#indexes.delete(oldest);
    return index;
  }

  #build(modelId: string, matrix: SearchMatrix, select: RowChoice): Promise<PersonIndex> {
    const source = {
      matrix,
      noMeta: textHash(this.#database.tag('')),
      read: (seqs: readonly number[]) => rowVectorsOf(this.#database, matrix, modelId, seqs),
      newMatrix: () => this.#mirror.newMatrix(matrix),
    };
    return PersonIndex.build(source, matrix.select(...select));
  }

  async #toPeople(
    { galleries, matrix }: ReadySearch,
    request: EnginePersonSearch,
    probe: Float32Array,
    candidates: readonly Candidate[],
  ): Promise<readonly EnginePerson[]> {
    const people: EnginePerson[] = [];
    const row = asRow(matrix.rotation, probe);
    const told = new Set<string>();
    for (const { match, seqs, reliability } of candidates) {
      if (people.length === request.limit) break;
      const best = await this.#bestFaces(matrix, request, row, seqs);
      const stored = await this.#database.readFaces(best.map(({ seq }) => seq));
      // A face that has been deleted or changed since, by this page or another, is not of the answer.
      const there = stored.filter((face) => galleries.some((name) => passes(face, name, request)));
      const faces = hitsOf(best, there);
      const [first] = faces;
      if (!first) continue;
      const key = personKeyOf(first.record);
      if (told.has(key)) continue;
      told.add(key);
      const cosine = toCosine(match.score);
      people.push({ cosine, reliability, count: seqs.length, faces });
    }
    return people;
  }

  /** Somebody's faces by falling cosine. @param probe - rotated as the matrix's rows are */
  async #bestFaces(
    matrix: SearchMatrix,
    { modelId, facesPerPerson }: EnginePersonSearch,
    probe: Float32Array,
    seqs: readonly number[],
  ): Promise<readonly Match[]> {
    const vectors = await rowVectorsOf(this.#database, matrix, modelId, seqs);
    return Array.from(vectors, ([seq, vector]) => ({ seq, score: scalarDot(probe, vector) }))
      .sort((a, b) => b.score - a.score || a.seq - b.seq)
      .slice(0, facesPerPerson);
  }
}

function withoutTemplates(): NearFaceError {
  const text =
    'People are told by templates, which are made in memory; the vectors of these faces are in the database alone: raise searchMemoryMB, or search ' +
    "by: 'face'";
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { missing: 'vectors in memory' });
}

function candidate(match: Match, seqs: readonly number[], matrix: SearchMatrix): Candidate {
  return { match, seqs, reliability: reliabilityOf(matrix, match.seq) };
}

function hitsOf(best: readonly Match[], stored: readonly StoredFace[]): readonly EngineHit[] {
  const records = new Map(stored.map((face) => [face.seq, toRecord(face)]));
  return best.flatMap(({ seq, score }) => {
    const record = records.get(seq);
    return record ? [{ cosine: toCosine(score), record }] : [];
  });
}
