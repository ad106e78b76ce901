import { throwIfAborted } from '../core/errors.ts';
import { sha256 } from '../core/sha256.ts';
import type { Keep } from '../core/records.ts';
import type { Face } from '../core/types.ts';
import { scaleBox } from '../geometry/boxes.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { Analysis, AnalysisRequest, FacePictures } from '../core/analysis.ts';
import { find } from './find.ts';
import { measure } from './measure.ts';
import type { Models } from './models.ts';
import { facePictures, type Pictured } from './pictures.ts';
import { tellable } from './aligned-crop.ts';
import { type Finding, tellPlaced } from './placed-face.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { EncodeJpeg, EncodePng } from '../platform/port.ts';

/** A decoded image and the file that it came from, if it came from one. */
export interface AnalysisImage {
  readonly decoded: DecodedImage;
  readonly file?: Blob;
}

/** What an analysis is done with, beside the models. */
export interface AnalysisTools {
  readonly stopwatch: Stopwatch;
  /** For the pictures that are kept on enrolment. */
  readonly encodeJpeg: EncodeJpeg;
  /** For crops as files. */
  readonly encodePng: EncodePng;
}

/**
 * What the request asks of each image, in order: faces are found in one after the other, and measured together.
 *
 * @throws NearFaceError `NO_FACE`, `FACE_TOO_SMALL`, `TOO_MANY_FACES` as the request's rules say; `ABORTED`
 */
export async function analyse(
  models: Models,
  images: readonly AnalysisImage[],
  request: AnalysisRequest,
  tools: AnalysisTools,
  signal?: AbortSignal,
): Promise<Analysis[]> {
  const { stopwatch } = tools;
  const perImage: Finding[] = [];
  for (const [i, { decoded }] of images.entries()) {
    throwIfAborted(signal);
    const name = request.names[i] ?? `image ${i}`;
    perImage.push(
      isAllPlaced(request)
        ? { image: decoded, rotation: 0, faces: [] }
        : await stopwatch.measure('detect', () => find(models, decoded, request, name, signal)),
    );
  }
  const all = perImage.flatMap(({ faces }) => faces);
  const measured = await measure(models, all, tellable(request), stopwatch, signal);
  let taken = 0;
  const analyses = perImage.map((found, i) => {
    const faces = measured.slice(taken, (taken += found.faces.length));
    return toAnalysis(found, faces, images[i]!, request, tools);
  });
  return Promise.all(analyses);
}

/** Whether every face that is wanted is known, so that none is looked for. */
function isAllPlaced({ placed, faces }: AnalysisRequest): boolean {
  return placed !== undefined && typeof faces === 'object' && faces.boxes.length === 0;
}

async function toAnalysis(
  { image, rotation, faces }: Finding,
  measured: readonly Face[],
  { decoded, file }: AnalysisImage,
  { enrol, cropType, placed: known }: AnalysisRequest,
  { encodeJpeg, encodePng }: AnalysisTools,
): Promise<Analysis> {
  const picturesOf = async (pictured: readonly Pictured[]): Promise<readonly FacePictures[]> => {
    const pictures: FacePictures[] = [];
    for (const face of enrol ? pictured : [])
      pictures.push(await facePictures(face, enrol as Keep, file ?? image, encodeJpeg));
    return pictures;
  };
  const pictures = await picturesOf(faces.map(({ found, ...face }) => ({ ...face, box: found.box })));
  const ofKnown = known && {
    placed: await picturesOf(known.map((box) => ({ image: decoded, box: scaleBox(box, 1 / decoded.scale) }))),
  };
  const told = measured.map(async (face, i): Promise<Face> => {
    const placed = tellPlaced(face, faces[i]!);
    const { crop } = face;
    return crop && cropType ? { ...placed, crop: { ...crop, file: await encodePng(crop) } } : placed;
  });
  return {
    width: image.width,
    height: image.height,
    rotation,
    orientation: image.orientation,
    faces: await Promise.all(told),
    pictures,
    ...ofKnown,
    ...(enrol && file && { photoHash: await sha256(await file.arrayBuffer()) }),
  };
}
