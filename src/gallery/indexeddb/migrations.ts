import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { shortHash, textHash } from '../../core/text-hash.ts';
import { fromVersion3 } from './migration-to-4.ts';
import { blockOf } from './records.ts';
import type { FaceKeys } from '../face-keys.ts';
import {
  EMPTY_STATE,
  type GalleryDb,
  type GalleryRow,
  type RecordBlock,
  SEGMENT_ROWS,
  type SegmentRow,
  type StoredState,
  type StoreName,
  type UpgradeTx,
} from './schema.ts';
import {
  addBytes,
  bytesOf,
  DEFAULT_GALLERY,
  type FaceBytes,
  newGallery,
  type StoredFace,
  type StoredModel,
} from '../stored.ts';
import { groupsOf, hashesOf } from '../face-rows.ts';

/** A face of versions 1 and 2: a row of its own, with the keys of indexes; `sealed` in an encrypted database. */
interface OldFace {
  readonly seq: number;
  readonly id: string;
  readonly galleries: readonly string[];
  readonly galleryMeta: readonly (readonly [gallery: string, meta: string])[];
  readonly personId?: string;
  readonly photoHash?: string;
  readonly sealed?: Uint8Array<ArrayBuffer>;
  /** In a plain database the record stands beside the keys. */
  readonly timestamp?: number;
}

/** A segment of version 1: keyed by a number of its own, rows of deleted faces zeroed. */
interface Segment1 {
  readonly no: number;
  readonly modelId: string;
  readonly dimension: number;
  readonly seqs: Float64Array;
  readonly vectors: Float32Array;
}

/** The stores that are no more. */
type OldTx = IDBPTransaction<
  { faces: { key: number; value: OldFace }; segments: { key: number; value: Segment1 } },
  ['faces', 'segments'],
  'versionchange'
>;

/**
 * Brings a database of an earlier version, or a new one, up to the present one.
 *
 * @param isLost - whether it is new since the browser found the files of an earlier one damaged
 */
export async function upgrade(
  db: IDBPDatabase<GalleryDb>,
  from: number,
  tx: UpgradeTx,
  isLost = false,
): Promise<void> {
  createStores(db);
  if (from < 1) {
    await tx.objectStore('galleries').add(newGallery(DEFAULT_GALLERY, null));
    await tx.objectStore('state').add({ ...EMPTY_STATE, ...(isLost && { lost: true }) }, 'state');
    return;
  }
  if (from < 2) await fromVersion1(tx);
  else if (from < 3) await fromVersion2(tx);
  await fromVersion3(tx);
  for (const name of ['faces', 'segments', 'metas'])
    if ((db as unknown as IDBDatabase).objectStoreNames.contains(name))
      (db as unknown as IDBDatabase).deleteObjectStore(name);
}

/** Creates what stores are not there yet. */
export function createStores(db: IDBPDatabase<GalleryDb>): void {
  const has = (name: StoreName): boolean => db.objectStoreNames.contains(name);
  if (!has('galleries')) db.createObjectStore('galleries', { keyPath: 'name' });
  if (!has('records')) db.createObjectStore('records', { keyPath: 'block' });
  if (!has('vectors')) db.createObjectStore('vectors', { keyPath: ['modelId', 'first'] });
  if (!has('jobs')) db.createObjectStore('jobs', { keyPath: 'id' });
  if (!has('jobItems')) {
    const items = db.createObjectStore('jobItems', { keyPath: ['job', 'index'] });
    items.createIndex('status', ['job', 'status', 'index']);
    items.createIndex('ids', 'ids', { multiEntry: true });
  }
  if (!has('regenerated')) {
    const regenerated = db.createObjectStore('regenerated', { keyPath: ['seq', 'modelId'] });
    regenerated.createIndex('modelId', 'modelId');
  }
  for (const name of ['pictures', 'changes', 'state', 'keys'] as const)
    if (!has(name)) db.createObjectStore(name);
}

/** Version 2 kept each face in a row of its own under four indexes, and counted metas in a store. */
async function fromVersion2(tx: UpgradeTx): Promise<void> {
  const keys = new Map<number, FaceKeys>();
  const blocks = new BlockWriter(tx);
  const faces = (tx as unknown as OldTx).objectStore('faces');
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue()) {
    const face = cursor.value;
    keys.set(face.seq, keysOf(face));
    await blocks.add(face.seq, face.sealed ?? JSON.stringify(recordOf(face)));
  }
  await blocks.end();
  const vectors = tx.objectStore('vectors');
  for (let cursor = await vectors.openCursor(); cursor; cursor = await cursor.continue()) {
    const some = Array.from(cursor.value.seqs, (seq) => keys.get(seq) as FaceKeys);
    await cursor.update({ ...cursor.value, ...hashesOf(some) });
  }
  // Other pages are closed: nobody needs to be told.
  await tx.objectStore('changes').clear();
}

/** Version 1 had segments with gaps, and counted neither segments nor bytes. */
async function fromVersion1(tx: UpgradeTx): Promise<void> {
  const old = tx as unknown as OldTx;
  const models = new Map<string, StoredModel>();
  const segments = old.objectStore('segments');
  for (let cursor = await segments.openCursor(); cursor; cursor = await cursor.continue()) {
    for (const segment of await denseSegments(old, cursor.value)) {
      await tx.objectStore('vectors').add(segment);
      const model = models.get(segment.modelId) ?? { dimension: segment.dimension, faces: 0, segments: 0 };
      const faces = model.faces + segment.seqs.length;
      models.set(segment.modelId, { ...model, faces, segments: model.segments + 1 });
    }
  }
  const pictureBytes = await countPictures(tx);
  const galleryBytes = new Map<string, FaceBytes>();
  let bytes = EMPTY_STATE.bytes;
  const blocks = new BlockWriter(tx);
  const faces = old.objectStore('faces');
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue()) {
    const { seq } = cursor.value;
    const record = { ...recordOf(cursor.value), pictureBytes: pictureBytes.get(seq) ?? 0 };
    const taken = bytesOf([{ ...record, seq } as unknown as StoredFace]);
    bytes = addBytes(bytes, taken);
    for (const name of cursor.value.galleries)
      galleryBytes.set(name, addBytes(galleryBytes.get(name) ?? EMPTY_STATE.bytes, taken));
    await blocks.add(seq, JSON.stringify(record));
  }
  await blocks.end();
  const galleries = tx.objectStore('galleries');
  for (let cursor = await galleries.openCursor(); cursor; cursor = await cursor.continue()) {
    const counted = galleryBytes.get(cursor.value.name) ?? EMPTY_STATE.bytes;
    await cursor.update({ ...cursor.value, bytes: counted } as GalleryRow);
  }
  const { nextSeq } = (await tx.objectStore('state').get('state')) as StoredState;
  await tx.objectStore('state').put({ ...EMPTY_STATE, nextSeq, models, bytes }, 'state');
}

/** What is kept of a face's row as its record. */
function recordOf(face: OldFace): Readonly<Record<string, unknown>> {
  const {
    seq: _,
    galleryMeta: _keys,
    segment: _segment,
    row: _row,
    ...record
  } = face as OldFace & Segment1Place;
  return record;
}

/** Where version 1 kept a face's vector. */
interface Segment1Place {
  readonly segment?: number;
  readonly row?: number;
}

function keysOf({ seq, id, galleries, galleryMeta, personId, photoHash }: OldFace): FaceKeys {
  return {
    seq,
    galleries,
    id: shortHash(id),
    meta: textHash(galleryMeta[0]?.[1] ?? ''),
    person: personId === undefined ? 0 : textHash(personId),
    photo: photoHash === undefined ? 0 : shortHash(photoHash),
  };
}

/** Writes records block by block, as they come in the order of their numbers. */
class BlockWriter {
  readonly #tx: UpgradeTx;
  #block = -1;
  #seqs: number[] = [];
  #records: RecordBlock['records'][number][] = [];

  constructor(tx: UpgradeTx) {
    this.#tx = tx;
  }

  async add(seq: number, record: RecordBlock['records'][number]): Promise<void> {
    if (blockOf(seq) !== this.#block) await this.end();
    this.#block = blockOf(seq);
    this.#seqs.push(seq);
    this.#records.push(record);
  }

  async end(): Promise<void> {
    if (this.#seqs.length > 0)
      await this.#tx
        .objectStore('records')
        .add({ block: this.#block, seqs: this.#seqs, records: this.#records });
    [this.#seqs, this.#records] = [[], []];
  }
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

/** The rows of a segment that are not deleted, with what their faces are found by, in segments of the present size. */
async function denseSegments(tx: OldTx, old: Segment1): Promise<SegmentRow[]> {
  const { modelId, dimension } = old;
  const rows = [...old.seqs.entries()].filter(([, seq]) => seq > 0);
  const segments: SegmentRow[] = [];
  for (let from = 0; from < rows.length; from += SEGMENT_ROWS) {
    const some = rows.slice(from, from + SEGMENT_ROWS);
    const seqs = Float64Array.from(some, ([, seq]) => seq);
    const faces = await Promise.all(some.map(([, seq]) => tx.objectStore('faces').get(seq)));
    const keys = faces.map((face) => keysOf(face as OldFace));
    const vectors = new Float32Array(some.length * dimension);
    some.forEach(([row], i) =>
      vectors.set(old.vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension),
    );
    segments.push({
      modelId,
      first: seqs[0] as number,
      dimension,
      seqs,
      times: Float64Array.from(faces, (face) => face?.timestamp ?? 0),
      ...hashesOf(keys),
      vectors,
      codes: new Uint8Array(0),
      groups: groupsOf(keys.map(({ galleries }) => galleries)),
    });
  }
  return segments;
}
