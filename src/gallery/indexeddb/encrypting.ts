import type { IDBPDatabase } from 'idb';
import { throwIfAborted } from '../../core/errors.ts';
import { rotated, rotatedBack } from '../../core/secret-rotation.ts';
import { resealedItem, resealedJob } from './jobs.ts';
import {
  resealedCamera,
  resealedPair,
  resealedPerson,
  resealedSighting,
  resealedStep,
} from './people-rows.ts';
import { readFaces, resealedBlock } from './records.ts';
import { resealedAppearance } from './recognitions.ts';
import { galleryRow, segmentRow, wholeGallery, wholeSegment } from './rows.ts';
import {
  type GalleryDb,
  type ReadTx,
  type StoredKeys,
  type StoredSegment,
  type StoredState,
  type StoreName,
  STORES,
  type WriteTx,
} from './schema.ts';
import { withRows } from './segment-rows.ts';
import { vectorIn } from './segments.ts';
import type { Sealer } from './sealer.ts';
import { isAbandoned } from './slots.ts';
import type { CopyOptions } from '../port.ts';
import { countersOf } from '../people/stored.ts';
import { DEFAULT_GALLERY, newGallery } from '../stored.ts';
import { columnsOf, type Encode, groupsOf } from '../face-rows.ts';
import { keysOf } from '../face-keys.ts';

/** The same for a copy, whose vectors are rotated anew. */
export interface RecodingOptions extends CopyOptions {
  readonly encode: Encode;
}

/** The same for one that takes the place of what is copied. */
export interface MoveOptions extends RecodingOptions {
  /** The keys that are stored in the copy, by those that are stored: nobody changes these any more then. */
  readonly keysOf: KeysOf;
  /** May refuse the database as it is when the last page has written. */
  readonly check: (state: StoredState) => void;
  /** Called when the copy counts, before the old database is deleted. */
  readonly onMoved: () => void;
}

export type KeysOf = (stored: StoredKeys | undefined) => StoredKeys;

/** Rows of a step are read until they are so many bytes, give or take. */
const STEP_BYTES = 4e6;

/** Most rows of a step. */
const STEP_ROWS = 512;

/** The stored keys; nothing in a plain database. */
export async function readKeys(tx: Pick<ReadTx, 'objectStore'>): Promise<StoredKeys | undefined> {
  return tx.objectStore('keys').get('keys');
}

/** Stores keys wrapped anew. */
export async function putKeys(tx: WriteTx, keys: StoredKeys): Promise<void> {
  await tx.objectStore('keys').put(keys, 'keys');
}

/**
 * Encrypts a database in which nothing ever was, in its place. Answers false, and does nothing, if there was something: it would stay
 * readable on the disk.
 */
export async function encryptNew(tx: WriteTx, sealer: Sealer, keys: StoredKeys): Promise<boolean> {
  const { nextSeq, revision, importing } = tx.state;
  const kept = ['jobs', 'persons', 'cameras', 'sightings'] as const;
  const counts = await Promise.all(kept.map(async (name) => tx.objectStore(name).count()));
  const galleries = await tx.objectStore('galleries').count();
  if (importing || nextSeq > 1 || revision > 0 || galleries > 1 || counts.some((count) => count > 0))
    return false;
  // What was there and is not any more is readable on the disk as well.
  const { nextPerson, nextSighting } = countersOf(tx.state.people);
  if (nextPerson > 1 || nextSighting > 1) return false;
  await tx.objectStore('galleries').clear();
  await tx.objectStore('galleries').add(galleryRow(sealer, newGallery(DEFAULT_GALLERY, null)));
  await putKeys(tx, keys);
  tx.state = { ...tx.state, ...(sealer.keyId !== undefined && { keyId: sealer.keyId }) };
  tx.note({ kind: 'reload' });
  return true;
}

/** A physical database. */
export type Db = IDBPDatabase<GalleryDb>;
type Row<Name extends StoreName> = GalleryDb[Name]['value'];

/** What a row is under other keys. */
type Reseal<Name extends StoreName> = (
  row: Row<Name>,
  from: Sealer,
  to: Sealer,
  tx: CopyTx,
) => Row<Name> | Promise<Row<Name>>;

/** What rows are copied with. */
type CopyTx = Pick<ReadTx, 'objectStore'> & { readonly encode: Encode };

/** The stores that are copied. The counters and the keys come last, the changes not at all. */
const RESEAL: { readonly [Name in Exclude<StoreName, 'state' | 'keys' | 'changes'>]: Reseal<Name> } = {
  galleries: (row, from, to) => {
    const gallery = wholeGallery(from, row);
    return gallery ? galleryRow(to, gallery) : { name: to.tag(row.name), sealed: NOTHING };
  },
  records: (block, from, to) => resealedBlock(from, to, block),
  // What faces are found by is made anew of their records: it depends on the keys, as the rotation of their vectors does.
  vectors: async (row, from, to, { objectStore, encode }) => {
    const segment = wholeSegment(from, row);
    if (!segment) return damagedSegment(row);
    // A face whose record is damaged has nothing to be found by any more.
    const faces = await readFaces({ objectStore, sealer: from }, segment.seqs);
    if (faces.length === 0) return damagedSegment(row);
    const known = new Set(faces.map(({ seq }) => seq));
    const rows = [...segment.seqs.keys()].filter((i) => known.has(segment.seqs[i] as number));
    const kept = rows.length === segment.seqs.length ? segment : withRows(segment, rows);
    const keys = faces.map((face) => keysOf(to, face));
    const groups = groupsOf(keys.map(({ galleries }) => galleries));
    return segmentRow(to, { ...rotatedAnew(kept, from, to, encode), ...columnsOf(keys), groups });
  },
  pictures: ({ type, bytes }, from, to) => resealedPicture(type, bytes, from, to),
  regenerated: ({ reliability, bytes, ...row }, from, to) => {
    const [open, known] = [opened(from, bytes), reliability && opened(from, reliability)];
    return {
      ...row,
      bytes: open ? to.seal(rotatedBytes(row.modelId, open, from, to)) : NOTHING,
      ...(known && { reliability: to.seal(known) }),
    };
  },
  jobs: (row, from, to) => resealedJob(from, to, row),
  jobItems: (row, from, to) => resealedItem(from, to, row),
  jobPieces: (bytes, from, to) => resealedBytes(bytes, from, to),
  jobCheckpoints: (bytes, from, to) => resealedBytes(bytes, from, to),
  appearances: (row, from, to) => resealedAppearance(from, to, row),
  persons: resealedPerson,
  cameras: resealedCamera,
  pairs: resealedPair,
  peopleSteps: resealedStep,
  sightings: resealedSighting,
  sightingPictures: ({ type, bytes }, from, to) => resealedPicture(type, bytes, from, to),
};

/** What cannot be opened under any keys: what is damaged stays so in the copy. */
const NOTHING = new Uint8Array(0);

/** A segment whose vectors are rotated as others are. */
function rotatedAnew(segment: StoredSegment, from: Sealer, to: Sealer, encode: Encode): StoredSegment {
  if (from.rotations === to.rotations) return segment;
  const { modelId, dimension, seqs } = segment;
  const vectors = new Float32Array(seqs.length * dimension);
  for (const row of seqs.keys()) {
    const vector = vectorIn({ sealer: from }, segment, row);
    vectors.set(rotated(to.rotations, modelId, vector), row * dimension);
  }
  return { ...segment, vectors, codes: encode(vectors, dimension) };
}

/** The same of one vector's bytes. */
function rotatedBytes(
  modelId: string,
  bytes: Uint8Array<ArrayBuffer>,
  from: Sealer,
  to: Sealer,
): Uint8Array<ArrayBuffer> {
  // What is no vector is damaged, and stays so.
  if (bytes.length === 0 || bytes.length % 4 > 0) return bytes;
  const vector = rotatedBack(from.rotations, modelId, new Float32Array(bytes.slice().buffer));
  return new Uint8Array(rotated(to.rotations, modelId, vector).buffer);
}

function resealedBytes(bytes: Uint8Array<ArrayBuffer>, from: Sealer, to: Sealer): Uint8Array<ArrayBuffer> {
  const open = opened(from, bytes);
  return open ? to.seal(open) : NOTHING;
}

function resealedPicture(type: string, bytes: ArrayBuffer, from: Sealer, to: Sealer): Row<'pictures'> {
  const open = opened(from, new Uint8Array(bytes));
  return { type, bytes: open ? to.seal(open).slice().buffer : new ArrayBuffer(0) };
}

function damagedSegment({ modelId, first, dimension }: Row<'vectors'>): Row<'vectors'> {
  const [floats, shorts] = [new Float64Array(0), new Uint32Array(0)];
  const columns = {
    seqs: floats,
    times: floats,
    metas: floats,
    persons: floats,
    ids: shorts,
    photos: shorts,
    cameras: floats,
    expiries: floats,
  };
  return { modelId, first, dimension, ...columns, vectors: NOTHING, codes: NOTHING, groups: [] };
}

function opened(sealer: Sealer, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  try {
    return sealer.open(bytes);
  } catch {
    return undefined;
  }
}

/** From now on nobody writes. Answers the counters as they are then; `check` may refuse them. */
export async function beginCopy(source: Db, check: (state: Row<'state'>) => void): Promise<Row<'state'>> {
  const tx = source.transaction('state', 'readwrite', { durability: 'strict' });
  const state = await tx.store.get('state');
  if (!state) throw new Error('the database has lost its counters');
  check(state);
  await tx.store.put({ ...state, moving: true }, 'state');
  await tx.done;
  const { moving: _, ...kept } = state;
  return kept;
}

/**
 * Copies everything into another database under other keys, some megabytes at a time. Nothing may be written to the first
 * meanwhile. The copy counts for nothing before {@link finishCopy}.
 *
 * What is damaged stays so in the copy.
 *
 * @throws NearFaceError `ABORTED`, `STORAGE_FAILED`
 */
export async function copyAll(
  source: Db,
  from: Sealer,
  copy: Db,
  to: Sealer,
  { onProgress, signal, encode }: RecodingOptions,
): Promise<void> {
  const names = Object.keys(RESEAL) as (keyof typeof RESEAL)[];
  const counts = await Promise.all(names.map((name) => source.count(name)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  onProgress?.(done, total);
  for (const name of names) {
    await copyStore(source, from, copy, to, name, encode, (rows) => {
      onProgress?.((done += rows), total);
      throwIfAborted(signal);
    });
  }
}

async function copyStore<Name extends keyof typeof RESEAL>(
  source: Db,
  from: Sealer,
  copy: Db,
  to: Sealer,
  name: Name,
  encode: Encode,
  onStep: (rows: number) => void,
): Promise<void> {
  const reseal = RESEAL[name] as unknown as Reseal<Name>;
  let after: GalleryDb[Name]['key'] | undefined;
  for (let most = 8; ;) {
    const tx = source.transaction([...STORES]);
    const view = { encode, objectStore: (store) => tx.objectStore(store) } as CopyTx;
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
    const [keys, rows] = await Promise.all([
      tx.objectStore(name).getAllKeys(range, most),
      tx.objectStore(name).getAll(range, most),
    ]);
    if (keys.length === 0) return;
    const resealed: Row<Name>[] = [];
    for (const row of rows) resealed.push(await reseal(row, from, to, view));
    await putAll(copy, name, keys, resealed);
    onStep(rows.length);
    after = keys.at(-1);
    const mean = bytesIn(resealed) / rows.length;
    most = Math.max(1, Math.min(STEP_ROWS, 4 * most, Math.round(STEP_BYTES / (mean + 1))));
  }
}

async function putAll<Name extends StoreName>(
  copy: Db,
  name: Name,
  keys: readonly GalleryDb[Name]['key'][],
  rows: readonly Row<Name>[],
): Promise<void> {
  const tx = copy.transaction(name, 'readwrite', { durability: 'strict' });
  const { store } = tx;
  // A gallery's key is its tag under the new keys, so that the rows tell their keys where they hold them.
  const puts = rows.map(async (row, i) =>
    store.keyPath === null ? store.put(row, keys[i]) : store.put(row),
  );
  await Promise.all([...puts, tx.done]);
}

/** About how many bytes lie in a value. */
function bytesIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, inner: unknown) => sum + bytesIn(inner), 0);
}

/** Makes a copy whole: from now on it is what counts. Answers false if another page has ended it. */
export async function finishCopy(copy: Db, state: Row<'state'>, keys: StoredKeys): Promise<boolean> {
  const tx = copy.transaction(['state', 'keys', 'changes'], 'readwrite', { durability: 'strict' });
  if (await isAbandoned(tx.objectStore('state'))) return false;
  await Promise.all([
    tx.objectStore('keys').put(keys, 'keys'),
    tx.objectStore('changes').put([{ kind: 'reload' }], state.revision),
    tx.objectStore('state').put(state, 'state'),
    tx.done,
  ]);
  return true;
}
