import type { Call } from '../core/call.ts';
import { throwIfAborted } from '../core/errors.ts';
import { toCosine } from '../core/dot.ts';
import type { FaceFilter, FaceGroup, FaceRecord, Grouping, Recall } from '../core/records.ts';
import { Clusters, joinMatches } from '../search/cluster.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { noisy, recallOf } from '../search/recall.ts';
import type { Match } from '../search/top-k.ts';
import { passes } from './face-filter.ts';
import {
  bestMatches,
  type EngineSearch,
  levelsOf,
  readySearch,
  reliabilityOf,
  rowVectorsOf,
  scanAnywhere,
} from './matrix-search.ts';
import type { Mirror } from './mirror.ts';
import { type LeastConfidence, LevelTables, PairLevels } from './pair-levels.ts';
import type { GalleryDatabase } from './port.ts';
import { toRecord } from './stored.ts';

export type { EngineSearch } from './matrix-search.ts';

/** Faces that are searched for at a time when a gallery is grouped. */
const CLUSTER_PROBES = 256;

/** Groups whose records are read at a time. */
const GROUPS_READ = 1000;

/** Most later faces that a face is joined to. */
const CLUSTER_EDGES = 32;

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
    const ready = await readySearch(this.#database, this.#mirror, gallery, request);
    if (!ready) return request.probes.map(() => []);
    throwIfAborted(signal);
    const { galleries, matrix, among, probes, select } = ready;
    const levels = levelsOf(matrix, request);
    const search = { ...request, matrix, among, levels, select: () => matrix.select(...select) };
    return this.#toHits(galleries, request, await bestMatches(this.#database, search, probes, signal));
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
        return record ? [{ cosine: toCosine(score), record }] : [];
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
      const vectors = await rowVectorsOf(this.#database, matrix, modelId, some);
      const there = some.filter((seq) => vectors.has(seq));
      const probes = there.map((seq) => vectors.get(seq) as Float32Array);
      // Rows may have moved since the last turn: what is searched is what is there now.
      const rows = matrix.select(tags);
      const fromRow = Math.max(0, Math.min(...there.map((seq) => matrix.rowOf(seq))));
      const levels =
        level &&
        new PairLevels(
          matrix,
          level,
          there.map((seq) => reliabilityOf(matrix, seq)),
        );
      const minScore = Math.max(request.minCosine, levels?.minCosine ?? -Infinity);
      const accepts = levels && { accepts: levels.accepts(0) };
      const options = { limit: CLUSTER_EDGES, minScore, fromRow, asRows: true, ...accepts };
      const place = { matrix, among: { modelId, galleries } };
      const found = await scanAnywhere(this.#database, place, rows, probes, options, signal);
      const joined = found.map((matches, i) =>
        levels ? matches.filter((match) => levels.passes(i, match)) : matches,
      );
      joinMatches(clusters, nodeOf, there, joined);
      const done = from + some.length;
      report?.({ phase: 'cluster', item, done, total: seqs.length });
    }
    return { seqs, clusters };
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
    const place = { matrix, among: { modelId, galleries: [gallery] } };
    const [exact, found] = [[], []] as [(readonly Match[])[], (readonly Match[])[]];
    const seqs = matrix.sample(rows, count);
    const vectors = await this.#database.readVectors(modelId, seqs);
    for (const probe of [...vectors.values()].map(noisy))
      for (const [list, whole] of [
        [exact, true],
        [found, false],
      ] as const)
        list.push(
          ...(await scanAnywhere(
            this.#database,
            place,
            rows,
            [probe],
            { limit: 10, minScore: -1, exact: whole },
            signal,
          )),
        );
    return recallOf(exact, found);
  }
}
