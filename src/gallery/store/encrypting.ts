import { NearFaceError } from '../../core/errors.ts';
import type { GalleryDb, ReadTx, SegmentRow, StoredKeys, StoreName, WriteTx } from './schema.ts';
import { sealedItem, sealedJob } from './jobs.ts';
import { facesOf, readFaces, recordEntry } from './records.ts';
import { galleryOf, galleryRow, keysOf, segmentOf, segmentRow } from './rows.ts';
import { groupsOf, hashesOf } from './segment-rows.ts';
import { PLAIN, type Sealer } from './sealer.ts';

/** The stored keys; nothing in a plain database. */
export async function readKeys(tx: ReadTx): Promise<StoredKeys | undefined> {
  return tx.objectStore('keys').get('keys');
}

/** Stores keys wrapped anew. */
export async function putKeys(tx: WriteTx, keys: StoredKeys): Promise<void> {
  await tx.objectStore('keys').put(keys, 'keys');
}

/** Seals every row of a plain database, in the transaction that stores the keys. @throws NearFaceError `LOCKED` */
export async function encryptAll(tx: WriteTx, sealer: Sealer, keys: StoredKeys): Promise<void> {
  if (await readKeys(tx)) {
    const text =
      'The database is encrypted already, by another page; open it with the passphrase given there';
    throw new NearFaceError('LOCKED', text);
  }
  const galleries = tx.objectStore('galleries');
  const summaries = await galleries.getAll();
  await galleries.clear();
  for (const row of summaries) await galleries.add(galleryRow(sealer, galleryOf(PLAIN, row)));
  await sealSegments(tx, sealer);
  await rewrite(tx, 'records', (block) => ({
    ...block,
    records: facesOf(PLAIN, block).map((face) => recordEntry(sealer, face)),
  }));
  await rewrite(tx, 'pictures', ({ type, bytes }) => ({
    type,
    bytes: sealer.seal(new Uint8Array(bytes)).buffer,
  }));
  await rewrite(tx, 'regenerated', ({ reliability, ...row }) => ({
    ...row,
    bytes: sealer.seal(row.bytes),
    ...(reliability && { reliability: sealer.seal(reliability) }),
  }));
  await rewrite(tx, 'jobs', (row) => sealedJob(sealer, row));
  await rewrite(tx, 'jobItems', (row) => sealedItem(sealer, row));
  await tx.objectStore('changes').clear();
  await putKeys(tx, keys);
  tx.note({ kind: 'reload' });
}

/** Changes every row of a store; keys stay. */
async function rewrite<Name extends StoreName>(
  tx: WriteTx,
  name: Name,
  change: (row: GalleryDb[Name]['value']) => GalleryDb[Name]['value'],
): Promise<void> {
  let cursor = await tx.objectStore(name).openCursor();
  for (; cursor; cursor = await cursor.continue()) await cursor.update(change(cursor.value));
}

/** Seals the vectors, and makes what faces are found by anew of their records, which are plain still. */
async function sealSegments(tx: WriteTx, sealer: Sealer): Promise<void> {
  const store = tx.objectStore('vectors');
  for (const key of await store.getAllKeys()) {
    const segment = segmentOf(PLAIN, (await store.get(key)) as SegmentRow);
    const faces = await readFaces(
      { objectStore: (name) => tx.objectStore(name), sealer: PLAIN },
      segment.seqs,
    );
    const keys = faces.map((face) => keysOf(sealer, face));
    const groups = groupsOf(keys.map(({ galleries }) => galleries));
    await store.put(segmentRow(sealer, { ...segment, ...hashesOf(keys), groups }));
  }
}
