import { NearFaceError } from '../../core/errors.ts';
import type { ReadTx, StoredKeys, StoredSegment, WriteTx } from './schema.ts';
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
  const faces = tx.objectStore('faces');
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update(faceRow(sealer, faceOf(PLAIN, cursor.value)));
  const vectors = tx.objectStore('vectors');
  for (let cursor = await vectors.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update(segmentRow(sealer, withTags(sealer, segmentOf(PLAIN, cursor.value))));
  const pictures = tx.objectStore('pictures');
  for (let cursor = await pictures.openCursor(); cursor; cursor = await cursor.continue()) {
    const { type, bytes } = cursor.value;
    await cursor.update({ type, bytes: sealer.seal(new Uint8Array(bytes)).buffer });
  }
  const regenerated = tx.objectStore('regenerated');
  for (let cursor = await regenerated.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update({ ...cursor.value, bytes: sealer.seal(cursor.value.bytes) });
  const jobs = tx.objectStore('jobs');
  for (let cursor = await jobs.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update(sealedJob(sealer, cursor.value));
  const items = tx.objectStore('jobItems');
  for (let cursor = await items.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update(sealedItem(sealer, cursor.value));
  await tx.objectStore('changes').clear();
  await putKeys(tx, keys);
  tx.note({ kind: 'reload' });
}

function withTags(sealer: Sealer, segment: StoredSegment): StoredSegment {
  const groups = segment.groups.map(({ name, bits }) => ({ name: sealer.tag(name), bits }));
  return { ...segment, groups };
}
