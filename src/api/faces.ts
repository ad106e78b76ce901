import type { FacePatch, FaceRecord, PictureKind } from '../core/records.ts';
import type { AddReport } from './enrol-outcome.ts';
import type { ImageInput } from './image-input.ts';
import type { ReplaceOptions, SignalOptions } from './options.ts';
import type { Session } from './session.ts';
import { StoredFaces } from './stored-faces.ts';

/** The enrolled faces of a database by their ids, whatever galleries they are in. */
export class Faces {
  readonly #faces: StoredFaces;

  /** @internal */
  constructor(session: Session) {
    this.#faces = new StoredFaces(session, null);
  }

  /** The record of a face. @throws NearFaceError `FACE_NOT_FOUND` */
  async get(id: string): Promise<FaceRecord> {
    return this.#faces.get(id);
  }

  /** As {@link Gallery.embedding}. @throws NearFaceError `FACE_NOT_FOUND` */
  async embedding(id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#faces.embedding(id);
  }

  /**
   * Copies of the embeddings of faces that a list has answered, by id, read at once: up to 10,000. Those of faces that are gone since, or damaged, are
   * left out.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async embeddings(
    records: readonly Pick<FaceRecord, 'id' | 'number' | 'modelId'>[],
  ): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>> {
    return this.#faces.embeddings(records);
  }

  /** As {@link Gallery.picture}. @throws NearFaceError `FACE_NOT_FOUND` */
  async picture(id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#faces.picture(id, kind);
  }

  /**
   * As {@link Gallery.update}.
   *
   * @throws NearFaceError `BAD_PARAM`, `FACE_NOT_FOUND`, `GALLERY_NOT_FOUND`, `GALLERY_FULL`, `MODEL_MISMATCH`
   */
  async update(id: string, patch: FacePatch): Promise<FaceRecord> {
    return this.#faces.update(id, patch);
  }

  /** The same change for several faces, all or none. Answers how many. @throws NearFaceError those of `update`; `ABORTED` */
  async updateMany(ids: readonly string[], patch: FacePatch, options?: SignalOptions): Promise<number> {
    return this.#faces.updateMany(ids, patch, options);
  }

  /** As {@link Gallery.replace}. @throws NearFaceError as that does */
  async replace(id: string, image: ImageInput, options?: ReplaceOptions): Promise<AddReport> {
    return this.#faces.replace(id, image, options);
  }

  /**
   * Deletes faces for good, out of all galleries, with embedding and pictures: all or none of them, in one transaction, as
   * {@link Gallery.delete} does it. Answers how many.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`, `ABORTED`
   */
  async delete(ids: string | readonly string[], options?: SignalOptions): Promise<number> {
    return this.#faces.delete(ids, options);
  }
}
