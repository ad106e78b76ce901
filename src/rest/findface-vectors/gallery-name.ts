import type { NearFace } from '../../api/nearface.ts';
import type { Gallery } from '../../api/gallery.ts';
import { knownGallery } from '../known-gallery.ts';
import { notFound } from '../problem.ts';

/** Shards put the id of the owner before the names of galleries. */
const OWNER = /^[0-9a-f]{24}_/;

/** The gallery of a name, or of the name without its owner. @throws RestError 404 */
export async function galleryCalled(nf: NearFace, name: string): Promise<Gallery> {
  for (const each of OWNER.test(name) ? [name, name.replace(OWNER, '')] : [name]) {
    const gallery = await knownGallery(nf, each);
    if (gallery) return gallery;
  }
  throw notFound(`There is no gallery ${name.slice(0, 80)}`);
}
