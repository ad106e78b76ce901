/** Faces that an import has stored and nobody is to see before it ends. */
import { modelMismatch } from './gallery-errors.ts';
import { checkRoomIn } from './gallery-rules.ts';
import type { SeqRange } from './port.ts';
import {
  addBytes,
  bytesOf,
  type FaceCount,
  NO_BYTES,
  type StoredFace,
  type StoredGallery,
} from './stored.ts';

/** What an import has stored so far. */
export interface ImportedFaces {
  /** First and last numbers of the faces: if it does not end, they go. */
  readonly ranges: readonly SeqRange[];
  /** They are counted in the counters, but in no gallery, and nobody sees them. Absent before the first. */
  readonly hidden?: FaceCount & { readonly modelId: string };
}

/** Whether a face is to be taken for one that is in no gallery; its id is taken all the same. */
export function isHidden(
  { importing }: { readonly importing?: ImportedFaces | undefined },
  seq: number,
): boolean {
  if (!importing?.hidden) return false;
  return importing.ranges.some(([first, last]) => seq >= first && seq <= last);
}

/** With more faces, in a gallery that has room for all of them. @throws NearFaceError `MODEL_MISMATCH`, `GALLERY_FULL` */
export function withHidden<I extends ImportedFaces>(
  importing: I,
  gallery: StoredGallery,
  faces: readonly StoredFace[],
): I {
  const [first] = faces;
  if (!first) return importing;
  const { ranges, hidden } = importing;
  const modelId = hidden?.modelId ?? first.modelId;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelMismatch(gallery.name, modelId, other.modelId);
  const count = (hidden?.faces ?? 0) + faces.length;
  checkRoomIn(gallery, modelId, count);
  const bytes = addBytes(hidden?.bytes ?? NO_BYTES, bytesOf(faces));
  return { ...importing, ranges: withRange(ranges, faces), hidden: { modelId, faces: count, bytes } };
}

/** With the numbers of faces that were stored together; those that others' faces do not part are one range. */
function withRange(ranges: readonly SeqRange[], faces: readonly StoredFace[]): readonly SeqRange[] {
  const [from, to] = [(faces[0] as StoredFace).seq, (faces.at(-1) as StoredFace).seq];
  const [first, last] = ranges.at(-1) ?? [from, from - 1];
  return last + 1 === from ? [...ranges.slice(0, -1), [first, to]] : [...ranges, [from, to]];
}
