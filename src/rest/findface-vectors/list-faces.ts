import type { Gallery } from '../../api/gallery.ts';
import type { FaceRecord } from '../../core/records.ts';
import { idOut } from '../findface/face-ids.ts';

/** Records that are asked for at a time. */
const PAGE = 1000;

/** Faces by rising number, and that of the face behind them, if there is one. */
export interface FacesFrom {
  readonly records: readonly FaceRecord[];
  readonly next?: number;
}

/**
 * The `count` faces of a gallery with the lowest numbers from `start` on. Numbers that clients chose do not rise with time: all records of
 * the gallery are looked through, some 10,000 in a tenth of a second.
 */
export async function facesFrom(
  gallery: Gallery,
  start: number,
  count: number,
  signal: AbortSignal,
): Promise<FacesFrom> {
  let lowest: FaceRecord[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await gallery.list({ limit: PAGE, signal, ...(cursor !== undefined && { cursor }) });
    const wanted = page.records.filter((record) => idOut(record) >= start);
    lowest = [...lowest, ...wanted].toSorted((a, b) => idOut(a) - idOut(b)).slice(0, count + 1);
    if (page.cursor === undefined) break;
    cursor = page.cursor;
  }
  const [following] = lowest.slice(count);
  const records = lowest.slice(0, count);
  return following ? { records, next: idOut(following) } : { records };
}
