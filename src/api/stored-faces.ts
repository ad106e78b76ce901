/** What is done with faces that are stored, in one gallery or whatever galleries they are in. */
import { badParam } from '../core/errors.ts';
import { MAX_IMPORTED_ID_LENGTH, MAX_PAGE } from '../core/limits.ts';
import { arrayOf, type Check, integer, string } from '../core/options.ts';
import type { FacePatch, FaceRecord, PictureKind } from '../core/records.ts';
import { CALL } from '../worker/contract.ts';
import { transfer } from 'comlink';
import type { AddReport } from './enrol-outcome.ts';
import type { ImageInput } from './image-input.ts';
import { newFaces } from './new-faces.ts';
import type { ReplaceOptions, SignalOptions } from './options.ts';
import { resolveReplace, resolveSignal } from './resolve-gallery-options.ts';
import { resolvePatch, resolvePicture } from './resolve-patch.ts';
import type { Session } from './session.ts';

/** An imported face's id may be longer than one that `add` takes. */
export const FACE_ID: Check<string> = string(MAX_IMPORTED_ID_LENGTH, /^.+$/s);

/** What is needed of a record to read its embedding. */
const LISTED: Check<Pick<FaceRecord, 'id' | 'number' | 'modelId'>> = (value, path) => {
  if (typeof value !== 'object' || value === null) throw badParam(path, value, 'a record of a face');
  const { id, number, modelId } = value as Readonly<Record<string, unknown>>;
  return {
    id: FACE_ID(id, `${path}.id`),
    number: integer(1, Number.MAX_SAFE_INTEGER)(number, `${path}.number`),
    modelId: FACE_ID(modelId, `${path}.modelId`),
  };
};

/** Reads, changes and deletes faces of a gallery, or, of `null`, of any. */
export class StoredFaces {
  readonly #session: Session;
  readonly #scope: string | null;

  constructor(session: Session, scope: string | null) {
    this.#session = session;
    this.#scope = scope;
  }

  async get(id: string): Promise<FaceRecord> {
    const checked = FACE_ID(id, 'id');
    return this.#session.gallery.ask('getFace', [this.#scope, checked]);
  }

  async embedding(id: string): Promise<Float32Array<ArrayBuffer>> {
    const checked = FACE_ID(id, 'id');
    return this.#session.gallery.ask('getVector', [this.#scope, checked]);
  }

  async embeddings(
    records: readonly Pick<FaceRecord, 'id' | 'number' | 'modelId'>[],
  ): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>> {
    const checked = arrayOf(LISTED, MAX_PAGE)(records, 'records');
    const found = new Map<string, Float32Array<ArrayBuffer>>();
    for (const model of new Set(checked.map(({ modelId }) => modelId))) {
      const some = checked.filter(({ modelId }) => modelId === model);
      const seqs = some.map(({ number }) => number);
      const vectors = await this.#session.gallery.ask('getVectors', [model, seqs]);
      for (const { id, number } of some) {
        const vector = vectors.get(number);
        if (vector) found.set(id, vector);
      }
    }
    return found;
  }

  async picture(id: string, kind: PictureKind): Promise<Blob | null> {
    const [checkedId, checkedKind] = [FACE_ID(id, 'id'), resolvePicture(kind)];
    return this.#session.gallery.ask('getPicture', [this.#scope, checkedId, checkedKind]);
  }

  async update(id: string, patch: FacePatch): Promise<FaceRecord> {
    const [checked, changes] = [FACE_ID(id, 'id'), resolvePatch(patch)];
    return this.#session.gallery.ask('updateFace', [this.#scope, checked, changes]);
  }

  async updateMany(ids: readonly string[], patch: FacePatch, options?: SignalOptions): Promise<number> {
    const [checked, changes] = [arrayOf(FACE_ID)(ids, 'ids'), resolvePatch(patch)];
    const { signal } = resolveSignal(options);
    const asked = [this.#scope, checked, changes, CALL] as const;
    return this.#session.gallery.ask('updateFaces', [...asked], { signal, settledByWorker: true });
  }

  async replace(id: string, image: ImageInput, options?: ReplaceOptions): Promise<AddReport> {
    const [checked, resolved] = [FACE_ID(id, 'id'), resolveReplace(options)];
    // Before anything is looked for in the photo.
    await this.get(checked);
    const { faces, rejected } = await newFaces(this.#session, 'default', image, resolved);
    const [face] = faces;
    if (!face) return { records: [], rejected };
    const moved = transfer(face, [face.vector.buffer]);
    const record = await this.#session.gallery.ask('replaceFace', [this.#scope, checked, moved, CALL], {
      signal: resolved.signal,
      settledByWorker: true,
    });
    return { records: [record], rejected };
  }

  async delete(ids: string | readonly string[], options?: SignalOptions): Promise<number> {
    const checked = typeof ids === 'string' ? [FACE_ID(ids, 'ids')] : arrayOf(FACE_ID)(ids, 'ids');
    const { signal } = resolveSignal(options);
    const asked = [this.#scope, checked, CALL] as const;
    return this.#session.gallery.ask('deleteFaces', [...asked], { signal, settledByWorker: true });
  }
}
