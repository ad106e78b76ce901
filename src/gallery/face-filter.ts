import type { FaceFilter, PortableRecord } from '../core/records.ts';
import { textHash } from '../core/text-hash.ts';
import type { RowFilter } from '../search/row-facts.ts';

/** A filter by texts as one by hashes of their tags. */
export function rowFilter(
  tag: (text: string) => string,
  { meta, personId, cameraId, from, until }: FaceFilter,
): RowFilter {
  return {
    ...(meta !== undefined && { meta: textHash(tag(meta)) }),
    ...(personId !== undefined && { person: textHash(tag(personId)) }),
    ...(cameraId !== undefined && { camera: textHash(tag(cameraId)) }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
}

/** Whether a face is in a gallery and passes a filter: what the index finds is very likely so. */
export function passes(
  face: PortableRecord,
  gallery: string,
  { meta, personId, cameraId, from, until }: FaceFilter,
): boolean {
  if (!face.galleries.includes(gallery)) return false;
  if (meta !== undefined && face.meta !== meta) return false;
  if (personId !== undefined && face.personId !== personId) return false;
  if (cameraId !== undefined && face.cameraId !== cameraId) return false;
  return face.timestamp >= (from ?? -Infinity) && face.timestamp < (until ?? Infinity);
}
