import type { MetaCount } from '../../core/records.ts';
import { groupBy } from '../group-by.ts';
import { toRecord } from './faces.ts';
import { readGallery } from './galleries.ts';
import type { ReadTx, StoredFace, WriteTx } from './schema.ts';
import { faceOf, metaOf, metaRow } from './sealer.ts';

/** A face that came into a gallery or left it. */
export interface Membership {
  readonly gallery: string;
  readonly meta: string;
  readonly seq: number;
}

/** A face in each of some galleries. */
export const membershipsOf = (face: StoredFace, galleries: readonly string[]): readonly Membership[] =>
  galleries.map((gallery) => ({ gallery, meta: face.meta, seq: face.seq }));

const keyOf = ({ gallery, meta }: Membership): string => JSON.stringify([gallery, meta]);

/** Counts metas into their galleries. */
export async function countMetasIn(tx: WriteTx, coming: readonly Membership[]): Promise<void> {
  const store = tx.objectStore('metas');
  await Promise.all(
    [...groupBy(coming, keyOf).values()].map(async (some) => {
      const [{ gallery, meta, seq }] = some;
      const known = await store.get([tx.sealer.tag(gallery), tx.sealer.tag(meta)]);
      const counted = { count: (known?.count ?? 0) + some.length, seq: known?.seq ?? seq };
      await store.put(metaRow(tx.sealer, gallery, meta, counted));
    }),
  );
}

/** Counts metas out of their galleries. Call it when the faces' records are gone or changed. */
export async function countMetasOut(tx: WriteTx, leaving: readonly Membership[]): Promise<void> {
  const store = tx.objectStore('metas');
  await Promise.all(
    [...groupBy(leaving, keyOf).values()].map(async (some) => {
      const [{ gallery, meta }] = some;
      const key: [string, string] = [tx.sealer.tag(gallery), tx.sealer.tag(meta)];
      const known = await store.get(key);
      const count = (known?.count ?? 0) - some.length;
      if (!known || count <= 0) return store.delete(key);
      const shownLeft = some.some(({ seq }) => seq === known.seq);
      const other = shownLeft ? await tx.objectStore('faces').index('galleryMeta').getKey(key) : undefined;
      return store.put({ ...known, count, seq: other ?? known.seq });
    }),
  );
}

/** The metas of a gallery by UTF-16 unit, each with its number of faces and one of them. */
export async function listMetas(tx: ReadTx, gallery: string): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const tag = tx.sealer.tag(gallery);
  const rows = await tx.objectStore('metas').getAll(IDBKeyRange.bound([tag], [tag, []]));
  const faces = await Promise.all(rows.map(({ seq }) => tx.objectStore('faces').get(seq)));
  return rows
    .flatMap((row, i) => {
      const face = faces[i];
      if (!face) return [];
      return [{ meta: metaOf(tx.sealer, row), count: row.count, face: toRecord(faceOf(tx.sealer, face)) }];
    })
    .sort((a, b) => (a.meta < b.meta ? -1 : 1));
}
