/** Runs in the page: the stores as they lie in the database, past the library's own reading. */
import { openDB } from 'idb';
import type { FaceRecord } from '../../src/core/records.ts';
import {
  type FaceRow,
  type GalleryDb,
  SEGMENT_ROWS,
  type StoredPicture,
  type StoredSegment,
} from '../../src/gallery/store/schema.ts';
import { DIMENSION, MODEL, pictureOf, vectorOf } from './faces.ts';
import type { Problems } from './found.ts';

/** Every row belongs to one of the faces that the galleries list, and no face lacks one. */
export async function checkRaw(
  database: string,
  records: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const db = await openDB<GalleryDb>(database);
  try {
    const tx = db.transaction(['faces', 'vectors', 'metas', 'pictures', 'changes', 'state']);
    const faces = tx.objectStore('faces');
    const [rows, segments, keys, pictures, metas, changes, state, ids, memberships] = await Promise.all([
      faces.getAll(),
      tx.objectStore('vectors').getAll() as Promise<StoredSegment[]>,
      tx.objectStore('pictures').getAllKeys(),
      tx.objectStore('pictures').getAll(),
      tx.objectStore('metas').getAll(),
      tx.objectStore('changes').getAllKeys(),
      tx.objectStore('state').get('state'),
      faces.index('id').count(),
      faces.index('galleryMeta').count(),
    ]);
    const inGalleries = records.reduce((sum, { galleries }) => sum + galleries.length, 0);
    problems.same('records', rows.length, records.length);
    problems.same('ids in the index', ids, records.length);
    problems.same('memberships in the index', memberships, inGalleries);
    problems.same(
      'memberships counted by meta',
      metas.reduce((sum, { count }) => sum + count, 0),
      inGalleries,
    );
    checkSegments(segments, rows, problems);
    checkPictures(keys, pictures, rows, problems);
    const model = state?.models.get(MODEL);
    problems.same('faces counted of the model', model?.faces ?? 0, rows.length);
    problems.same('segments counted of the model', model?.segments ?? 0, segments.length);
    problems.same('last change', changes.at(-1) ?? 0, state?.revision);
  } finally {
    db.close();
  }
}

type Row = FaceRow & { readonly timestamp?: number; readonly pictures?: readonly string[] };

/** Each face has one row among the vectors, with its time, and its vector bit for bit. */
function checkSegments(segments: readonly StoredSegment[], rows: readonly Row[], problems: Problems): void {
  const faces = new Map(rows.map((row) => [row.seq, row]));
  const seqs: number[] = [];
  for (const { first, seqs: held, times, vectors } of segments) {
    problems.same(`segment ${first} is of fair size`, held.length > 0 && held.length <= SEGMENT_ROWS, true);
    problems.same(`numbers of segment ${first}`, vectors.length, held.length * DIMENSION);
    for (const [i, seq] of held.entries()) {
      const face = faces.get(seq);
      const vector = vectors.subarray(i * DIMENSION, (i + 1) * DIMENSION);
      if (!face) problems.all.push(`the vector of face number ${seq} has no record`);
      else if (!sameBits(vector, vectorOf(face.id))) problems.all.push(`${face.id} has another vector`);
      problems.same(`time of face number ${seq}`, times[i], face?.timestamp);
      seqs.push(seq);
    }
  }
  problems.same(
    'faces with a vector',
    seqs,
    rows.map(({ seq }) => seq),
  );
}

/** Each face that tells of a picture has it, byte for byte, and there are no others. */
function checkPictures(
  keys: readonly (readonly [seq: number, kind: string])[],
  pictures: readonly StoredPicture[],
  rows: readonly Row[],
  problems: Problems,
): void {
  const withPicture = rows.filter((row) => (row.pictures ?? []).length > 0);
  problems.same(
    'faces with a picture',
    keys,
    withPicture.map(({ seq }) => [seq, 'crop']),
  );
  const ids = new Map(rows.map(({ seq, id }) => [seq, id]));
  for (const [i, { bytes }] of pictures.entries()) {
    const id = ids.get((keys[i] as readonly [number, string])[0]);
    if (id !== undefined && !sameBits(new Uint8Array(bytes), pictureOf(id)))
      problems.all.push(`${id} has another picture`);
  }
}

function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const [left, right] = [a, b].map(
    (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
  ) as [Uint8Array, Uint8Array];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
