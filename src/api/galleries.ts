import type { NearFaceError } from '../core/errors.ts';
import type { GalleryPatch, GallerySummary, Regeneration } from '../core/records.ts';
import { CALL } from '../worker/contract.ts';
import { Gallery } from './gallery.ts';
import type { CreateGalleryOptions, DeleteGalleryOptions, RegenerateOptions } from './options.ts';
import { regenerate } from './regenerate.ts';
import { resolveCreateGallery, resolveDeleteGallery } from './resolve-gallery-options.ts';
import { GALLERY_NAME } from './resolve-options.ts';
import { resolveGalleryPatch } from './resolve-patch.ts';
import type { Session } from './session.ts';

/** The galleries of one database. A gallery called `default` always exists. */
export class Galleries {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** All galleries, by name. */
  async list(): Promise<readonly GallerySummary[]> {
    return this.#session.gallery.ask('listGalleries', []);
  }

  /**
   * Makes a gallery. `name` matches `[A-Za-z0-9_-]{1,48}`.
   *
   * @throws NearFaceError `BAD_PARAM`; `GALLERY_EXISTS`, unless `ifExists` is `get`
   */
  async create(name: string, options?: CreateGalleryOptions): Promise<Gallery> {
    const checked = GALLERY_NAME(name, 'name');
    const { capacity = null, label, ifExists } = resolveCreateGallery(options);
    const created = this.#session.gallery.ask('createGallery', [checked, capacity, label]);
    await created.catch((error: unknown) => {
      if (ifExists !== 'get' || (error as NearFaceError).code !== 'GALLERY_EXISTS') throw error;
    });
    return new Gallery(this.#session, checked);
  }

  /**
   * The gallery called `name`.
   *
   * @throws NearFaceError `GALLERY_NOT_FOUND`
   */
  async get(name = 'default'): Promise<Gallery> {
    const checked = GALLERY_NAME(name, 'name');
    await this.#session.gallery.ask('count', [checked]);
    return new Gallery(this.#session, checked);
  }

  /**
   * Changes what a gallery is called before people; its name, by which calls find it, stays.
   *
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`
   */
  async update(name: string, patch: GalleryPatch): Promise<GallerySummary> {
    const [checked, changes] = [GALLERY_NAME(name, 'name'), resolveGalleryPatch(patch)];
    return this.#session.gallery.ask('updateGallery', [checked, changes]);
  }

  /**
   * Makes the embeddings of all faces anew that another model than the one in use made, from their kept crops. It goes
   * on where it stopped when it was aborted or its page ended. The old embeddings answer (to the old model) until the
   * last is made; then all are replaced in one transaction, with ids, metas and pictures as they were.
   *
   * @throws NearFaceError `BAD_PARAM` if faces have no crop in which a face is found and `missing` is `keep`: nothing is
   * replaced then; `ABORTED`, `STORAGE_FULL`
   */
  async regenerate(options?: RegenerateOptions): Promise<Regeneration> {
    return regenerate(this.#session, options);
  }

  /**
   * Deletes a gallery, and for good every face that is in no other, or with `faces: true` all its faces, out of other galleries, too; in one
   * transaction. `default` cannot be deleted. Aborted, the gallery stays as it was, or is gone if that came too late; where the disk is
   * full it goes in pieces, and those that went before stay deleted.
   *
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `ABORTED`
   */
  async delete(name: string, options?: DeleteGalleryOptions): Promise<void> {
    const checked = GALLERY_NAME(name, 'name');
    const { faces, signal } = resolveDeleteGallery(options);
    const asked = [checked, faces, CALL] as const;
    await this.#session.gallery.ask('deleteGallery', [...asked], { signal, settledByWorker: true });
  }
}
