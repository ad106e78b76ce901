import { textHash } from '../core/text-hash.ts';
import type { Mirror } from './mirror.ts';
import type { GalleryDatabase } from './port.ts';

/** Records read at a time. */
const SLICE = 10_000;

/** Reads of the records which camera saw the faces of which the memory does not know it; once, as it does from then on. */
export async function knowCameras(database: GalleryDatabase, mirror: Mirror): Promise<void> {
  const seqs = mirror.lookup.ofUnknownCameras();
  for (let from = 0; from < seqs.length; from += SLICE) {
    const some = seqs.slice(from, from + SLICE);
    const known = new Map((await database.readFaces(some)).map((face) => [face.seq, face.cameraId]));
    for (const seq of some) {
      const cameraId = known.get(seq);
      mirror.setCamera(seq, cameraId === undefined ? 0 : textHash(database.tag(cameraId)));
    }
  }
}
