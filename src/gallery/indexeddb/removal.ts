import { groupBy } from '../group-by.ts';
import { forgetEverywhere } from './forgetting.ts';
import { mendGallery } from './mending.ts';
import { deleteRecords, putRecords } from './records.ts';
import { changeKeys, eraseRows } from './segments.ts';
import { type FaceKeys, keysOf } from '../face-keys.ts';
import { countBytes, type WriteTx } from './schema.ts';
import { galleryRow, wholeGallery } from './rows.ts';
import { leftChange, takenOut } from '../face-rules.ts';
import { countedOut } from '../gallery-rules.ts';
import type { StoredFace } from '../stored.ts';

/** Counts faces out of a gallery; an empty gallery takes any model again. */
export async function countOut(tx: WriteTx, name: string, leaving: readonly StoredFace[]): Promise<void> {
  const row = await tx.objectStore('galleries').get(tx.sealer.tag(name));
  if (!row) return;
  const gallery = wholeGallery(tx.sealer, row) ?? (await mendGallery(tx, name));
  await tx.objectStore('galleries').put(galleryRow(tx.sealer, countedOut(gallery, leaving)));
}

/**
 * Takes faces out of a gallery; record, vector and pictures go with the last gallery.
 *
 * @param forget - whether jobs forget those that are gone, too; not if they are stored again
 */
export async function removeFromGallery(
  tx: WriteTx,
  gallery: string,
  faces: readonly StoredFace[],
  forget = true,
): Promise<void> {
  const { stay, gone } = takenOut(gallery, faces);
  await countOut(tx, gallery, faces);
  await rewriteFaces(tx, stay);
  await eraseStored(tx, gone);
  if (forget)
    await forgetEverywhere(
      tx,
      gone.map(({ id }) => id),
    );
  tx.note(leftChange(tx.sealer.tag(gallery), stay, gone));
}

/** Erases what is stored of faces that are counted in no gallery: record, vector, pictures and new embedding. */
async function eraseStored(tx: WriteTx, faces: readonly StoredFace[]): Promise<void> {
  const pictures = tx.objectStore('pictures');
  const keys = faces.flatMap(({ seq, pictures: kinds }) =>
    kinds.map((kind) => [seq, kind] as [number, typeof kind]),
  );
  // Async, so that a request that throws at once is one more rejection that Promise.all takes.
  await Promise.all(keys.map(async (key) => pictures.delete(key)));
  const seqs = faces.map(({ seq }) => seq);
  await deleteRecords(tx, seqs);
  await eraseRows(tx, faces);
  countBytes(tx, faces, -1);
  await forgetRegenerated(tx, seqs);
}

/**
 * The same for hidden faces, which no gallery counts and no job knows.
 *
 * @param unreadable - those whose records are damaged; their bytes go on being counted
 */
export async function eraseHidden(
  tx: WriteTx,
  faces: readonly StoredFace[],
  unreadable: readonly Pick<StoredFace, 'seq' | 'modelId'>[],
): Promise<void> {
  await eraseStored(tx, faces);
  const lost = unreadable.map(({ seq }) => seq);
  const pictures = tx.objectStore('pictures');
  await Promise.all(lost.map(async (seq) => pictures.delete(IDBKeyRange.bound([seq], [seq, []]))));
  await deleteRecords(tx, lost);
  await eraseRows(tx, unreadable);
  const erased = Float64Array.from([...faces.map(({ seq }) => seq), ...lost]);
  tx.note({ kind: 'left', gallery: '', stay: new Float64Array(), erased });
}

/** Writes faces that have changed. Answers what they are found by now, by model. */
export async function rewriteFaces(
  tx: WriteTx,
  faces: readonly StoredFace[],
): Promise<ReadonlyMap<string, readonly FaceKeys[]>> {
  await putRecords(tx, faces);
  const found = new Map<string, readonly FaceKeys[]>();
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    const keys = some.map((face) => keysOf(tx.sealer, face));
    await changeKeys(tx, modelId, keys);
    found.set(modelId, keys);
  }
  return found;
}

/** Takes faces out of every gallery they are in: record, vector and pictures go. `forget` as in {@link removeFromGallery}. */
export async function eraseFaces(tx: WriteTx, faces: readonly StoredFace[], forget = true): Promise<void> {
  let left = faces;
  for (let name = left[0]?.galleries[0]; name !== undefined; name = left[0]?.galleries[0]) {
    const from: string = name;
    await removeFromGallery(
      tx,
      from,
      left.filter(({ galleries }) => galleries.includes(from)),
      forget,
    );
    left = left
      .map((face) => ({ ...face, galleries: face.galleries.filter((other) => other !== from) }))
      .filter(({ galleries }) => galleries.length > 0);
  }
}

/** Deletes new embeddings that wait beside the old ones. */
export async function forgetRegenerated(tx: WriteTx, seqs: readonly number[]): Promise<void> {
  const store = tx.objectStore('regenerated');
  if ((await store.count()) === 0) return;
  await Promise.all(seqs.map(async (seq) => store.delete(IDBKeyRange.bound([seq], [seq, []]))));
}
