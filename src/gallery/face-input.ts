import type { Attributes } from '../core/attributes.ts';
import { badParam } from '../core/errors.ts';
import type { JsonValue } from '../core/json-value.ts';
import { integer, number, string, vector } from '../core/options.ts';
import { randomId } from '../core/random-id.ts';
import type { Quality } from '../core/quality.ts';
import { type StoredReliability, storedReliability } from '../core/reliability.ts';
import type { FacePatch, PictureKind } from '../core/records.ts';
import type { Box } from '../core/types.ts';
import { MAX_DIMENSION } from '../search/kernel/kernel.ts';
import { checkGalleryName } from './gallery-errors.ts';
import {
  MAX_CAPACITY,
  MAX_GALLERIES_PER_FACE,
  MAX_IMPORTED_ID_LENGTH,
  MAX_META_LENGTH,
} from '../core/limits.ts';

const PICTURE_KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

/** A face to enrol. The vector has unit length. */
export interface FaceInput {
  readonly id?: string;
  readonly meta: string;
  readonly galleries: readonly string[];
  readonly modelId: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly box?: Box;
  readonly photoHash?: string;
  readonly personId?: string;
  readonly cameraId?: string;
  readonly sourceUrl?: string;
  readonly extra?: JsonValue;
  readonly expiresAt?: number;
  /** When it was enrolled, in milliseconds since 1970; now, if absent. */
  readonly timestamp?: number;
  /** How far the vector can be trusted, 0..1; if absent, what its quality tells, or what is assumed. */
  readonly reliability?: number;
  readonly reliabilityAssumed?: true;
  readonly quality?: Quality;
  readonly attributes?: Attributes;
  readonly pictures: Readonly<Partial<Record<PictureKind, Blob>>>;
}

/** A face whose values are checked, with its pictures' bytes, so that a transaction need not wait for them. */
export interface PreparedFace
  extends Omit<FaceInput, 'pictures' | 'id' | keyof StoredReliability>, StoredReliability {
  readonly id: string;
  readonly pictures: readonly {
    readonly kind: PictureKind;
    readonly type: string;
    readonly bytes: ArrayBuffer;
  }[];
}

/** Checks a face and reads its pictures. @throws NearFaceError `BAD_PARAM` naming `path` */
export async function prepareFace(face: FaceInput, path: string): Promise<PreparedFace> {
  const { pictures, ...facts } = face;
  const galleries = checkGalleries(face.galleries, `${path}.galleries`);
  if (galleries.length === 0) throw badParam(`${path}.galleries`, face.galleries, 'at least one gallery');
  const unit = checkUnitVector(face.vector, `${path}.vector`);
  string(MAX_META_LENGTH)(face.meta, `${path}.meta`);
  const id = face.id === undefined ? randomId() : string(MAX_IMPORTED_ID_LENGTH, /./s)(face.id, `${path}.id`);
  if (face.reliability !== undefined) number(0, 1)(face.reliability, `${path}.reliability`);
  const { reliability: _, reliabilityAssumed: _assumed, ...others } = facts;
  const known = { ...others, ...storedReliability(face) };
  return { ...known, id, galleries, vector: unit, pictures: await readPictures(pictures) };
}

/** The bytes of pictures. */
export async function readPictures(pictures: FaceInput['pictures']): Promise<PreparedFace['pictures']> {
  const kept = PICTURE_KINDS.flatMap((kind) => (pictures[kind] ? [{ kind, blob: pictures[kind] }] : []));
  return Promise.all(
    kept.map(async ({ kind, blob }) => ({ kind, type: blob.type, bytes: await blob.arrayBuffer() })),
  );
}

/** A copy of `value` if it is a vector of unit length. @throws NearFaceError `BAD_PARAM` */
export function checkUnitVector(value: unknown, path: string): Float32Array<ArrayBuffer> {
  const checked = vector()(value, path);
  if (checked.length > MAX_DIMENSION)
    throw badParam(path, `${checked.length} numbers`, `at most ${MAX_DIMENSION} numbers`);
  let squares = 0;
  for (const x of checked) squares += x * x;
  const length = Math.sqrt(squares);
  if (Math.abs(length - 1) <= 1e-3) return checked;
  throw badParam(path, `of length ${length.toPrecision(4)}`, 'a vector of unit length');
}

/** Distinct gallery names. @throws NearFaceError `BAD_PARAM` */
export function checkGalleries(names: readonly string[], path: string): readonly string[] {
  return [...new Set(names.map((name, i) => checkGalleryName(name, `${path}[${i}]`)))];
}

/** The most faces a gallery takes. @throws NearFaceError `BAD_PARAM` */
export function checkCapacity(capacity: number | null): number | null {
  return capacity === null ? null : integer(1, MAX_CAPACITY)(capacity, 'capacity');
}

/** Where a face will be after a patch. @throws NearFaceError `BAD_PARAM` if that is nowhere */
export function patchGalleries(current: readonly string[], patch: FacePatch['galleries']): readonly string[] {
  if (!patch) return current;
  const names = new Set(patch.set ? checkGalleries(patch.set, 'galleries.set') : current);
  for (const name of checkGalleries(patch.add ?? [], 'galleries.add')) names.add(name);
  for (const name of checkGalleries(patch.remove ?? [], 'galleries.remove')) names.delete(name);
  if (names.size > MAX_GALLERIES_PER_FACE)
    throw badParam('galleries', `${names.size} in all`, `at most ${MAX_GALLERIES_PER_FACE} of one face`);
  if (names.size > 0) return [...names];
  throw badParam('galleries', patch, 'a change that leaves the face in one gallery (delete it otherwise)');
}
