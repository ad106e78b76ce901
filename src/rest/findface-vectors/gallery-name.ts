import type { NearFace } from '../../api/nearface.ts';
import type { Gallery } from '../../api/gallery.ts';
import { hasCode, notFound } from '../problem.ts';

/** Shards put the id of the owner before the names of galleries. */
const OWNER = /^[0-9a-f]{24}_/;

/** The gallery of a name, or of the name without its owner. @throws RestError 404 */
export async function galleryCalled(nf: NearFace, name: string): Promise<Gallery> {
  for (const each of OWNER.test(name) ? [name, name.replace(OWNER, '')] : [name]) {
    try {
      return await nf.galleries.get(each);
    } catch (error) {
      // What cannot be a name is none of a gallery.
      if (!hasCode(error, 'GALLERY_NOT_FOUND', 'BAD_PARAM')) throw error;
    }
  }
  throw notFound(`There is no gallery ${name.slice(0, 80)}`);
}
