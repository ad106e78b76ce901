/** Searches in a matrix, for faces and for people. */
import { badParam, throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/next-task.ts';
import { integer } from '../core/options.ts';
import { byteReliability } from '../core/reliability.ts';
import type { FaceFilter } from '../core/records.ts';
import type { SecretRotation } from '../core/secret-rotation.ts';
import type { Bitmap } from '../search/bitmap.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import type { RowFilter } from '../search/row-facts.ts';
import { scalarDot } from '../search/scalar.ts';
import type { ScanOptions } from '../search/scan.ts';
import type { Match } from '../search/top-k.ts';
import { rowFilter } from './face-filter.ts';
import { checkUnitVector } from './face-input.ts';
import { modelMismatch, wrongDimension } from './gallery-errors.ts';
import { knowCameras } from './known-cameras.ts';
import type { Mirror } from './mirror.ts';
import { type Among, amongOf, nearestIn } from './nearest.ts';
import { type LeastConfidence, LevelTables, PairLevels } from './pair-levels.ts';
import type { GalleryDatabase } from './port.ts';
import type { StoredGallery } from './stored.ts';

/** How long a search runs before the worker looks at its messages. */
const SLICE_MS = 16;

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

/** What {@link SearchMatrix.select} is given for the rows that are meant. */
export type RowChoice = readonly [tags: readonly string[], filter: RowFilter];

/** A request that is checked, and where it is searched. */
export interface ReadySearch {
  /** All of them. */
  readonly galleries: readonly string[];
  readonly matrix: SearchMatrix;
  readonly probes: readonly Float32Array[];
  readonly select: RowChoice;
  readonly among: Among;
}

/**
 * Checks a request. Nothing where there are no faces to be searched.
 *
 * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`
 */
export async function readySearch(
  database: GalleryDatabase,
  mirror: Mirror,
  gallery: string,
  request: EngineSearch,
): Promise<ReadySearch | undefined> {
  const { modelId, limit, minCosine } = request;
  integer(0, 1e6)(limit, 'limit');
  const probes = request.probes.map((probe, i) => checkUnitVector(probe, `probes[${i}]`));
  const galleries = [...new Set([gallery, ...(request.galleries ?? [])])];
  const matrix = await matrixOf(database, mirror, galleries, modelId);
  if (!matrix) return undefined;
  probes.forEach((probe, i) => {
    if (probe.length !== matrix.dimension)
      throw wrongDimension(`probes[${i}]`, probe.length, matrix.dimension, modelId);
  });
  if (Number.isNaN(minCosine)) throw badParam('minCosine', minCosine, 'a number');
  const select = await rowsOf(database, mirror, galleries, request);
  return { galleries, matrix, probes, select, among: amongOf(modelId, galleries, request) };
}

/** The matrix that galleries lie in; nothing where they are empty. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH` */
export async function matrixOf(
  database: GalleryDatabase,
  mirror: Mirror,
  galleries: readonly string[],
  modelId: string,
): Promise<SearchMatrix | undefined> {
  const holds = await galleriesNamed(database, galleries);
  for (const { name, modelId: held } of holds)
    if (held !== null && held !== modelId) throw modelMismatch(name, held, modelId);
  return holds.every((held) => held.modelId === null) ? undefined : mirror.get(modelId);
}

/** Which rows a filter leaves of some galleries. */
export async function rowsOf(
  database: GalleryDatabase,
  mirror: Mirror,
  galleries: readonly string[],
  filter: FaceFilter,
): Promise<RowChoice> {
  if (filter.cameraId !== undefined) await knowCameras(database, mirror);
  const tag = (text: string): string => database.tag(text);
  return [galleries.map(tag), rowFilter(tag, filter)];
}

/** The galleries of these names, all as they are at one moment. @throws NearFaceError `GALLERY_NOT_FOUND` */
async function galleriesNamed(
  database: GalleryDatabase,
  names: readonly string[],
): Promise<readonly StoredGallery[]> {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return [await database.readGallery(only)];
  const all = new Map((await database.listGalleries()).map((gallery) => [gallery.name, gallery]));
  return Promise.all(names.map(async (name) => all.get(name) ?? database.readGallery(name)));
}

/** Where vectors are scanned. */
export interface ScanPlace {
  readonly matrix: SearchMatrix;
  /** The faces that its rows are; the database finds them where the matrix has no vectors. */
  readonly among: Among;
}

/** A search in a matrix. */
export interface MatrixSearch extends ScanPlace {
  readonly modelId: string;
  /** The rows that are searched, as they are now. */
  readonly select: () => Bitmap;
  readonly limit: number;
  readonly minCosine: number;
  readonly levels: PairLevels | undefined;
  readonly exact?: boolean;
}

/** What a request's probes must reach by confidence, if it says. @throws NearFaceError `BAD_PARAM` */
export function levelsOf(
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

/**
 * The best matches of each probe that pass. Scores of bytes are a little off, and what a scan lets through is a hair more than
 * what passes: some more are kept, and if too few of a full list pass, twice as many.
 */
export async function bestMatches(
  database: GalleryDatabase,
  search: MatrixSearch,
  probes: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Match[])[]> {
  const { modelId, matrix, select, limit, minCosine, levels, exact = false } = search;
  const { margin } = matrix;
  const floor = Math.max(minCosine, levels?.minCosine ?? -Infinity);
  const isSure = margin === 0 && !levels;
  let kept = isSure ? limit : limit + Math.max(16, limit >> 2);
  const best: (readonly Match[])[] = probes.map(() => []);
  for (let left = [...probes.keys()]; left.length > 0 && limit > 0; kept *= 2) {
    const asked = left;
    const rows = select();
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
    const found = await scanAnywhere(database, search, rows, some, options, signal);
    const precise = margin > 0 ? await rescore(database, matrix, modelId, some, found) : found;
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
async function rescore(
  database: GalleryDatabase,
  { rotation }: SearchMatrix,
  modelId: string,
  probes: readonly Float32Array[],
  results: readonly (readonly Match[])[],
): Promise<readonly (readonly Match[])[]> {
  const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
  const vectors = await database.readVectors(modelId, seqs, rotation);
  return results.map((matches, i) => {
    const probe = asRow(rotation, probes[i] as Float32Array);
    return matches
      .flatMap(({ seq }) => {
        const vector = vectors.get(seq);
        return vector ? [{ seq, score: scalarDot(probe, vector) }] : [];
      })
      .sort((a, b) => b.score - a.score || a.seq - b.seq);
  });
}

/** Scans in memory, or has the database find what is not there. @throws NearFaceError `ABORTED` */
export function scanAnywhere(
  database: GalleryDatabase,
  { matrix, among }: ScanPlace,
  rows: Bitmap,
  probes: readonly Float32Array[],
  options: ScanOptions,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Match[])[]> {
  if (!matrix.hasVectors) {
    const { rotation } = matrix;
    // The database rotates them itself.
    const given = rotation && options.asRows ? probes.map((probe) => rotation.applyBack(probe)) : probes;
    return nearestIn(database, rows.size, given, options, among);
  }
  return runScan(matrix, rows, probes, options, signal);
}

/** Scans to the end, letting others in between. @throws NearFaceError `ABORTED` */
export function runScan(
  matrix: SearchMatrix,
  rows: Bitmap,
  probes: readonly Float32Array[],
  options: ScanOptions,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Match[])[]> {
  return matrix.scan(rows, probes, options, async (scan) => {
    while (!scan.run(SLICE_MS)) {
      await nextTask();
      throwIfAborted(signal);
    }
    return scan.results();
  });
}

/** A vector rotated as a matrix's rows are. */
export function asRow(rotation: SecretRotation | undefined, vector: Float32Array): Float32Array {
  return rotation ? rotation.apply(vector) : vector;
}

/** How far a face of the matrix can be trusted, 0..1. */
export function reliabilityOf(matrix: SearchMatrix, seq: number): number {
  return byteReliability(matrix.facts.reliabilities.at(Math.max(0, matrix.rowOf(seq))));
}

/** Vectors in full precision by number, rotated as the matrix's rows are, from memory if it has them. Faces that are gone are left out. */
export async function rowVectorsOf(
  database: GalleryDatabase,
  matrix: SearchMatrix,
  modelId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Float32Array>> {
  return matrix.rowVectorsOf(seqs) ?? database.readVectors(modelId, seqs, matrix.rotation);
}
