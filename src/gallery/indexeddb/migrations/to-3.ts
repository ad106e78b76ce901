import type { IDBPTransaction } from 'idb';
import type { UpgradeDb } from './step.ts';

/** A face of version 2: a row of its own, with the keys of indexes, which are tags; `sealed` in an encrypted database. */
interface Face2 {
  readonly seq: number;
  readonly id: string;
  readonly galleryMeta: readonly (readonly [gallery: string, meta: string])[];
  readonly personId?: string;
  readonly photoHash?: string;
  readonly sealed?: Uint8Array<ArrayBuffer>;
  // In a plain database the record stands beside the keys.
}

/** A block of version 3: the records, as JSON or sealed, of the faces whose numbers divided by 32 give `block`. */
interface Block3 {
  readonly block: number;
  readonly seqs: number[];
  readonly records: (string | Uint8Array<ArrayBuffer>)[];
}

/** What is looked at of a segment of version 2. */
interface Segment2 {
  readonly seqs: Float64Array;
}

/** What version 3 adds to it: hashes of what its faces are found by. */
interface Hashes3 {
  readonly ids: Uint32Array;
  readonly metas: Float64Array;
  readonly persons: Float64Array;
  readonly photos: Uint32Array;
}

/** The hashes of one face; 0 where it has none. */
interface Keys3 {
  readonly id: number;
  readonly meta: number;
  readonly person: number;
  readonly photo: number;
}

/** The stores of both versions, as far as they are touched. */
type Tx = IDBPTransaction<
  {
    faces: { key: number; value: Face2 };
    records: { key: number; value: Block3 };
    vectors: { key: [modelId: string, first: number]; value: Segment2 | (Segment2 & Hashes3) };
    changes: { key: number; value: unknown };
  },
  ['faces', 'records', 'vectors', 'changes'],
  'versionchange'
>;

/** Faces of a full block. */
const BLOCK_FACES = 32;

/** Version 2 kept each face in a row of its own under four indexes, and counted metas in a store. */
export async function toVersion3(db: UpgradeDb, upgrade: unknown): Promise<void> {
  const tx = upgrade as Tx;
  if (!db.objectStoreNames.contains('records')) db.createObjectStore('records', { keyPath: 'block' });
  const keys = await moveRecords(tx);
  const vectors = tx.objectStore('vectors');
  for (let cursor = await vectors.openCursor(); cursor; cursor = await cursor.continue()) {
    const { seqs } = cursor.value;
    if (seqs instanceof Float64Array) await cursor.update({ ...cursor.value, ...hashesOf(seqs, keys) });
  }
  // Other pages are closed: nobody needs to be told.
  if (db.objectStoreNames.contains('changes')) await tx.objectStore('changes').clear();
  for (const name of ['faces', 'metas']) if (db.objectStoreNames.contains(name)) db.deleteObjectStore(name);
}

/** Writes the records in blocks, as they come in the order of their numbers. Answers what each face is found by. */
async function moveRecords(tx: Tx): Promise<ReadonlyMap<number, Keys3>> {
  const keys = new Map<number, Keys3>();
  let block: Block3 = { block: -1, seqs: [], records: [] };
  const save = async (): Promise<void> => {
    if (block.seqs.length > 0) await tx.objectStore('records').add(block);
  };
  const faces = tx.objectStore('faces');
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue()) {
    const face = cursor.value;
    const { seq, galleryMeta: _, ...record } = face;
    const of = Math.floor(seq / BLOCK_FACES);
    if (of !== block.block) {
      await save();
      block = { block: of, seqs: [], records: [] };
    }
    keys.set(seq, keysOf(face));
    block.seqs.push(seq);
    block.records.push(face.sealed ?? JSON.stringify(record));
  }
  await save();
  return keys;
}

/** What is damaged is found by nothing. */
function keysOf({ id, galleryMeta, personId, photoHash }: Face2): Keys3 {
  const meta = Array.isArray(galleryMeta) ? (galleryMeta as Face2['galleryMeta'])[0]?.[1] : undefined;
  const isText = (value: unknown): value is string => typeof value === 'string';
  return {
    id: isText(id) ? shortHash(id) : 0,
    meta: textHash(isText(meta) ? meta : ''),
    person: isText(personId) ? textHash(personId) : 0,
    photo: isText(photoHash) ? shortHash(photoHash) : 0,
  };
}

const NO_KEYS: Keys3 = { id: 0, meta: 0, person: 0, photo: 0 };

function hashesOf(seqs: Float64Array, keys: ReadonlyMap<number, Keys3>): Hashes3 {
  const found = Array.from(seqs, (seq) => keys.get(seq) ?? NO_KEYS);
  return {
    ids: Uint32Array.from(found, ({ id }) => id),
    metas: Float64Array.from(found, ({ meta }) => meta),
    persons: Float64Array.from(found, ({ person }) => person),
    photos: Uint32Array.from(found, ({ photo }) => photo),
  };
}

/** A hash of a text's UTF-16 units with 53 bits, never 0: two runs of MurmurHash3's 32-bit mix (Appleby, 2008) with different constants. */
function textHash(text: string): number {
  let [a, b] = [0x9747b28c, 0x1b873593];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a =
      Math.imul(rotate(a ^ Math.imul(rotate(Math.imul(unit, 0xcc9e2d51), 15), 0x1b873593), 13), 5) +
      0xe6546b64;
    b =
      Math.imul(rotate(b ^ Math.imul(rotate(Math.imul(unit, 0x239b961b), 17), 0x38b34ae5), 19), 5) +
      0x561ccd1b;
  }
  const low = finish(a ^ text.length);
  const high = finish(b ^ text.length) & 0x1fffff;
  return high * 2 ** 32 + low || 1;
}

/** The lower 32 bits of it, never 0. */
function shortHash(text: string): number {
  return textHash(text) % 2 ** 32 || 1;
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
