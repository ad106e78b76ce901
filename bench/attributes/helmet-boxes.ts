/** Which of the faces found are those of helmet-dev's boxes. */
import type { Box } from '../../src/index.ts';

/** A labelled box: a helmet, or a bare head. */
export interface LabelledBox extends Box {
  readonly kind: string;
}

/**
 * What each face of one photo wears, undefined where no box tells: helmet-dev's boxes are around the helmet alone, or around a whole bare
 * head. A helmet's middle lies at most 0.6 of the face's width aside, its lower edge between a tenth above the face's upper edge and a
 * tenth below its lower one, its middle above the face's, and it is 0.9 to 2.3 times as wide. A bare head is 0.7 to 2.4 times as wide as
 * the face and has its middle inside. A box is of one face, the one that is least aside.
 */
export function helmetsOf(
  faces: readonly Box[],
  boxes: readonly LabelledBox[],
): readonly (boolean | undefined)[] {
  const pairs = faces.flatMap((face, i) =>
    boxes.flatMap((box) => (fits(face, box) ? [{ i, box, aside: asideOf(face, box) }] : [])),
  );
  const used = new Set<LabelledBox>();
  const worn: (boolean | undefined)[] = faces.map(() => undefined);
  for (const { i, box } of pairs.toSorted((a, b) => a.aside - b.aside)) {
    if (used.has(box) || worn[i] !== undefined) continue;
    used.add(box);
    worn[i] = box.kind === 'helmet';
  }
  return worn;
}

function asideOf(face: Box, box: Box): number {
  return Math.abs(box.left + box.width / 2 - face.left - face.width / 2) / face.width;
}

function fits(face: Box, box: LabelledBox): boolean {
  const middle = { x: face.left + face.width / 2, y: face.top + face.height / 2 };
  const size = box.width / face.width;
  const bottom = box.top + box.height;
  if (box.kind !== 'helmet') {
    const inside =
      middle.x > box.left && middle.x < box.left + box.width && middle.y > box.top && middle.y < bottom;
    return inside && size > 0.7 && size < 2.4;
  }
  const below = (bottom - face.top) / face.height;
  const above = box.top + box.height / 2 < middle.y + 0.05 * face.height;
  return asideOf(face, box) < 0.6 && below > -0.1 && below < 1.1 && above && size > 0.9 && size < 2.3;
}
