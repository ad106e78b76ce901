import type { AnalysisRequest } from '../core/analysis.ts';
import type { Box } from '../core/types.ts';
import { scaleBox } from '../geometry/boxes.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { chooseFaces, smallestFace } from './choose-faces.ts';
import { alignedFace } from './aligned-crop.ts';
import { findInAllTurns } from './all-turns.ts';
import { findFaces, type Finders } from './find-faces.ts';
import type { Finding } from './placed-face.ts';
import { findUpright } from './rotate.ts';

/** What faces are looked for, and which of them are used; lengths in pixels of the whole image. */
export type FindRequest = Pick<
  AnalysisRequest,
  'input' | 'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'area' | 'autoRotate' | 'faces' | 'required'
> & {
  /** Boxes of faces that are known and need not be found; passed over where the image is turned. */
  readonly known?: readonly Box[];
};

/** Where no face is large enough, smaller ones are looked for from so many pixels on, to tell that there are some. */
const SMALLEST_TOLD = 20;

/**
 * The faces of an image that the request asks for, by falling visible area, and the image that they are told of: a turned copy
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
): Promise<Finding> {
  const { input, required, area } = request;
  const { scale } = decoded;
  const minFaceSize = smallestFace(request.minFaceSize, decoded, area);
  const minFace = Math.max(1, minFaceSize / scale);
  const look = (least: number): Promise<Finding> => lookFor(models, decoded, request, least, signal);
  let found = input === 'aligned' ? alignedFace(decoded, name) : await look(minFace);
  // Whether there is none, or one that is too small, makes a difference to who is told.
  if (required && found.faces.length === 0 && minFace > SMALLEST_TOLD) found = await look(SMALLEST_TOLD);
  const inOriginal = found.faces.map((placed) => ({ box: scaleBox(placed.box, scale), placed }));
  const { width, height } = found.image;
  const chosen = chooseFaces(inOriginal, { ...request, minFaceSize }, { width, height, name });
  return { ...found, faces: chosen.map((face) => face.placed) };
}

/** All faces from a size on, in pixels of the image's pyramid. */
async function lookFor(
  models: Finders,
  decoded: DecodedImage,
  { mode, minScore, area, autoRotate, faces, known = [] }: FindRequest,
  minFace: number,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const sought = { mode, minScore, minFace, area: area && scaleBox(area, 1 / decoded.scale), faces };
  if (autoRotate === 'all') {
    const placed = await findInAllTurns(models, decoded, sought, signal);
    return { image: decoded, rotation: 0, faces: placed };
  }
  const { image, rotation, ...found } = autoRotate
    ? await findUpright(models, decoded, sought, signal)
    : {
        image: decoded,
        rotation: 0 as const,
        faces: await findFaces(
          models,
          decoded.pyramid,
          { ...sought, known: known.map((box) => scaleBox(box, 1 / decoded.scale)) },
          signal,
        ),
      };
  return { image, rotation, faces: found.faces.map((face) => ({ image, found: face, box: face.box })) };
}
