/** What is made anew, and what is cleared away, where a database is damaged. */
import type { Clearing, Damage } from '../../core/records.ts';
import { isHidden } from '../hidden-faces.ts';
import { forgetEverywhere } from './forgetting.ts';
import { clearDamagedPeople, type NamingFace } from './mending-people.ts';
import { allFaces, blockOf, damagedIn, facesOf, nextBlocks, readFaces, recordEntry } from './records.ts';
import { galleryRow, segmentRow, wholeGallery, wholeSegment } from './rows.ts';
import { BLOCK_FACES, EMPTY_STATE, facesIn, type GalleryRow, type ReadTx, type WriteTx } from './schema.ts';
import { withRows } from './segment-rows.ts';
import {
  addBytes,
  bytesOf,
  DEFAULT_GALLERY,
  type FaceBytes,
  newGallery,
  type StoredFace,
  type StoredGallery,
  type StoredModel,
} from '../stored.ts';

/** Blocks of records, and segments, that are read at a time. */
const SLICE = 32;

/** Blocks of records that are checked at a time. */
const CHECK_BLOCKS = 128;

/** Faces whose records are looked at for the name of their gallery. */
const NAME_FACES = 32;

/** Counters of a gallery's faces. */
type Counted = Pick<StoredGallery, 'count' | 'bytes' | 'modelId'>;

const NO_FACES: Counted = { count: 0, bytes: EMPTY_STATE.bytes, modelId: null };

/** What is known to be damaged. */
export async function damageOf(tx: ReadTx): Promise<Damage> {
  const { vectored, unreadable } = tx.index;
  // The counters tell faces without a vector also where there is no record of them that can be read.
  const faces = facesIn(tx.state) - vectored + unreadable;
  return { galleries: await countDamagedGalleries(tx), faces };
}

/** Notes which faces of the next blocks of records have none that can be read. Answers where to go on, or nothing at the end. */
export async function checkRecords(tx: ReadTx, from: number): Promise<number | undefined> {
  const blocks = await nextBlocks(tx, from, CHECK_BLOCKS);
  const end = blocks.length < CHECK_BLOCKS ? blockOf(tx.state.nextSeq) + 1 : (blocks.at(-1)?.block ?? 0) + 1;
  const known = new Set(blocks.flatMap((block) => facesOf(tx.sealer, block)).map(({ seq }) => seq));
  for (let seq = from * BLOCK_FACES; seq < end * BLOCK_FACES; seq++)
    if (!known.has(seq)) tx.index.noteUnreadable(seq);
  return blocks.length < CHECK_BLOCKS ? undefined : end;
}

/** How many galleries' rows are damaged. */
export async function countDamagedGalleries({ objectStore, sealer }: ReadTx): Promise<number> {
  const rows = await objectStore('galleries').getAll();
  return rows.filter((row) => !wholeGallery(sealer, row)).length;
}

/** A gallery whose row is damaged as far as its faces tell it, without their bytes; nothing if they do not tell its name. */
export async function glimpseGallery(tx: ReadTx, row: GalleryRow): Promise<StoredGallery | undefined> {
  const { tag } = tx.sealer;
  const seqs = tx.index.inGallery(row.name);
  const faces = await readFaces(tx, seqs.subarray(0, NAME_FACES));
  const names = [DEFAULT_GALLERY, ...faces.flatMap(({ galleries }) => galleries)];
  const name = tx.sealer.encrypted ? names.find((each) => tag(each) === row.name) : row.name;
  if (name === undefined) return undefined;
  return { ...newGallery(name, null), createdAt: 0, count: seqs.length, modelId: faces[0]?.modelId ?? null };
}

/** Makes the damaged row of a gallery anew of all records: it has no capacity then. */
export async function mendGallery(tx: WriteTx, name: string): Promise<StoredGallery> {
  const counted = (await countGalleries(tx)).get(name) ?? NO_FACES;
  const gallery = { ...newGallery(name, null), ...counted };
  await tx.objectStore('galleries').put(galleryRow(tx.sealer, gallery));
  return gallery;
}

/** The same for all; one of which nobody tells the name goes. Answers how many those were. */
export async function mendGalleries(tx: WriteTx): Promise<number> {
  const store = tx.objectStore('galleries');
  const damaged = (await store.getAll()).filter((row) => !wholeGallery(tx.sealer, row));
  if (damaged.length === 0) return 0;
  await Promise.all(damaged.map(async ({ name }) => store.delete(name)));
  const counted = await countGalleries(tx);
  const plain = tx.sealer.encrypted ? [] : damaged.map(({ name }) => name);
  const names = new Set([DEFAULT_GALLERY, ...counted.keys(), ...plain]);
  for (const name of names) {
    if (await store.getKey(tx.sealer.tag(name))) continue;
    await store.put(galleryRow(tx.sealer, { ...newGallery(name, null), ...(counted.get(name) ?? NO_FACES) }));
  }
  return damaged.length;
}

async function countGalleries(tx: ReadTx): Promise<Map<string, Counted>> {
  const counted = new Map<string, Counted>();
  for await (const face of allFaces(tx)) if (!isHidden(tx.state, face.seq)) countFace(counted, face);
  return counted;
}

function countFace(counted: Map<string, Counted>, face: StoredFace): void {
  for (const name of face.galleries) {
    const { count, bytes } = counted.get(name) ?? NO_FACES;
    const more = { count: count + 1, bytes: addBytes(bytes, bytesOf([face])), modelId: face.modelId };
    counted.set(name, more);
  }
}

/**
 * Deletes every face that has no record or no vector that can be read, makes damaged rows of galleries anew, and counts all that is
 * left. It reads everything, in one transaction; `checkAborted` is called after each slice of it.
 */
export async function clearDamaged(tx: WriteTx, checkAborted: () => void): Promise<Clearing> {
  const galleries = await mendGalleries(tx);
  const vectored = await numbersOfVectors(tx, checkAborted);
  const kept = new Set<number>();
  const gone = new Set<number>();
  const counted = new Map<string, Counted>();
  const models = new Map<string, number>();
  const naming = new Map<string, NamingFace>();
  let bytes: FaceBytes = EMPTY_STATE.bytes;
  const stored = facesIn(tx.state);
  const ids = await clearRecords(
    tx,
    (face) => {
      const isWhole = vectored.get(face.modelId)?.has(face.seq) === true;
      if (!isWhole) return false;
      kept.add(face.seq);
      countFace(counted, face);
      if (face.personId !== undefined && !naming.has(face.personId)) naming.set(face.personId, face);
      models.set(face.modelId, (models.get(face.modelId) ?? 0) + 1);
      bytes = addBytes(bytes, bytesOf([face]));
      return true;
    },
    gone,
    checkAborted,
  );
  for (const seqs of vectored.values()) for (const seq of seqs) if (!kept.has(seq)) gone.add(seq);
  const segments = await clearSegments(tx, kept, checkAborted);
  await clearBeside(tx, kept);
  await recount(tx, counted);
  await forgetEverywhere(tx, ids);
  await clearDamagedPeople(tx, [...naming.values()]);
  const left = [...models].map(([modelId, faces]): [string, StoredModel] => {
    const { dimension } = tx.state.models.get(modelId) as StoredModel;
    return [modelId, { dimension, faces, segments: segments.get(modelId) ?? 0 }];
  });
  tx.state = { ...tx.state, bytes, models: new Map(left) };
  tx.note({ kind: 'reload' });
  // Of some faces there may be neither record nor vector.
  return { faces: Math.max(gone.size, stored - kept.size), galleries };
}

/** The numbers of the faces whose vectors are whole, by model. */
async function numbersOfVectors(
  tx: WriteTx,
  checkAborted: () => void,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const numbers = new Map<string, Set<number>>();
  const store = tx.objectStore('vectors');
  for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue()) {
    checkAborted();
    const { modelId } = cursor.value;
    const segment = wholeSegment(tx.sealer, cursor.value, tx.state.models.get(modelId)?.dimension);
    const known = numbers.get(modelId) ?? new Set();
    for (const seq of segment?.seqs ?? []) known.add(seq);
    if (tx.state.models.has(modelId)) numbers.set(modelId, known);
  }
  return numbers;
}

/** Keeps the records that `isKept`. Adds the numbers of the others to `gone`, and answers their ids as far as they can be read. */
async function clearRecords(
  tx: WriteTx,
  isKept: (face: StoredFace) => boolean,
  gone: Set<number>,
  checkAborted: () => void,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const store = tx.objectStore('records');
  for (let from = 0; ;) {
    checkAborted();
    const blocks = await nextBlocks(tx, from, SLICE);
    for (const block of blocks) {
      const faces = facesOf(tx.sealer, block);
      const stay = faces.filter(isKept);
      for (const seq of damagedIn(tx.sealer, block)) gone.add(seq);
      const left = faces.filter((face) => !stay.includes(face));
      ids.push(...left.map(({ id }) => id));
      for (const { seq } of left) gone.add(seq);
      if (stay.length === 0) await store.delete(block.block);
      else if (stay.length < block.seqs.length)
        await store.put({
          block: block.block,
          seqs: stay.map(({ seq }) => seq),
          records: stay.map((face) => recordEntry(tx.sealer, face)),
        });
    }
    const last = blocks.at(-1);
    if (!last) return ids;
    from = last.block + 1;
  }
}

/** Keeps the rows of some faces. Answers how many segments of each model there are. */
async function clearSegments(
  tx: WriteTx,
  kept: ReadonlySet<number>,
  checkAborted: () => void,
): Promise<ReadonlyMap<string, number>> {
  const segments = new Map<string, number>();
  const store = tx.objectStore('vectors');
  for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue()) {
    checkAborted();
    const { modelId } = cursor.value;
    const segment = wholeSegment(tx.sealer, cursor.value, tx.state.models.get(modelId)?.dimension);
    const rows = [...(segment?.seqs.keys() ?? [])].filter((row) => kept.has(segment?.seqs[row] as number));
    if (!segment || rows.length === 0) {
      await cursor.delete();
      continue;
    }
    segments.set(modelId, (segments.get(modelId) ?? 0) + 1);
    if (rows.length < cursor.value.seqs.length)
      await cursor.update(segmentRow(tx.sealer, withRows(segment, rows)));
  }
  return segments;
}

/** Deletes pictures and new embeddings of faces that are no more. */
async function clearBeside(tx: WriteTx, kept: ReadonlySet<number>): Promise<void> {
  for (const key of await tx.objectStore('pictures').getAllKeys())
    if (!kept.has(key[0])) await tx.objectStore('pictures').delete(key);
  for (const key of await tx.objectStore('regenerated').getAllKeys())
    if (!kept.has(key[0])) await tx.objectStore('regenerated').delete(key);
}

async function recount(tx: WriteTx, counted: ReadonlyMap<string, Counted>): Promise<void> {
  const store = tx.objectStore('galleries');
  for (const row of await store.getAll()) {
    const gallery = wholeGallery(tx.sealer, row);
    if (!gallery) continue;
    await store.put(galleryRow(tx.sealer, { ...gallery, ...(counted.get(gallery.name) ?? NO_FACES) }));
  }
}
