import type { AttributeGroup } from '../../core/attributes.ts';
import { overallQuality } from '../../core/quality-score.ts';
import type { Face } from '../../core/types.ts';
import type { DetectOptions, EmbedOptions } from '../../api/options.ts';
import { base64Of } from '../base64.ts';
import { facenOf } from '../facen.ts';
import { emotionsOut } from '../findface/wire.ts';
import { wholeBox } from '../whole-box.ts';
import type { Picture } from '../fields.ts';
import { faultOf, wrongField } from '../problem.ts';
import type { Call } from '../route.ts';
import { type ExtractionRequest, readRequest } from './request.ts';

export type ExtractionCall = Call<unknown, unknown, unknown>;

/** Faces that FindFace looks for are of so many pixels. */
const MIN_FACE_SIZE = 50;
const MAX_FACES = 1000;
/** A score of quality is a logarithm: nothing is worse than this. */
const WORST = 1e-6;
/** How it is stretched, so that what FindFace takes for a bad face has about −5. */
const SCORE_SCALE = 5;

/** The response to one request, or why there is none. What is no fault of the request fails the call. */
export async function answerOf(call: ExtractionCall, given: unknown, path: string): Promise<object> {
  try {
    return { faces: await facesOf(call, readRequest(given, path), path) };
  } catch (error) {
    const { code, message } = faultOf(error, { image: `${path}.image` });
    return { faces: [], error: { code, desc: message } };
  }
}

async function facesOf(
  call: ExtractionCall,
  request: ExtractionRequest,
  path: string,
): Promise<readonly object[]> {
  const { nf, options, signal } = call;
  const { blob } = await call.picture(pictureOf(call, request.image, path), `${path}.image`);
  const isAligned = request.detector === 'prenormalized';
  const isRated = options.qualityEstimator && !isAligned;
  const returnDetails: DetectOptions['returnDetails'] = {
    attributes: groupsOf(request),
    ...(isRated && { quality: true, angle: true }),
  };
  const find: DetectOptions = {
    ...{ mode: 'accurate', maxFaces: MAX_FACES, signal, returnDetails },
    // What was cut out by somebody is a face, however small.
    ...(isAligned
      ? { input: 'aligned', minFaceSize: 1 }
      : { minFaceSize: options.minFaceSize ?? MIN_FACE_SIZE }),
    ...(request.roi && { area: request.roi }),
    ...(request.auto_rotate && { autoRotate: 'all' }),
  };
  const needsEmbedding = request.need_facen || request.need_normalized;
  const crop: EmbedOptions['returnDetails'] = { ...returnDetails, crop: { type: 'image/png' } };
  const { faces } = needsEmbedding
    ? await nf.embed(blob, { ...find, ...(request.need_normalized && { returnDetails: crop }) })
    : await nf.detect(blob, find);
  const score = ({ quality, angle, score }: Face): number => {
    if (!options.qualityEstimator) return score;
    return isRated ? SCORE_SCALE * Math.log(Math.max(WORST, overallQuality({ quality, angle } as Face))) : 0;
  };
  return Promise.all(faces.map((face) => told(face, score(face), request)));
}

/** The picture that `image` means. */
function pictureOf({ raw }: ExtractionCall, image: string, path: string): Picture {
  const [, part] = /^multipart:(.*)$/s.exec(image) ?? [];
  if (part === undefined) return image;
  const found = raw.get(part);
  if (found instanceof Blob) return found;
  throw wrongField(`${path}.image`, image, 'the name of a part of the body that holds a file');
}

function groupsOf({ need_gender, need_age, need_emotions }: ExtractionRequest): AttributeGroup[] {
  return [
    ...(need_gender || need_age ? ['demographics' as const] : []),
    ...(need_emotions ? ['emotions' as const] : []),
  ];
}

async function told(face: Face, score: number, request: ExtractionRequest): Promise<object> {
  const { attributes: { gender, age, emotions } = {}, embedding, crop } = face;
  const png = request.need_normalized ? crop?.file : undefined;
  return {
    bbox: wholeBox(face.position),
    detection_score: score,
    ...(request.need_facen && embedding && { facen: facenOf(embedding) }),
    ...(request.need_gender &&
      gender && { gender: { gender: gender.value.toUpperCase(), score: gender.certainty } }),
    ...(request.need_age && age && { age: age.value }),
    ...(emotions && { emotions: emotionsOut(emotions) }),
    ...(png && { normalized: base64Of(new Uint8Array(await png.arrayBuffer())) }),
  };
}
