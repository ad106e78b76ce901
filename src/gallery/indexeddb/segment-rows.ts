/** Segments as values: made, cut and joined. */
import { joinBytes } from '../../core/join-bytes.ts';
import { rotated, type SecretRotations } from '../../core/secret-rotation.ts';
import type { FaceKeys } from '../face-keys.ts';
import { type Encode, groupsOf, type NewRow, rowsOf } from '../face-rows.ts';
import type { StoredSegment } from './schema.ts';

/** New faces as a segment, their vectors rotated. */
export function segmentFrom(
  rotations: SecretRotations | undefined,
  modelId: string,
  rows: readonly NewRow[],
  encode: Encode,
): StoredSegment {
  const [first, dimension] = [rows[0]?.seq ?? 0, rows[0]?.vector.length ?? 0];
  const stored = rows.map((row) => ({ ...row, vector: rotated(rotations, modelId, row.vector) }));
  return { modelId, first, dimension, ...rowsOf(stored, encode) };
}

/** The galleries of each row, or of some rows. */
export function galleriesOf(
  { seqs, groups }: Pick<StoredSegment, 'seqs' | 'groups'>,
  rows: Iterable<number> = seqs.keys(),
): readonly (readonly string[])[] {
  return Array.from(rows, (row) =>
    groups
      .filter(({ bits }) => (((bits[row >> 3] as number) >> (row & 7)) & 1) === 1)
      .map(({ name }) => name),
  );
}

/** What the face of each row, or of some rows, is found by. */
export function keysIn(
  segment: StoredSegment,
  rows: readonly number[] = [...segment.seqs.keys()],
): readonly FaceKeys[] {
  const { seqs, ids, metas, persons, photos, cameras, expiries } = segment;
  const galleries = galleriesOf(segment, rows);
  return rows.map((row, i) => ({
    seq: seqs[row] as number,
    galleries: galleries[i] as readonly string[],
    id: ids[row] as number,
    meta: metas[row] as number,
    person: persons[row] as number,
    photo: photos[row] as number,
    camera: cameras[row] as number,
    expires: expiries[row] as number,
  }));
}

/** The rows of two segments that follow one another, in the place of the first. */
export function joinSegments(a: StoredSegment, b: StoredSegment): StoredSegment {
  return {
    ...a,
    seqs: joined(Float64Array, a.seqs, b.seqs),
    times: joined(Float64Array, a.times, b.times),
    ids: joined(Uint32Array, a.ids, b.ids),
    metas: joined(Float64Array, a.metas, b.metas),
    persons: joined(Float64Array, a.persons, b.persons),
    photos: joined(Uint32Array, a.photos, b.photos),
    cameras: joined(Float64Array, a.cameras, b.cameras),
    expiries: joined(Float64Array, a.expiries, b.expiries),
    vectors: joined(Float32Array, a.vectors, b.vectors),
    // A segment of an earlier version has none.
    codes: a.codes.length > 0 && b.codes.length > 0 ? joinBytes([a.codes, b.codes]) : new Uint8Array(0),
    reliabilities: joinBytes([a.reliabilities, b.reliabilities]),
    groups: groupsOf([...galleriesOf(a), ...galleriesOf(b)]),
  };
}

function joined<T extends Float64Array | Float32Array | Uint32Array>(
  Values: new (length: number) => T,
  a: T,
  b: T,
): T {
  const both = new Values(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The rows of a segment from one up to another, as a segment of its own. */
export function sliceOf(segment: StoredSegment, from: number, to: number): StoredSegment {
  const rows = [...segment.seqs.keys()].slice(from, to);
  return { ...withRows(segment, rows), first: segment.seqs[from] as number };
}

/** Some rows of a segment, in its place. */
export function withRows(segment: StoredSegment, rows: readonly number[]): StoredSegment {
  const { dimension, vectors, codes, seqs } = segment;
  const codeBytes = codes.length / seqs.length;
  const kept = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => kept.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension));
  const pick = (values: Float64Array | Uint32Array | Uint8Array): number[] =>
    rows.map((row) => values[row] as number);
  return {
    ...segment,
    seqs: Float64Array.from(pick(seqs)),
    times: Float64Array.from(pick(segment.times)),
    ids: Uint32Array.from(pick(segment.ids)),
    metas: Float64Array.from(pick(segment.metas)),
    persons: Float64Array.from(pick(segment.persons)),
    photos: Uint32Array.from(pick(segment.photos)),
    cameras: Float64Array.from(pick(segment.cameras)),
    expiries: Float64Array.from(pick(segment.expiries)),
    vectors: kept,
    codes: joinBytes(rows.map((row) => codes.subarray(row * codeBytes, (row + 1) * codeBytes))),
    reliabilities: Uint8Array.from(pick(segment.reliabilities)),
    groups: groupsOf(galleriesOf(segment, rows)),
  };
}

/** The row of a face; -1 if it has none. */
export function rowIn({ seqs }: StoredSegment, seq: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] as number) < seq) low = middle + 1;
    else high = middle;
  }
  return seqs[low] === seq ? low : -1;
}
