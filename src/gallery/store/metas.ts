import { groupBy } from '../group-by.ts';
import type { StoredFace, WriteTx } from './schema.ts';
import { metaRow } from './rows.ts';

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
