import type { Box, Point } from '../core/types.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { turnQuarters, type QuarterTurn } from '../image/quarter-turns.ts';
import { Pyramid } from '../image/pyramid.ts';
import { type FaceMesh, meshRollDeg } from '../stages/face-mesh.ts';
import { fitMeshes } from './fit-meshes.ts';
import { findFaces, type Finders, type FindRequest } from './find-faces.ts';
import { eyesRollDeg, type FoundFace } from './found-face.ts';

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
 * An upright face to which the detectors give this score is one: they also see faces in faces that stand on their heads, but are
 * less sure. A judged score does not count: it tells a face, not which way up.
 */
const SURE = 0.92;
/** A face of this roll at most, in degrees, settles the question. */
const SURE_ROLL_DEG = 40;
/** Of that many of the largest faces, the mesh is fitted. */
const MAX_JUDGED = 8;
/** A turned image must be better than the image as it is by this factor. */
const BETTER_BY = 1.1;

/**
 * The faces of an image as it is, or, if none of them is surely upright, as it is after the quarter turn that gives the
 * surest upright faces. Lengths of `request` are in pixels of the image's pyramid, as it is. Costs three more searches and
 * turned copies of the pixels where no face is surely upright.
 */
export async function findUpright(
  models: Finders,
  image: DecodedImage,
  request: FindRequest,
  signal?: AbortSignal,
): Promise<FoundIn> {
  const asIs = await findFaces(models, image.pyramid, request, signal);
  let best: FoundIn = { image, rotation: 0, faces: asIs };
  if (asIs.some(isSurelyUpright)) return best;
  let least = BETTER_BY * (await uprightness(models, best, signal));
  for (const rotation of [90, 270, 180] as const) {
    const turned = turnImage(image, rotation);
    const { width, height } = image.pyramid;
    const area = request.area && turnBox(request.area, rotation, width, height);
    const faces = await findFaces(models, turned.pyramid, { ...request, area }, signal);
    const found = { image: turned, rotation, faces };
    const worth = await uprightness(models, found, signal);
    if (worth > least) [best, least] = [found, worth];
  }
  return best;
}

/**
 * How many faces stand upright, the surer and straighter ones counting more. The mesh model is asked, as it knows a face on
 * its head, and the roll of a lying one, better than the detectors do.
 */
async function uprightness(
  { mesh }: Finders,
  { image, faces }: FoundIn,
  signal: AbortSignal | undefined,
): Promise<number> {
  const judged = faces.slice(0, MAX_JUDGED);
  const unfitted = judged.filter((face) => !face.mesh);
  const inImage = unfitted.map((found) => ({ image: image.pyramid, found }));
  const fitted = await fitMeshes(mesh, inImage, signal);
  const meshes = judged.map((face) => face.mesh ?? fitted[unfitted.indexOf(face)]!);
  return judged.reduce((sum, { score }, i) => sum + uprightWorth(score, meshes[i]!), 0);
}

/** How surely a face of such a score stands upright, and how straight, 0..1; 0 if it lies or stands on its head. */
export function uprightWorth(score: number, { points, presence }: FaceMesh): number {
  const roll = meshRollDeg(points);
  if (Math.abs(roll) > MAX_ROLL_DEG) return 0;
  const straight = Math.cos((roll * Math.PI) / 180);
  return score ** 2 * straight ** 2 * presence;
}

function isSurelyUpright({ eyes, mesh, score }: FoundFace): boolean {
  return eyes !== undefined && !mesh && score >= SURE && Math.abs(eyesRollDeg(eyes)) <= SURE_ROLL_DEG;
}

/** A copy of an image, turned clockwise. */
export function turnImage(image: DecodedImage, rotation: QuarterTurn): DecodedImage {
  const { pyramid, width, height } = image;
  const turned = new Pyramid(turnQuarters(pyramid.level(0), rotation), pyramid.kernel);
  const same = { ...image, pyramid: turned };
  return rotation === 180 ? same : { ...same, width: height, height: width };
}

/** Where a box of an image of `width` × `height` lies after a turn. */
export function turnBox(box: Box, rotation: QuarterTurn, width: number, height: number): Box {
  const { left, top, width: w, height: h } = box;
  if (rotation === 90) return { left: height - top - h, top: left, width: h, height: w };
  if (rotation === 180) return { left: width - left - w, top: height - top - h, width: w, height: h };
  if (rotation === 270) return { left: top, top: width - left - w, width: h, height: w };
  return box;
}

/** The same of a point. */
export function turnPoint({ x, y }: Point, rotation: QuarterTurn, width: number, height: number): Point {
  if (rotation === 90) return { x: height - y, y: x };
  if (rotation === 180) return { x: width - x, y: height - y };
  if (rotation === 270) return { x: y, y: width - x };
  return { x, y };
}

/** The turn that undoes another. */
export function undoing(rotation: QuarterTurn): QuarterTurn {
  return ((360 - rotation) % 360) as QuarterTurn;
}
