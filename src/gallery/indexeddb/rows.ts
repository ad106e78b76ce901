/** Rows of the database, made and read with a sealer. */
import { ASSUMED_RELIABILITY, reliabilityByte } from '../../core/reliability.ts';
import type { GalleryRow, SegmentRow, StoredSegment } from './schema.ts';
import { withRows } from './segment-rows.ts';
import type { Sealer } from './sealer.ts';
import type { StoredGallery } from '../stored.ts';
import { isGalleryRecord, isUnit } from '../wholeness.ts';

export const toBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value));
export const fromBytes = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

export function galleryRow(sealer: Sealer, gallery: StoredGallery): GalleryRow {
  if (!sealer.encrypted) return gallery;
  return { name: sealer.tag(gallery.name), sealed: sealer.seal(toBytes(gallery)) };
}

function galleryOf(sealer: Sealer, row: GalleryRow): StoredGallery {
  return row.sealed
    ? (fromBytes(sealer.open(row.sealed)) as StoredGallery)
    : (row as unknown as StoredGallery);
}

/** The same, or nothing if the row is damaged. */
export function wholeGallery(sealer: Sealer, row: GalleryRow): StoredGallery | undefined {
  try {
    const gallery = galleryOf(sealer, row);
    return isGalleryRecord(gallery) ? gallery : undefined;
  } catch {
    return undefined;
  }
}

export function segmentRow(sealer: Sealer, segment: StoredSegment): SegmentRow {
  if (!sealer.encrypted) return segment;
  const { buffer, byteOffset, byteLength } = segment.vectors;
  const vectors = sealer.seal(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  const [codes, reliabilities] = [sealer.seal(segment.codes), sealer.seal(segment.reliabilities)];
  return { ...segment, vectors, codes, reliabilities };
}

export function segmentOf(sealer: Sealer, given: SegmentRow): StoredSegment {
  const { cameras = columnOf(given, NaN), expiries = columnOf(given, 0) } = given;
  const row = { ...given, cameras, expiries };
  if (row.vectors instanceof Float32Array)
    return { ...row, vectors: row.vectors, reliabilities: row.reliabilities ?? assumedBytes(row) };
  const bytes = sealer.open(row.vectors);
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const reliabilities = row.reliabilities ? sealer.open(row.reliabilities) : assumedBytes(row);
  return { ...row, vectors, codes: sealer.open(row.codes), reliabilities };
}

/**
 * What can be relied on of a segment: the rows whose vectors are numbers and of unit length. Nothing, if no row is, if its columns do
 * not agree, or if a seal was broken. Whoever reads segments reads them by this.
 *
 * @param dimension - of the segment's model
 */
export function wholeSegment(
  sealer: Sealer,
  row: SegmentRow,
  dimension: number = row.dimension,
): StoredSegment | undefined {
  const segment = opened(sealer, row);
  if (!segment || segment.dimension !== dimension || !agrees(segment)) return undefined;
  const { seqs, vectors, codes } = segment;
  const rows = [...seqs.keys()].filter((i) => isUnit(vectors, i * dimension, (i + 1) * dimension));
  if (rows.length === 0) return undefined;
  // Codes can be made anew of the vectors.
  const known = codes.length % seqs.length === 0 ? segment : { ...segment, codes: new Uint8Array(0) };
  return rows.length === seqs.length ? known : withRows(known, rows);
}

/** Whether {@link wholeSegment} left out nothing of a row. */
export function isWhole(row: SegmentRow, segment: StoredSegment | undefined): boolean {
  return segment !== undefined && segment.seqs.length === row.seqs.length;
}

function opened(sealer: Sealer, row: SegmentRow): StoredSegment | undefined {
  try {
    return segmentOf(sealer, row);
  } catch {
    return undefined;
  }
}

/** Whether all columns of a segment are there and as long as they should be. */
function agrees(segment: StoredSegment): boolean {
  const { seqs, times, ids, metas, persons, photos, cameras, expiries } = segment;
  const { vectors, codes, reliabilities, groups } = segment;
  const isColumn = (value: unknown, Values: ArrayConstructorOf, length: number): boolean =>
    value instanceof Values && value.length === length;
  const rows = seqs instanceof Float64Array ? seqs.length : 0;
  return (
    rows > 0 &&
    seqs.every((seq, i) => seq >= segment.first && (i === 0 || seq > (seqs[i - 1] as number))) &&
    [times, metas, persons, cameras, expiries].every((column) => isColumn(column, Float64Array, rows)) &&
    [ids, photos].every((column) => isColumn(column, Uint32Array, rows)) &&
    isColumn(reliabilities, Uint8Array, rows) &&
    isColumn(vectors, Float32Array, rows * segment.dimension) &&
    codes instanceof Uint8Array &&
    Array.isArray(groups) &&
    groups.every(
      ({ name, bits }) => typeof name === 'string' && isColumn(bits, Uint8Array, Math.ceil(rows / 8)),
    )
  );
}

type ArrayConstructorOf = new (length: number) => { readonly length: number };

/** A column that rows of earlier versions have not. */
function columnOf({ seqs }: SegmentRow, value: number): Float64Array {
  return new Float64Array(seqs.length).fill(value);
}

function assumedBytes({ seqs }: SegmentRow): Uint8Array<ArrayBuffer> {
  return new Uint8Array(seqs.length).fill(reliabilityByte(ASSUMED_RELIABILITY));
}
