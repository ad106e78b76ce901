import type { IDBPDatabase, IDBPTransaction } from 'idb';
import {
  addBytes,
  bytesOf,
  createVersion1,
  createVersion2,
  EMPTY_STATE,
  type FaceBytes,
  type FaceRow,
  type GalleryDb,
  type GalleryRow,
  type MetaRow,
  SEGMENT_ROWS,
  type StoredFace,
  type StoredModel,
  type StoredSegment,
  type StoredState,
  type UpgradeTx,
} from './schema.ts';
import { faceOf } from './rows.ts';
import { PLAIN } from './sealer.ts';
import { groupsOf } from './segments.ts';

/** A segment of version 1: keyed by a number of its own, rows of deleted faces zeroed. */
interface Segment1 {
  readonly no: number;
  readonly modelId: string;
  readonly dimension: number;
  readonly seqs: Float64Array;
  readonly vectors: Float32Array;
}

/** Brings a database of an earlier version, or a new one, up to the present one. */
export async function upgrade(db: IDBPDatabase<GalleryDb>, from: number, tx: UpgradeTx): Promise<void> {
  if (from < 1) createVersion1(db, tx);
  if (from < 2) {
    createVersion2(db, tx);
    if (from < 1) await tx.objectStore('state').add(EMPTY_STATE, 'state');
    else await fromVersion1(db, tx);
  }
}

/**
 * Version 2 knows segments by the first face in them, so that rows can be cut out and segments joined without
 * touching the faces' records; it counts metas, and its counters are others.
 */
async function fromVersion1(db: IDBPDatabase<GalleryDb>, tx: UpgradeTx): Promise<void> {
  const old = tx as unknown as IDBPTransaction<
    { segments: { key: number; value: Segment1 } },
    ['segments'],
    'versionchange'
  >;
  const faces = tx.objectStore('faces');
  const models = new Map<string, StoredModel>();
  for (
    let cursor = await old.objectStore('segments').openCursor();
    cursor;
    cursor = await cursor.continue()
  ) {
    for (const segment of await denseSegments(tx, cursor.value)) {
      await tx.objectStore('vectors').add(segment);
      const model = models.get(segment.modelId) ?? { dimension: segment.dimension, faces: 0, segments: 0 };
      models.set(segment.modelId, {
        ...model,
        faces: model.faces + segment.seqs.length,
        segments: model.segments + 1,
      });
    }
  }
  (db as unknown as IDBDatabase).deleteObjectStore('segments');
  const pictureBytes = await countPictures(tx);
  const galleryBytes = new Map<string, FaceBytes>();
  let bytes = EMPTY_STATE.bytes;
  const metas = new Map<string, MetaRow>();
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue()) {
    countMetas(metas, cursor.value);
    const { segment: _segment, row: _row, ...kept } = cursor.value as FaceRow & Record<string, unknown>;
    const face = { ...kept, pictureBytes: pictureBytes.get(kept.seq) ?? 0 } as unknown as StoredFace;
    const taken = bytesOf([faceOf(PLAIN, face as unknown as FaceRow)]);
    bytes = addBytes(bytes, taken);
    for (const name of face.galleries)
      galleryBytes.set(name, addBytes(galleryBytes.get(name) ?? EMPTY_STATE.bytes, taken));
    await cursor.update(face as unknown as FaceRow);
  }
  const galleries = tx.objectStore('galleries');
  for (let cursor = await galleries.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update({
      ...cursor.value,
      bytes: galleryBytes.get(cursor.value.name) ?? EMPTY_STATE.bytes,
    } as GalleryRow);
  for (const meta of metas.values()) await tx.objectStore('metas').add(meta);
  const { nextSeq } = (await tx.objectStore('state').get('state')) as StoredState;
  await tx.objectStore('state').put({ ...EMPTY_STATE, nextSeq, models, bytes }, 'state');
}

/** Bytes of each face's pictures. */
async function countPictures(tx: UpgradeTx): Promise<ReadonlyMap<number, number>> {
  const bytes = new Map<number, number>();
  for (let cursor = await tx.objectStore('pictures').openCursor(); cursor; cursor = await cursor.continue()) {
    const [seq] = cursor.key;
    bytes.set(seq, (bytes.get(seq) ?? 0) + cursor.value.bytes.byteLength);
  }
  return bytes;
}

/** The rows of a segment that are not deleted, with their faces' times, in segments of the present size. */
async function denseSegments(tx: UpgradeTx, old: Segment1): Promise<StoredSegment[]> {
  const { modelId, dimension } = old;
  const rows = [...old.seqs.entries()].filter(([, seq]) => seq > 0);
  const segments: StoredSegment[] = [];
  for (let from = 0; from < rows.length; from += SEGMENT_ROWS) {
    const some = rows.slice(from, from + SEGMENT_ROWS);
    const seqs = Float64Array.from(some, ([, seq]) => seq);
    const records = await Promise.all(some.map(([, seq]) => tx.objectStore('faces').get(seq)));
    const times = records.map((record) => (record as unknown as { timestamp: number }).timestamp);
    const groups = groupsOf(records.map((record) => record?.galleries ?? []));
    const vectors = new Float32Array(some.length * dimension);
    some.forEach(([row], i) =>
      vectors.set(old.vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension),
    );
    segments.push({
      modelId,
      first: seqs[0] as number,
      dimension,
      seqs,
      times: Float64Array.from(times),
      vectors,
      codes: new Uint8Array(0),
      groups,
    });
  }
  return segments;
}

function countMetas(metas: Map<string, MetaRow>, { seq, galleryMeta }: FaceRow): void {
  for (const [gallery, meta] of galleryMeta) {
    const key = JSON.stringify([gallery, meta]);
    const known = metas.get(key) ?? { gallery, meta, count: 0, seq };
    metas.set(key, { ...known, count: known.count + 1 });
  }
}
