import type { Box } from '../core/types.ts';
import type { DecodedImage } from '../image/decode.ts';
import { turnQuarters, type QuarterTurn } from '../image/quarter-turns.ts';
import { Pyramid } from '../image/pixels.ts';
import { findFaces, type Finders, type FindRequest, type FoundFace } from './find-faces.ts';

/** Faces, and the image in whose pixels they are. */
export interface FoundIn {
  readonly image: DecodedImage;
  /** Degrees clockwise that `image` was turned by. */
  readonly rotation: QuarterTurn;
  readonly faces: readonly FoundFace[];
}

/** A face rolled by more than this, in degrees, does not stand upright. */
const MAX_ROLL_DEG = 60;

/**
 * The faces of an image as it is, or, if none of them is upright, as it is after the quarter turn that gives the surest
 * upright face. Lengths of `request` are in pixels of the image's pyramid, as it is. Costs three more searches and turned
 * copies of the pixels where there is no upright face.
 */
export async function findUpright(
  models: Finders,
  image: DecodedImage,
  request: FindRequest,
  signal?: AbortSignal,
): Promise<FoundIn> {
  const asIs = await findFaces(models, image.pyramid, request, signal);
  let best: FoundIn = { image, rotation: 0, faces: asIs };
  if (surest(asIs) > 0) return best;
  for (const rotation of [90, 270, 180] as const) {
    const turned = turnImage(image, rotation);
    const { width, height } = image.pyramid;
    const area = request.area && turnBox(request.area, rotation, width, height);
    const faces = await findFaces(models, turned.pyramid, { ...request, area }, signal);
    if (surest(faces) > surest(best.faces)) best = { image: turned, rotation, faces };
  }
  return best;
}

/** The score of the surest upright face; 0 if there is none. */
function surest(faces: readonly FoundFace[]): number {
  return Math.max(0, ...faces.filter(isUpright).map(({ score }) => score));
}

function isUpright({ eyes }: FoundFace): boolean {
  if (!eyes) return true;
  const [left, right] = eyes;
  const rollDeg = (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
  return Math.abs(rollDeg) <= MAX_ROLL_DEG;
}

function turnImage({ pyramid, width, height, scale }: DecodedImage, rotation: QuarterTurn): DecodedImage {
  const turned = new Pyramid(turnQuarters(pyramid.level(0), rotation));
  return rotation === 180
    ? { pyramid: turned, width, height, scale }
    : { pyramid: turned, width: height, height: width, scale };
}

/** Where a box of an image of `width` × `height` lies after a turn. */
export function turnBox(box: Box, rotation: QuarterTurn, width: number, height: number): Box {
  const { left, top, width: w, height: h } = box;
  if (rotation === 90) return { left: height - top - h, top: left, width: h, height: w };
  if (rotation === 180) return { left: width - left - w, top: height - top - h, width: w, height: h };
  if (rotation === 270) return { left: top, top: width - left - w, width: h, height: w };
  return box;
}
