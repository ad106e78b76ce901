import { badParam } from '../core/errors.ts';
import { MAX_GALLERIES_PER_FACE } from '../core/limits.ts';
import { arrayOf, oneOf, resolveOptions, type Check } from '../core/options.ts';
import type { FacePatch, GalleryPatch, PictureKind } from '../core/records.ts';
import { EXTRA, GALLERY_NAME, ID, LABEL, META, TIME } from './resolve-options.ts';

/** Or nothing, which takes it away. */
export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, path) =>
    value === null ? null : check(value, path);

const galleryChange: Check<NonNullable<FacePatch['galleries']>> = (value, path) => {
  const names = arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_FACE);
  return resolveOptions<NonNullable<FacePatch['galleries']>, object>(
    value,
    path,
    { add: names, remove: names, set: names },
    {},
  );
};

export function resolvePatch(raw: unknown): Readonly<FacePatch> {
  if (raw === undefined) throw badParam('patch', raw, 'an object with the changes');
  const fields = {
    meta: META,
    personId: nullable(ID),
    cameraId: nullable(ID),
    extra: EXTRA,
    expiresAt: nullable(TIME),
    galleries: galleryChange,
  };
  return resolveOptions<FacePatch, object>(raw, 'patch', fields, {});
}

export function resolveGalleryPatch(raw: unknown): Readonly<GalleryPatch> {
  if (raw === undefined) throw badParam('patch', raw, 'an object with the changes');
  return resolveOptions<GalleryPatch, object>(raw, 'patch', { label: nullable(LABEL) }, {});
}

export const resolvePicture = (raw: unknown): PictureKind =>
  oneOf<PictureKind>('thumbnail', 'crop', 'photo')(raw, 'kind');
