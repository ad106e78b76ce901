import type { Box } from '../core/types.ts';
import { expandBox, iou, squareBox } from '../geometry/boxes.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { CLOSER_ENLARGE, SAME_FACE_IOU, withEyes } from './confirm-faces.ts';
import type { Finders } from './find-faces.ts';
import type { FoundFace } from './found-face.ts';

/**
 * The faces that the near detector sees around boxes where faces are expected, as in the next frame of a video: one look of about
 * 2 ms a box. By falling score, no two of one face. Boxes and eyes are what a whole search would answer there; nothing is confirmed by other models.
 */
export async function lookNear(
  { nearDetector }: Pick<Finders, 'nearDetector'>,
  image: Pyramid,
  boxes: readonly Box[],
  minScore: number,
  signal?: AbortSignal,
): Promise<FoundFace[]> {
  const regions = boxes.map((box) => ({ image, box: expandBox(squareBox(box), CLOSER_ENLARGE) }));
  const seen = (await nearDetector.find(regions, { minScore, signal })).flat();
  const kept: FoundFace[] = [];
  for (const face of seen.sort((a, b) => b.score - a.score).map(withEyes))
    if (kept.every((other) => iou(other.box, face.box) <= SAME_FACE_IOU)) kept.push(face);
  return kept;
}
