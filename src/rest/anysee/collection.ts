import type { Gallery } from '../../api/gallery.ts';
import type { NearFace } from '../../api/nearface.ts';
import { MAX_GALLERY_NAME_LENGTH, MAX_LABEL_LENGTH } from '../../core/limits.ts';
import { sha256Bytes } from '../../core/sha256.ts';
import { base64UrlOf } from '../base64.ts';
import { type Field, text } from '../fields.ts';
import { knownGallery } from '../known-gallery.ts';
import { hasCode } from '../problem.ts';

/** A collection is any text; its gallery is called by it before people. */
export const collectionField = (): Field<string> =>
  text(MAX_LABEL_LENGTH, 'A tag by which entities are kept apart; it needs no making');

/** The name of a collection's gallery: `c-` and the tag in base64; `h-` and its hash where that is too long for a name. */
export async function galleryName(collection: string): Promise<string> {
  const bytes = new TextEncoder().encode(collection);
  const name = `c-${base64UrlOf(bytes)}`;
  return name.length <= MAX_GALLERY_NAME_LENGTH ? name : `h-${base64UrlOf(await sha256Bytes(bytes))}`;
}

/** The gallery of a collection, if something is in it; without one that of all entities. */
export async function galleryOf(
  nf: Pick<NearFace, 'galleries'>,
  collection: string | undefined,
): Promise<Gallery | undefined> {
  return collection === undefined ? nf.galleries.get() : knownGallery(nf, await galleryName(collection));
}

/** Calls `use` once the gallery of a collection is there. One that was made for it goes again where the call fails. */
export async function inCollection<T>(
  { galleries }: Pick<NearFace, 'galleries'>,
  collection: string,
  use: (name: string) => Promise<T>,
): Promise<T> {
  const name = await galleryName(collection);
  const isNew = await isMade(galleries, name, collection);
  try {
    return await use(name);
  } catch (error) {
    if (isNew) await clearAway(galleries, name);
    throw error;
  }
}

async function isMade(galleries: NearFace['galleries'], name: string, collection: string): Promise<boolean> {
  try {
    await galleries.create(name, collection === '' ? {} : { label: collection });
    return true;
  } catch (error) {
    if (!hasCode(error, 'GALLERY_EXISTS')) throw error;
    return false;
  }
}

/** Another call may have put something into it meanwhile. What fails now is not what the call is refused for. */
async function clearAway(galleries: NearFace['galleries'], name: string): Promise<void> {
  try {
    const count = await (await galleries.get(name)).count();
    if (count === 0) await galleries.delete(name);
  } catch {
    // An empty gallery stays.
  }
}
