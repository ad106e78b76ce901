import type { Gallery } from '../api/gallery.ts';
import type { NearFace } from '../api/nearface.ts';
import { hasCode } from './problem.ts';

/** The gallery of a name; undefined where there is none. What cannot be a name is none of a gallery. */
export async function knownGallery(
  { galleries }: Pick<NearFace, 'galleries'>,
  name: string,
): Promise<Gallery | undefined> {
  try {
    return await galleries.get(name);
  } catch (error) {
    if (!hasCode(error, 'GALLERY_NOT_FOUND', 'BAD_PARAM')) throw error;
    return undefined;
  }
}
