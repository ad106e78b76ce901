/** Rows of the database, made and read with a sealer. */
import { ASSUMED_RELIABILITY, reliabilityByte } from '../../core/reliability.ts';
import { shortHash, textHash } from '../../core/text-hash.ts';
import type { FaceKeys, GalleryRow, SegmentRow, StoredFace, StoredGallery, StoredSegment } from './schema.ts';
import type { Sealer } from './sealer.ts';

export const toBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value));
export const fromBytes = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

export function galleryRow(sealer: Sealer, gallery: StoredGallery): GalleryRow {
  if (!sealer.encrypted) return gallery;
  return { name: sealer.tag(gallery.name), sealed: sealer.seal(toBytes(gallery)) };
}

export function galleryOf(sealer: Sealer, row: GalleryRow): StoredGallery {
  return row.sealed
    ? (fromBytes(sealer.open(row.sealed)) as StoredGallery)
    : (row as unknown as StoredGallery);
}

export function segmentRow(sealer: Sealer, segment: StoredSegment): SegmentRow {
  if (!sealer.encrypted) return segment;
  const { buffer, byteOffset, byteLength } = segment.vectors;
  const vectors = sealer.seal(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  const [codes, reliabilities] = [sealer.seal(segment.codes), sealer.seal(segment.reliabilities)];
  return { ...segment, vectors, codes, reliabilities };
}

export function segmentOf(sealer: Sealer, row: SegmentRow): StoredSegment {
  if (row.vectors instanceof Float32Array)
    return { ...row, vectors: row.vectors, reliabilities: row.reliabilities ?? assumedBytes(row) };
  const bytes = sealer.open(row.vectors);
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const reliabilities = row.reliabilities ? sealer.open(row.reliabilities) : assumedBytes(row);
  return { ...row, vectors, codes: sealer.open(row.codes), reliabilities };
}

function assumedBytes({ seqs }: SegmentRow): Uint8Array<ArrayBuffer> {
  return new Uint8Array(seqs.length).fill(reliabilityByte(ASSUMED_RELIABILITY));
}

/** What a face is found by. */
export function keysOf({ tag }: Sealer, face: StoredFace): FaceKeys {
  return {
    seq: face.seq,
    galleries: face.galleries.map(tag),
    id: shortHash(tag(face.id)),
    meta: textHash(tag(face.meta)),
    person: face.personId === undefined ? 0 : textHash(tag(face.personId)),
    photo: face.photoHash === undefined ? 0 : shortHash(tag(face.photoHash)),
  };
}
