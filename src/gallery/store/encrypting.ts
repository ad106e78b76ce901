import { NearFaceError } from '../../core/errors.ts';
import type { GalleryDb, ReadTx, StoredKeys, StoredSegment, StoreName, WriteTx } from './schema.ts';
import { sealedItem, sealedJob } from './jobs.ts';
import { faceOf, faceRow, galleryOf, galleryRow, metaOf, metaRow, segmentOf, segmentRow } from './rows.ts';
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
  const metas = tx.objectStore('metas');
  const counted = await metas.getAll();
  await metas.clear();
  const names = new Map(summaries.map((row) => [row.name, galleryOf(PLAIN, row).name]));
  for (const row of counted)
    await metas.add(metaRow(sealer, names.get(row.gallery) ?? row.gallery, metaOf(PLAIN, row), row));
  await rewrite(tx, 'faces', (row) => faceRow(sealer, faceOf(PLAIN, row)));
  await rewrite(tx, 'vectors', (row) => segmentRow(sealer, withTags(sealer, segmentOf(PLAIN, row))));
  await rewrite(tx, 'pictures', ({ type, bytes }) => ({
    type,
    bytes: sealer.seal(new Uint8Array(bytes)).buffer,
  }));
  await rewrite(tx, 'regenerated', (row) => ({ ...row, bytes: sealer.seal(row.bytes) }));
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

function withTags(sealer: Sealer, segment: StoredSegment): StoredSegment {
  const groups = segment.groups.map(({ name, bits }) => ({ name: sealer.tag(name), bits }));
  return { ...segment, groups };
}
