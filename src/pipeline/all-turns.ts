import { containment, iou } from '../geometry/boxes.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { FaceMesh } from '../stages/face-mesh.ts';
import { SAME_FACE_IOU } from './confirm-faces.ts';
import { byVisibleArea, findFaces, type Finders, type FindRequest, MAX_CONTAINMENT } from './find-faces.ts';
import { fitMeshes } from './fit-meshes.ts';
import type { PlacedFace } from './placed-face.ts';
import { turnBox, turnImage, undoing, uprightWorth } from './rotate.ts';

/**
 * By so much the odds of a face that is found in turned copies alone are lower than its score says, which was fitted to pictures as they are: few are turned, and each
 * of the three copies gives things another chance to look like a face. Of 400 photos in which nobody is, 14 had a face turned without it; all
 * scored below 0.8.
 */
const TURNED_ODDS = 1 / 4;

type TurnedFace = PlacedFace & Required<Pick<PlacedFace, 'turn'>>;

/**
 * The faces of an image in each of its quarter turns, by falling visible area. One that is found in several counts once, in the turn
 * in which it stands most surely upright; one that lies in all of them counts only if it is found in the image as it is. Lengths of
 * `request` are in pixels of the image's pyramid. Costs four searches, and a turned copy of the pixels for each turn.
 */
export async function findInAllTurns(
  models: Finders,
  image: DecodedImage,
  request: FindRequest,
  signal?: AbortSignal,
): Promise<PlacedFace[]> {
  const found: TurnedFace[] = [];
  for (const turn of [0, 90, 270, 180] as const) {
    const turned = turn === 0 ? image : turnImage(image, turn);
    const { width, height } = image.pyramid;
    const area = request.area && turnBox(request.area, turn, width, height);
    const faces = await findFaces(models, turned.pyramid, { ...request, area }, signal);
    for (const face of faces) {
      const box = turnBox(face.box, undoing(turn), turned.pyramid.width, turned.pyramid.height);
      found.push({ image: turned, found: face, box, turn });
    }
  }
  const isLikely = (face: TurnedFace): boolean =>
    face.turn === 0 ||
    scaleOdds(face.found.score, TURNED_ODDS) >= request.minScore ||
    found.some((other) => other.turn === 0 && isSame(face, other));
  return byVisibleArea(await eachInItsBest(models, found.filter(isLikely), signal), image.pyramid);
}

async function eachInItsBest(
  { mesh }: Finders,
  found: readonly TurnedFace[],
  signal: AbortSignal | undefined,
): Promise<TurnedFace[]> {
  // Whoever is seen in the image as it is, and in no other turn, needs no look at how it stands.
  const contested = found.filter((face) => face.turn !== 0 || found.some((other) => isSame(face, other)));
  const meshes = await meshesOf(mesh, contested, signal);
  const ranked = contested
    .map((face, i) => ({ face, mesh: meshes[i]!, worth: uprightWorth(face.found.score, meshes[i]!) }))
    .filter(({ face, worth }) => face.turn === 0 || worth > 0)
    .toSorted((a, b) => b.worth - a.worth);
  const kept = found.filter((face) => !contested.includes(face));
  for (const { face, mesh: fitted } of ranked) {
    // What was fitted need not be fitted again to be measured.
    const fittedFace = { ...face, found: { ...face.found, mesh: fitted } };
    if (!kept.some((other) => isSame(face, other))) kept.push(fittedFace);
  }
  return kept;
}

async function meshesOf(
  model: Finders['mesh'],
  faces: readonly TurnedFace[],
  signal: AbortSignal | undefined,
): Promise<FaceMesh[]> {
  const unfitted = faces.filter(({ found }) => !found.mesh);
  const inImages = unfitted.map(({ image, found }) => ({ image: image.pyramid, found }));
  const fitted = await fitMeshes(model, inImages, signal);
  return faces.map((face) => face.found.mesh ?? fitted[unfitted.indexOf(face)]!);
}

/** Whether two faces are one, seen in two turns: a face on its head is given a box that is somewhat off. */
function isSame(a: TurnedFace, b: TurnedFace): boolean {
  if (a.turn === b.turn) return false;
  const inside = Math.max(containment(a.box, b.box), containment(b.box, a.box));
  return iou(a.box, b.box) > SAME_FACE_IOU || inside > MAX_CONTAINMENT;
}

/** A probability whose odds are `by` times as high. */
function scaleOdds(probability: number, by: number): number {
  return (by * probability) / (by * probability + 1 - probability);
}
