/** What every database makes of faces: how they are stored, refused, changed and told apart. */
import { badParam } from '../core/errors.ts';
import type { FacePatch } from '../core/records.ts';
import { storedReliability } from '../core/reliability.ts';
import { patchGalleries, type PreparedFace } from './face-input.ts';
import { faceExists, modelMismatch, wrongDimension } from './gallery-errors.ts';
import { groupBy } from './group-by.ts';
import type { FreshEmbedding, MemoryChange, StaleFace } from './port.ts';
import type { StoredFace, StoredModel } from './stored.ts';

/** New faces with their numbers, the first of which is given. */
export function numbered(prepared: readonly PreparedFace[], firstSeq: number): readonly StoredFace[] {
  const now = Date.now();
  return prepared.map(({ vector: _, pictures, ...facts }, i) => ({
    ...facts,
    timestamp: facts.timestamp ?? now,
    ...factsOf(pictures),
    seq: firstSeq + i,
  }));
}

/** What a record says of its pictures. */
function factsOf(pictures: PreparedFace['pictures']): Pick<StoredFace, 'pictures' | 'pictureBytes'> {
  return {
    pictures: pictures.map(({ kind }) => kind),
    pictureBytes: pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
}

/**
 * A face with the photo of another in the place of its own.
 *
 * @throws NearFaceError `MODEL_MISMATCH`
 */
export function rephotographed(before: StoredFace, by: PreparedFace): StoredFace {
  if (by.modelId !== before.modelId)
    throw modelMismatch(before.galleries[0] as string, before.modelId, by.modelId);
  const { box: _box, photoHash: _hash, sourceUrl: _url, reliabilityAssumed: _assumed, ...rest } = before;
  const { quality: _quality, attributes: _attributes, ...kept } = rest;
  const { reliability, reliabilityAssumed, box, photoHash, sourceUrl, quality, attributes } = by;
  return {
    ...kept,
    reliability,
    ...(reliabilityAssumed && { reliabilityAssumed }),
    ...(box && { box }),
    ...(photoHash !== undefined && { photoHash }),
    ...(sourceUrl !== undefined && { sourceUrl }),
    ...(quality && { quality }),
    ...(attributes && { attributes }),
    ...factsOf(by.pictures),
  };
}

/** How far numbers of a vector may be off that was rotated and back: some rounding of 32 bits. */
const SAME_WITHIN = 1e-6;

/** Whether two vectors are one, of which one, or both, may have been exported out of an encrypted database. */
export function isSameVector(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] as number)) <= SAME_WITHIN);
}

/** The ids of new faces. @throws NearFaceError `FACE_EXISTS` where one is given twice */
export function distinctIds(faces: readonly PreparedFace[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { id } of faces) {
    if (ids.has(id)) throw faceExists(id);
    ids.add(id);
  }
  return ids;
}

/** Refuses vectors of another length than their model's. @throws NearFaceError `BAD_PARAM` */
export function checkDimensions(
  models: ReadonlyMap<string, Pick<StoredModel, 'dimension'>>,
  faces: readonly PreparedFace[],
): void {
  const dimensions = new Map<string, number>();
  for (const [i, { modelId, vector }] of faces.entries()) {
    const dimension = models.get(modelId)?.dimension ?? dimensions.get(modelId) ?? vector.length;
    dimensions.set(modelId, dimension);
    if (vector.length !== dimension)
      throw wrongDimension(`faces[${i}].vector`, vector.length, dimension, modelId);
  }
}

/** Faces by the galleries they are in. */
export function byGallery(faces: readonly StoredFace[]): ReadonlyMap<string, readonly StoredFace[]> {
  const memberships = faces.flatMap((face) => face.galleries.map((gallery) => ({ gallery, face })));
  const groups = groupBy(memberships, ({ gallery }) => gallery);
  return new Map(Array.from(groups, ([gallery, some]) => [gallery, some.map(({ face }) => face)]));
}

/** A face after a patch. @throws NearFaceError `BAD_PARAM` if it would be in no gallery */
export function patched(before: StoredFace, patch: FacePatch): StoredFace {
  const { personId, cameraId, extra, expiresAt, ...kept } = before;
  return {
    ...kept,
    ...changed('personId', personId, patch.personId),
    ...changed('cameraId', cameraId, patch.cameraId),
    ...changed('extra', extra, patch.extra),
    ...changed('expiresAt', expiresAt, patch.expiresAt),
    ...(patch.meta === undefined ? {} : { meta: patch.meta }),
    galleries: patchGalleries(before.galleries, patch.galleries),
  };
}

/** A field that may be absent: as it was, unless it is patched; `null` takes it away. */
function changed<K extends string, T>(
  key: K,
  before: T | undefined,
  patch: T | null | undefined,
): { [P in K]?: NonNullable<T> } {
  const value = patch === undefined ? before : patch;
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: NonNullable<T> });
}

/** What the memory is told of faces that left a gallery, of which some are gone with it. `gallery` is its tag. */
export function leftChange(
  gallery: string,
  stay: readonly Pick<StoredFace, 'seq'>[],
  gone: readonly Pick<StoredFace, 'seq'>[],
): Extract<MemoryChange, { readonly kind: 'left' }> {
  const seqsOf = (faces: readonly Pick<StoredFace, 'seq'>[]): Float64Array =>
    Float64Array.from(faces, ({ seq }) => seq);
  return { kind: 'left', gallery, stay: seqsOf(stay), erased: seqsOf(gone) };
}

/** Faces that are taken out of a gallery: as those are that stay in another, and those that are gone with it. */
export function takenOut(
  gallery: string,
  faces: readonly StoredFace[],
): { readonly stay: readonly StoredFace[]; readonly gone: readonly StoredFace[] } {
  const gone = faces.filter((face) => face.galleries.length === 1);
  const stay = faces
    .filter((face) => face.galleries.length > 1)
    .map((face) => ({ ...face, galleries: face.galleries.filter((name) => name !== gallery) }));
  return { stay, gone };
}

/** A face whose embedding is to be made anew; without a vector where that is damaged. */
export function staleFace(
  face: StoredFace,
  vector: Float32Array<ArrayBuffer> | undefined,
  crop: StaleFace['crop'],
): StaleFace {
  const { seq, id, modelId } = face;
  const { reliability, reliabilityAssumed } = storedReliability(face);
  return {
    ...{ seq, id, modelId },
    ...(vector && { vector }),
    ...(!reliabilityAssumed && { reliability }),
    ...(crop && { crop }),
  };
}

/** A face as its new embedding makes it: what was known of the old one's reliability says nothing of the new one's. */
export function reembedded(
  face: StoredFace,
  modelId: string,
  { reliability }: Pick<FreshEmbedding, 'reliability'>,
): StoredFace {
  const { reliability: _old, reliabilityAssumed: _assumed, ...kept } = face;
  return { ...kept, ...storedReliability({ reliability }), modelId };
}

/** Refuses to keep faces that have no new embedding. @throws NearFaceError `BAD_PARAM` */
export function refuseWithout(faces: number, missing: 'keep' | 'delete'): void {
  if (faces === 0 || missing === 'delete') return;
  const text = "faces whose crops were kept, or missing: 'delete', which deletes the others";
  throw badParam('missing', `${faces} faces without a crop in which a face is found`, text);
}
