/** What audits compare faces and people by. */
import { badParam } from '../core/errors.ts';
import type { Bitmap } from '../search/bitmap.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { runScan } from './matrix-search.ts';
import { type LeastConfidence, LevelTables, PairLevels } from './pair-levels.ts';
import type { PersonIndex } from './person-index.ts';

/** From when on two are alike. */
export interface AuditLevel {
  readonly minCosine: number;
  readonly least?: LeastConfidence;
}

/** A level with the cosines that it needs, worked out once for each reliability. */
export interface TabledLevel {
  readonly minCosine: number;
  readonly tables: LevelTables | undefined;
}

/** @throws NearFaceError `BAD_PARAM` */
export function tabled({ minCosine, least }: AuditLevel): TabledLevel {
  return { minCosine, tables: least && new LevelTables(least) };
}

/** Most that one face or person is told to be like. */
const MOST_LIKE = 32;

/** Matches of probes that reach a level. @param numbers - of the probes: then those of greater numbers alone */
export async function scanPairs(
  matrix: SearchMatrix,
  rows: () => Bitmap,
  {
    probes,
    reliabilities,
    level,
    signal,
  }: {
    /** Rotated as the matrix's rows are, as templates are too. */
    readonly probes: readonly Float32Array[];
    readonly reliabilities: readonly number[];
    readonly level: TabledLevel;
    readonly signal: AbortSignal | undefined;
  },
  numbers?: readonly number[],
): ReturnType<typeof runScan> {
  if (probes.length === 0) return [];
  const levels = level.tables && new PairLevels(matrix, level.tables, reliabilities);
  const reaches = levels?.accepts(matrix.margin);
  const accepts = (probe: number, row: number, score: number): boolean =>
    (numbers === undefined || matrix.seqAt(row) > (numbers[probe] as number)) &&
    (reaches?.(probe, row, score) ?? true);
  const minScore = Math.max(level.minCosine, levels?.minCosine ?? -Infinity);
  const found = await runScan(
    matrix,
    rows(),
    probes,
    { limit: MOST_LIKE, minScore, asRows: true, accepts },
    signal,
  );
  return found.map((some, i) => (levels ? some.filter((match) => levels.passes(i, match)) : some));
}

/** Whether two are as alike as a level asks for. */
export function checkOf({
  minCosine,
  tables,
}: TabledLevel): (cosine: number, a: number, b: number) => boolean {
  return (cosine, a, b) =>
    cosine >= minCosine && (!tables || tables.confidence.confidence(cosine, a, b) >= tables.least);
}

/** Only faces of people who have a name or are of a person. */
export function namedSingles(matrix: SearchMatrix, index: PersonIndex, noMeta: number): Float64Array {
  const { facts } = matrix;
  return index.singles.filter((seq) => {
    const row = matrix.rowOf(seq);
    return row >= 0 && (facts.persons.at(row) !== 0 || facts.metas.at(row) !== noMeta);
  });
}

export function writeCursor(code: string, seq: number): string {
  return `${code}-${seq.toString(36)}`;
}

/** @throws NearFaceError `BAD_PARAM` */
export function readCursor(cursor: string): readonly [code: string, after: number] {
  const [, code, digits = ''] = /^([a-d])-([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  const seq = Number.parseInt(digits, 36);
  if (code !== undefined && Number.isSafeInteger(seq)) return [code, seq];
  throw badParam('cursor', cursor, 'the cursor of an earlier page of an audit');
}
