/** Rows of the database, made and read with a sealer. */
import type {
  FaceRow,
  GalleryRow,
  MetaRow,
  SegmentRow,
  StoredFace,
  StoredGallery,
  StoredSegment,
} from './schema.ts';
import type { Sealer } from './sealer.ts';

export const toBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value));
export const fromBytes = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

export function faceRow(sealer: Sealer, face: StoredFace): FaceRow {
  const { seq, ...record } = face;
  const galleries = face.galleries.map(sealer.tag);
  const meta = sealer.tag(face.meta);
  const keys = {
    seq,
    id: sealer.tag(face.id),
    galleries,
    galleryMeta: galleries.map((gallery) => [gallery, meta] as const),
    ...(face.personId !== undefined && { personId: sealer.tag(face.personId) }),
    ...(face.photoHash !== undefined && { photoHash: sealer.tag(face.photoHash) }),
  };
  return sealer.encrypted ? { ...keys, sealed: sealer.seal(toBytes(record)) } : { ...record, ...keys };
}

export function faceOf(sealer: Sealer, row: FaceRow): StoredFace {
  if (row.sealed) return { ...(fromBytes(sealer.open(row.sealed)) as Omit<StoredFace, 'seq'>), seq: row.seq };
  const { galleryMeta: _, sealed: _sealed, ...face } = row;
  return face as unknown as StoredFace;
}

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
  return { ...segment, vectors, codes: sealer.seal(segment.codes) };
}

export function segmentOf(sealer: Sealer, row: SegmentRow): StoredSegment {
  if (row.vectors instanceof Float32Array) return { ...row, vectors: row.vectors };
  const bytes = sealer.open(row.vectors);
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return { ...row, vectors, codes: sealer.open(row.codes) };
}

export function metaRow(
  sealer: Sealer,
  gallery: string,
  meta: string,
  counted: { readonly count: number; readonly seq: number },
): MetaRow {
  const row = { ...counted, gallery: sealer.tag(gallery), meta: sealer.tag(meta) };
  return sealer.encrypted ? { ...row, sealed: sealer.seal(toBytes(meta)) } : row;
}

export function metaOf(sealer: Sealer, row: MetaRow): string {
  return row.sealed ? (fromBytes(sealer.open(row.sealed)) as string) : row.meta;
}
