import { eraseVectors } from './segments.ts';
import type { StoredFace, WriteTx } from './schema.ts';

/** A face that left a gallery; `erased` if it was in no other and is gone from the database. */
export interface Removed {
  readonly seq: number;
  readonly erased: boolean;
}

/** Counts faces out of a gallery; an empty gallery takes any model again. */
export async function countOut(tx: WriteTx, name: string, leaving: number): Promise<void> {
  const gallery = await tx.objectStore('galleries').get(name);
  if (!gallery) return;
  const count = gallery.count - leaving;
  await tx.objectStore('galleries').put({ ...gallery, count, modelId: count > 0 ? gallery.modelId : null });
}

/** Takes faces out of a gallery; record, vector and pictures go with the last gallery. */
export async function removeFromGallery(
  tx: WriteTx,
  gallery: string,
  faces: readonly StoredFace[],
): Promise<readonly Removed[]> {
  const gone = faces.filter((face) => face.galleries.length === 1);
  const stay = faces.filter((face) => face.galleries.length > 1);
  const records = tx.objectStore('faces');
  const pictures = tx.objectStore('pictures');
  const keys = gone.flatMap(({ seq, pictures: kinds }) =>
    kinds.map((kind) => [seq, kind] as [number, typeof kind]),
  );
  // Async, so that a request that throws at once is one more rejection that Promise.all takes.
  await Promise.all([
    ...stay.map(async (face) => records.put(withGalleries(face, without(face.galleries, gallery)))),
    ...gone.map(async (face) => records.delete(face.seq)),
    ...keys.map(async (key) => pictures.delete(key)),
    countOut(tx, gallery, faces.length),
  ]);
  await eraseVectors(tx, gone);
  return faces.map((face) => ({ seq: face.seq, erased: face.galleries.length === 1 }));
}

/** The face in other galleries, its index keys with them. */
export function withGalleries(face: StoredFace, galleries: readonly string[]): StoredFace {
  return { ...face, galleries, galleryMeta: galleries.map((gallery) => [gallery, face.meta] as const) };
}

function without(names: readonly string[], name: string): readonly string[] {
  return names.filter((other) => other !== name);
}
