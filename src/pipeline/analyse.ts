import { throwIfAborted } from '../core/errors.ts';
import { sha256 } from '../core/sha256.ts';
import type { Box, Face } from '../core/types.ts';
import { estimateAngle } from '../geometry/pose.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { warpToRgba } from '../image/warp.ts';
import { landmarks106, meshPoints } from '../stages/landmarks-106.ts';
import type { Analysis, AnalysisRequest, FacePictures } from '../core/analysis.ts';
import { chooseFaces, smallestFace } from './choose-faces.ts';
import { findFaces } from './find-faces.ts';
import { attributesOf } from './measure-details.ts';
import type { FaceInWork } from './face-in-work.ts';
import { measureFaces } from './measure-faces.ts';
import type { Models } from './models.ts';
import { facePictures } from './pictures.ts';
import { findUpright, type FoundIn } from './rotate.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { EncodeJpeg } from '../platform/port.ts';

/** A decoded image and the file that it came from, if it came from one. */
export interface AnalysisImage {
  readonly decoded: DecodedImage;
  readonly file?: Blob;
}

/** What an analysis is done with, beside the models. */
export interface AnalysisTools {
  readonly stopwatch: Stopwatch;
  /** For the pictures that are kept on enrolment. */
  readonly encode: EncodeJpeg;
}

/**
 * What the request asks of each image, in order. Faces of all images go through the models in common batches.
 *
 * @throws NearFaceError `NO_FACE`, `FACE_TOO_SMALL`, `TOO_MANY_FACES` as the request's rules say; `ABORTED`
 */
export async function analyse(
  models: Models,
  images: readonly AnalysisImage[],
  request: AnalysisRequest,
  { stopwatch, encode }: AnalysisTools,
  signal?: AbortSignal,
): Promise<Analysis[]> {
  const perImage: AnalysedImage[] = [];
  for (const [i, { decoded, file }] of images.entries()) {
    throwIfAborted(signal);
    const found = await stopwatch.measure('detect', () => findIn(models, decoded, request, i, signal));
    const { image, rotation } = found;
    const faces = found.faces.map((face): FaceInWork => ({ found: face, image, seen: {} }));
    perImage.push({ decoded: image, rotation, faces, ...(file && { file }) });
  }
  const all = perImage.flatMap(({ faces }) => faces);
  await measureFaces(models, all, request.details, stopwatch, signal);
  return Promise.all(perImage.map((image) => toAnalysis(models, image, request, encode)));
}

/** Where no face is large enough, smaller ones are looked for from so many pixels on, to tell that there are some. */
const SMALLEST_TOLD = 20;

/** An image as its faces were found in it. */
interface AnalysedImage extends AnalysisImage {
  readonly rotation: FoundIn['rotation'];
  readonly faces: readonly FaceInWork[];
}

/** Finds and chooses; lengths of the request are of the original image, the answer is of the decoded one. */
async function findIn(
  models: Models,
  decoded: DecodedImage,
  request: AnalysisRequest,
  i: number,
  signal: AbortSignal | undefined,
): Promise<FoundIn> {
  const { mode, minScore, area, autoRotate, faces, required } = request;
  const { scale } = decoded;
  const minFaceSize = smallestFace(request.minFaceSize, decoded, area);
  const minFace = Math.max(1, minFaceSize / scale);
  const wanted = { mode, minScore, minFace, area: area && scaleBox(area, 1 / scale), faces };
  const find = async (least: number): Promise<FoundIn> => {
    const sought = { ...wanted, minFace: least };
    return autoRotate
      ? findUpright(models, decoded, sought, signal)
      : { image: decoded, rotation: 0, faces: await findFaces(models, decoded.pyramid, sought, signal) };
  };
  let found = await find(minFace);
  // Whether there is none, or one that is too small, makes a difference to who is told.
  if (required && found.faces.length === 0 && minFace > SMALLEST_TOLD) found = await find(SMALLEST_TOLD);
  const inOriginal = found.faces.map((face) => ({ box: scaleBox(face.box, scale), inWork: face }));
  const { width, height } = found.image;
  const name = request.names[i] ?? `image ${i}`;
  const chosen = chooseFaces(inOriginal, { ...request, minFaceSize }, { width, height, name });
  return { ...found, faces: chosen.map(({ inWork }) => inWork) };
}

async function toAnalysis(
  models: Models,
  { decoded, file, rotation, faces }: AnalysedImage,
  request: AnalysisRequest,
  encode: EncodeJpeg,
): Promise<Analysis> {
  const { enrol } = request;
  const pictures: FacePictures[] = [];
  if (enrol) {
    for (const { found } of faces) pictures.push(await facePictures(decoded, found.box, enrol, file, encode));
  }
  return {
    width: decoded.width,
    height: decoded.height,
    rotation,
    faces: faces.map((face) => toFace(models, face, request)),
    pictures,
    ...(enrol && file && { photoHash: await sha256(await file.arrayBuffer()) }),
  };
}

function toFace(models: Models, face: FaceInWork, { details }: AnalysisRequest): Face {
  const { found, image, mesh, seen, quality, alignment, embedding, reliability } = face;
  const attributes = attributesOf(face, details.attributes);
  const { scale } = image;
  const points = mesh && mesh.points.map((value) => value * scale);
  const finePoints = seen.fineMesh?.points.map((value) => value * scale);
  const { entry, size } = models.embedder;
  return {
    position: scaleBox(found.box, scale),
    score: found.score,
    ...(points && details.angle && { angle: estimateAngle(points, models.canonicalFace) }),
    ...(finePoints && details.landmarks && { landmarks: landmarks106(finePoints) }),
    ...(finePoints && details.mesh && { mesh: meshPoints(finePoints) }),
    ...(quality && details.quality && { quality }),
    ...(details.attributes.length > 0 && { attributes }),
    ...(embedding && { embedding: embedding.vector, modelId: entry.id }),
    ...(reliability !== undefined && { reliability }),
    ...(alignment && details.crop && { crop: warpToRgba(image.pyramid, alignment, size, size) }),
  };
}

function scaleBox({ left, top, width, height }: Box, scale: number): Box {
  return { left: left * scale, top: top * scale, width: width * scale, height: height * scale };
}
