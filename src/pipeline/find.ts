import type { AnalysisRequest } from '../core/analysis.ts';
import { scaleBox } from '../geometry/boxes.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { chooseFaces, smallestFace } from './choose-faces.ts';
import { findFaces, type Finders } from './find-faces.ts';
import { findUpright, type FoundIn } from './rotate.ts';

/** What faces are looked for, and which of them are used; lengths in pixels of the whole image. */
export type FindRequest = Pick<
  AnalysisRequest,
  'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'area' | 'autoRotate' | 'faces' | 'required'
>;

/** Where no face is large enough, smaller ones are looked for from so many pixels on, to tell that there are some. */
const SMALLEST_TOLD = 20;

/**
 * The faces of an image that the request asks for, by falling visible area, and the image in whose pixels they are: a turned copy
 * where faces stand upright in that alone.
 *
 * @param name - what the caller calls the image, for messages
 * @throws NearFaceError `NO_FACE`, `FACE_TOO_SMALL`, `TOO_MANY_FACES` as the request's rules say; `ABORTED`
 */
export async function find(
  models: Finders,
  decoded: DecodedImage,
  request: FindRequest,
  name: string,
  signal?: AbortSignal,
): Promise<FoundIn> {
  const { mode, minScore, area, autoRotate, faces, required } = request;
  const { scale } = decoded;
  const minFaceSize = smallestFace(request.minFaceSize, decoded, area);
  const minFace = Math.max(1, minFaceSize / scale);
  const wanted = { mode, minScore, minFace, area: area && scaleBox(area, 1 / scale), faces };
  const look = async (least: number): Promise<FoundIn> => {
    const sought = { ...wanted, minFace: least };
    return autoRotate
      ? findUpright(models, decoded, sought, signal)
      : { image: decoded, rotation: 0, faces: await findFaces(models, decoded.pyramid, sought, signal) };
  };
  let found = await look(minFace);
  // Whether there is none, or one that is too small, makes a difference to who is told.
  if (required && found.faces.length === 0 && minFace > SMALLEST_TOLD) found = await look(SMALLEST_TOLD);
  const inOriginal = found.faces.map((face) => ({ box: scaleBox(face.box, scale), found: face }));
  const { width, height } = found.image;
  const chosen = chooseFaces(inOriginal, { ...request, minFaceSize }, { width, height, name });
  return { ...found, faces: chosen.map((face) => face.found) };
}
