import type { Call } from '../core/call.ts';
import { badParam, throwIfAborted } from '../core/errors.ts';
import { integer } from '../core/options.ts';
import { byteReliability } from '../core/reliability.ts';
import type { FaceFilter, FaceGroup, FaceRecord, Grouping, Recall } from '../core/records.ts';
import type { Bitmap } from '../search/bitmap.ts';
import { Clusters, joinMatches } from '../search/cluster.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { noisy, recallOf } from '../search/recall.ts';
import { scalarDot } from '../search/scalar.ts';
import type { ScanOptions } from '../search/scan.ts';
import type { Match } from '../search/top-k.ts';
import { checkUnitVector } from './face-input.ts';
import { passes, rowFilter } from './face-filter.ts';
import { modelMismatch, wrongDimension } from './gallery-errors.ts';
import { knowCameras } from './known-cameras.ts';
import type { Mirror } from './mirror.ts';
import { type Among, amongOf, nearestIn } from './nearest.ts';
import { type LeastConfidence, LevelTables, PairLevels } from './pair-levels.ts';
import { nextTask } from '../core/next-task.ts';
import type { GalleryDatabase } from './port.ts';
import { type StoredGallery, toRecord } from './stored.ts';

/** How long a search runs before the worker looks at its messages. */
const SLICE_MS = 16;

/** Faces that are searched for at a time when a gallery is grouped. */
const CLUSTER_PROBES = 256;

/** Groups whose records are read at a time. */
const GROUPS_READ = 1000;

/** Most later faces that a face is joined to. */
const CLUSTER_EDGES = 32;

/** A search of some probes in one gallery, or in several at once. */
export interface EngineSearch extends FaceFilter {
  readonly modelId: string;
  /** Unit vectors. */
  readonly probes: readonly Float32Array[];
  readonly limit: number;
  readonly minCosine: number;
  /** Hits of a lower confidence are left out as well. */
  readonly least?: LeastConfidence;
  /** How far each probe can be trusted, 0..1; for `least`. Default: as its calibration assumes. */
  readonly reliabilities?: readonly number[];
  /** Galleries searched as well. */
  readonly galleries?: readonly string[];
  /** Scores every face, without the first pass. Default false. */
  readonly exact?: boolean;
}

/** How a gallery is grouped. */
export interface EngineCluster {
  /** Faces below this cosine are not joined. */
  readonly minCosine: number;
  /** Faces of a lower confidence are not joined either. */
  readonly least?: LeastConfidence;
  readonly minSize: number;
}

/** Faces, by their numbers, of which those that are alike are joined; nodes are places among the numbers. */
export interface FaceGraph {
  readonly seqs: readonly number[];
  readonly clusters: Clusters;
}

/** A search in a matrix. */
interface MatrixSearch {
  readonly modelId: string;
  readonly matrix: SearchMatrix;
  /** The rows that are searched, as they are now. */
  readonly select: () => Bitmap;
  readonly limit: number;
  readonly minCosine: number;
  readonly levels: PairLevels | undefined;
  readonly exact: boolean;
  readonly among: Among;
}

/** A face found by a search. */
export interface EngineHit {
  readonly cosine: number;
  readonly record: FaceRecord;
}

/** Searches in the mirror, and the records of what they find. */
export class Searcher {
  readonly #database: GalleryDatabase;
  readonly #mirror: Mirror;

  constructor(database: GalleryDatabase, mirror: Mirror) {
    this.#database = database;
    this.#mirror = mirror;
  }

  /** The best hits of each probe: by falling cosine, equal ones in the order of enrolment. */
  async search(
    gallery: string,
    request: EngineSearch,
    signal?: AbortSignal,
  ): Promise<readonly (readonly EngineHit[])[]> {
    const { modelId, limit, minCosine } = request;
    integer(0, 1e6)(limit, 'limit');
    const probes = request.probes.map((probe, i) => checkUnitVector(probe, `probes[${i}]`));
    const galleries = [...new Set([gallery, ...(request.galleries ?? [])])];
    const holds = await this.#galleriesNamed(galleries);
    for (const { name, modelId: held } of holds)
      if (held !== null && held !== modelId) throw modelMismatch(name, held, modelId);
    const matrix = this.#mirror.get(modelId);
    if (!matrix || holds.every((held) => held.modelId === null)) return probes.map(() => []);
    probes.forEach((probe, i) => {
      if (probe.length !== matrix.dimension)
        throw wrongDimension(`probes[${i}]`, probe.length, matrix.dimension, modelId);
    });
    if (Number.isNaN(minCosine)) throw badParam('minCosine', minCosine, 'a number');
    throwIfAborted(signal);
    if (request.cameraId !== undefined) await knowCameras(this.#database, this.#mirror);
    const tag = (text: string): string => this.#database.tag(text);
    const search: MatrixSearch = {
      modelId,
      matrix,
      select: () => matrix.select(galleries.map(tag), rowFilter(tag, request)),
      limit,
      minCosine,
      levels: levelsOf(matrix, request),
      exact: request.exact ?? false,
      among: amongOf(modelId, galleries, request),
    };
    return this.#toHits(galleries, request, await this.#best(search, probes, signal));
  }

  /** The galleries of these names, all as they are at one moment. @throws NearFaceError `GALLERY_NOT_FOUND` */
  async #galleriesNamed(names: readonly string[]): Promise<readonly StoredGallery[]> {
    const [only] = names;
    if (names.length === 1 && only !== undefined) return [await this.#database.readGallery(only)];
    const all = new Map((await this.#database.listGalleries()).map((gallery) => [gallery.name, gallery]));
    return Promise.all(names.map(async (name) => all.get(name) ?? this.#database.readGallery(name)));
  }

  /**
   * The best matches of each probe that pass. Scores of bytes are a little off, and what a scan lets through is a hair more than
   * what passes: some more are kept, and if too few of a full list pass, twice as many.
   */
  async #best(
    search: MatrixSearch,
    probes: readonly Float32Array[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly Match[])[]> {
    const { modelId, matrix, limit, minCosine, levels, exact, among } = search;
    const { margin } = matrix;
    const floor = Math.max(minCosine, levels?.minCosine ?? -Infinity);
    const isSure = margin === 0 && !levels;
    let kept = isSure ? limit : limit + Math.max(16, limit >> 2);
    const best: (readonly Match[])[] = probes.map(() => []);
    for (let left = [...probes.keys()]; left.length > 0 && limit > 0; kept *= 2) {
      const asked = left;
      const rows = search.select();
      const accepts = levels?.accepts(margin);
      const options = {
        limit: kept,
        minScore: floor - margin,
        exact,
        ...(accepts && {
          accepts: (i: number, row: number, score: number) => accepts(asked[i] as number, row, score),
        }),
      };
      const some = asked.map((i) => probes[i] as Float32Array);
      const found = await this.#scan(matrix, rows, some, { ...options, among }, signal);
      const precise = margin > 0 ? await this.#rescore(modelId, some, found) : found;
      left = asked.filter((probe, i) => {
        const passing = (precise[i] ?? []).filter(
          (match) => match.score >= minCosine && (levels?.passes(probe, match) ?? true),
        );
        best[probe] = passing.slice(0, limit);
        return passing.length < limit && (found[i]?.length ?? 0) === kept && !isSure;
      });
    }
    return best;
  }

  /** The matches scored by the vectors in the database. */
  async #rescore(
    modelId: string,
    probes: readonly Float32Array[],
    results: readonly (readonly Match[])[],
  ): Promise<readonly (readonly Match[])[]> {
    const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
    const vectors = await this.#database.readVectors(modelId, seqs);
    return results.map((matches, i) =>
      matches
        .flatMap(({ seq }) => {
          const vector = vectors.get(seq);
          return vector ? [{ seq, score: scalarDot(probes[i] as Float32Array, vector) }] : [];
        })
        .sort((a, b) => b.score - a.score || a.seq - b.seq),
    );
  }

  async #toHits(
    galleries: readonly string[],
    filter: FaceFilter,
    results: readonly (readonly Match[])[],
  ): Promise<readonly (readonly EngineHit[])[]> {
    const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
    if (seqs.length === 0) return results.map(() => []);
    const faces = await this.#database.readFaces(seqs);
    // A face that has been deleted or changed since, by this page or another, is not a hit.
    const there = faces.filter((face) => galleries.some((name) => passes(face, name, filter)));
    const records = new Map(there.map((face) => [face.seq, toRecord(face)]));
    return results.map((matches) =>
      matches.flatMap(({ seq, score }) => {
        const record = records.get(seq);
        return record ? [{ cosine: Math.min(1, Math.max(-1, score)), record }] : [];
      }),
    );
  }

  /**
   * Groups a gallery's faces by likely person: each is searched for among those after it, many at a time, and the
   * matches make a graph.
   */
  async cluster(gallery: string, request: EngineCluster, call: Call): Promise<Grouping> {
    const { modelId } = await this.#database.readGallery(gallery);
    const graph = modelId === null ? undefined : await this.graph(modelId, [gallery], request, call);
    if (!graph) return { groups: [], singles: 0 };
    const { seqs, clusters } = graph;
    const groups = clusters.groups().filter(({ length }) => length >= request.minSize);
    const grouped = await this.#readGroups(groups.map((group) => group.map((node) => seqs[node] as number)));
    return { groups: grouped, singles: seqs.length - groups.reduce((sum, { length }) => sum + length, 0) };
  }

  /** The faces of some galleries that are of one model, those that are alike joined; nothing where there are none. */
  async graph(
    modelId: string,
    galleries: readonly string[],
    request: Omit<EngineCluster, 'minSize'>,
    { report, signal }: Call,
  ): Promise<FaceGraph | undefined> {
    const matrix = this.#mirror.get(modelId);
    if (!matrix) return undefined;
    const tags = galleries.map((name) => this.#database.tag(name));
    const item = galleries[0] ?? '';
    const seqs = matrix.seqsOf(matrix.select(tags));
    const nodeOf = new Map(seqs.map((seq, node) => [seq, node]));
    const clusters = new Clusters(seqs.length);
    const level = request.least && new LevelTables(request.least);
    for (let from = 0; from < seqs.length; from += CLUSTER_PROBES) {
      const some = seqs.slice(from, from + CLUSTER_PROBES);
      const vectors = await this.#vectorsOf(matrix, modelId, some);
      const there = some.filter((seq) => vectors.has(seq));
      const probes = there.map((seq) => vectors.get(seq) as Float32Array);
      // Rows may have moved since the last turn: what is searched is what is there now.
      const rows = matrix.select(tags);
      const fromRow = Math.max(0, Math.min(...there.map((seq) => matrix.rowOf(seq))));
      const levels = level && new PairLevels(matrix, level, reliabilitiesOf(matrix, there));
      const minScore = Math.max(request.minCosine, levels?.minCosine ?? -Infinity);
      const accepts = levels && { accepts: levels.accepts(0) };
      const among = { modelId, galleries };
      const options = { limit: CLUSTER_EDGES, minScore, fromRow, ...accepts, among };
      const found = await this.#scan(matrix, rows, probes, options, signal);
      const joined = found.map((matches, i) =>
        levels ? matches.filter((match) => levels.passes(i, match)) : matches,
      );
      joinMatches(clusters, nodeOf, there, joined);
      const done = from + some.length;
      report?.({ phase: 'cluster', item, done, total: seqs.length });
    }
    return { seqs, clusters };
  }

  /** Vectors in full precision by number, from memory if it has them. Faces that are gone are left out. */
  async #vectorsOf(
    matrix: SearchMatrix,
    modelId: string,
    seqs: readonly number[],
  ): Promise<ReadonlyMap<number, Float32Array>> {
    return matrix.vectorsOf(seqs) ?? this.#database.readVectors(modelId, seqs);
  }

  /** The groups' records, many groups at a time, since their faces lie in the same blocks. */
  async #readGroups(groups: readonly (readonly number[])[]): Promise<FaceGroup[]> {
    const found: FaceGroup[] = [];
    for (let from = 0; from < groups.length; from += GROUPS_READ) {
      const some = groups.slice(from, from + GROUPS_READ);
      const faces = await this.#database.readFaces(some.flat());
      const bySeq = new Map(faces.map((face) => [face.seq, face]));
      for (const group of some) {
        const there = group.flatMap((seq) => bySeq.get(seq) ?? []);
        const [face] = there;
        if (face) found.push({ face: toRecord(face), ids: there.map(({ id }) => id) });
      }
    }
    return found;
  }

  /** Searches for further photos of some of the gallery's people, made up by adding noise, in both ways. */
  async measureRecall(
    gallery: string,
    modelId: string,
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<Recall> {
    const matrix = this.#mirror.get(modelId) as SearchMatrix;
    const rows = matrix.select([this.#database.tag(gallery)]);
    const among = { modelId, galleries: [gallery] };
    const [exact, found] = [[], []] as [(readonly Match[])[], (readonly Match[])[]];
    const seqs = matrix.sample(rows, count);
    const vectors = await this.#database.readVectors(modelId, seqs);
    for (const probe of [...vectors.values()].map(noisy))
      for (const [list, whole] of [
        [exact, true],
        [found, false],
      ] as const)
        list.push(
          ...(await this.#scan(
            matrix,
            rows,
            [probe],
            { limit: 10, minScore: -1, exact: whole, among },
            signal,
          )),
        );
    return recallOf(exact, found);
  }

  #scan(
    matrix: SearchMatrix,
    rows: Bitmap,
    probes: readonly Float32Array[],
    { among, ...options }: ScanOptions & { readonly among: Among },
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly Match[])[]> {
    if (!matrix.hasVectors) return nearestIn(this.#database, rows.size, probes, options, among);
    return matrix.scan(rows, probes, options, async (scan) => {
      while (!scan.run(SLICE_MS)) {
        await nextTask();
        throwIfAborted(signal);
      }
      return scan.results();
    });
  }
}

/** What the request's probes must reach by confidence, if it says. @throws NearFaceError `BAD_PARAM` */
function levelsOf(
  matrix: SearchMatrix,
  { least, probes, reliabilities }: EngineSearch,
): PairLevels | undefined {
  if (!least) return undefined;
  const level = new LevelTables(least);
  const given = reliabilities ?? probes.map(() => level.confidence.assumed);
  if (given.length !== probes.length)
    throw badParam('reliabilities', given.length, `one for each of ${probes.length} probes`);
  return new PairLevels(matrix, level, given);
}

/** Of faces that are in the matrix. */
function reliabilitiesOf(matrix: SearchMatrix, seqs: readonly number[]): readonly number[] {
  return seqs.map((seq) => byteReliability(matrix.facts.reliabilities.at(matrix.rowOf(seq))));
}
