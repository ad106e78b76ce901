import type { EmbeddedFace, EmbeddedPhoto } from './embed-page.ts';

/**
 * Which face of a photo with several is taken for its subject: `centre`, as LFW crops each photo around its subject,
 * or `biggest`, as `faces: 'biggest'` does without knowing that.
 */
export type SubjectRule = 'centre' | 'biggest';

/** The subject's face: the first in the library's order, or the box whose centre is nearest to the photo's centre. */
export function subjectOf(photo: EmbeddedPhoto, rule: SubjectRule): EmbeddedFace | undefined {
  if (rule === 'biggest') return photo.faces[0];
  const distance = ({ box: [left, top, width, height] }: EmbeddedFace): number =>
    Math.hypot(left + width / 2 - photo.width / 2, top + height / 2 - photo.height / 2);
  return photo.faces.toSorted((a, b) => distance(a) - distance(b))[0];
}
