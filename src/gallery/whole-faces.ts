/** How many faces are read whole at a time. */
import type { StoredFace } from './stored.ts';

/** The most faces. */
export const WHOLE_FACES = 256;

/** They end where they have as many bytes of pictures. */
const WHOLE_BYTES: number = 8 * 2 ** 20;

/** The first faces whose pictures are not too many bytes, one at least. */
export function upToBytes(faces: readonly StoredFace[]): readonly StoredFace[] {
  let bytes = 0;
  const end = faces.findIndex(({ pictureBytes }, i) => (bytes += pictureBytes) > WHOLE_BYTES && i > 0);
  return end < 0 ? faces : faces.slice(0, end);
}
