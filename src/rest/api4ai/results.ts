import { sha256 } from '../../core/sha256.ts';
import type { Detection, Face, Point } from '../../core/types.ts';
import { clampBox } from '../../geometry/boxes.ts';
import type { DetectOptions } from '../../api/options.ts';
import type { Picture } from '../fields.ts';
import { MIN_FACE_SIZE } from '../face-size.ts';
import { fivePointsOf } from '../five-points.ts';
import { aboutPicture, problemOf, wrongField } from '../problem.ts';
import type { Call, Reply } from '../route.ts';

const MAX_FACES = 1000;

/** The five points, in their order. */
const POINTS = ['left-eye', 'right-eye', 'nose-tip', 'mouth-left-corner', 'mouth-right-corner'] as const;

interface Fields {
  readonly image?: Picture | undefined;
  readonly url?: Picture | undefined;
  readonly embeddings: boolean;
  readonly detection: boolean;
}

/** A result of a picture in which nothing could be looked for. */
export function failure(message: string, about: object = {}): object {
  return { status: { code: 'failure', message }, ...about, entities: [] };
}

/** What is answered of a picture. */
export async function resultOf(call: Call<unknown, Fields>): Promise<Reply> {
  const { nf, options, fields, signal } = call;
  const param = fields.image === undefined ? 'url' : 'image';
  const given = fields.image ?? fields.url;
  if (given === undefined) throw wrongField('image', given, 'a file, or url an address', 'missing');
  const find: DetectOptions = {
    ...{ mode: 'accurate', maxFaces: MAX_FACES, signal },
    returnDetails: { landmarks: true },
    // What was cut out by somebody is a face, however small.
    ...(fields.detection
      ? { minFaceSize: options.minFaceSize ?? MIN_FACE_SIZE }
      : { input: 'aligned', minFaceSize: 1 }),
  };
  let about = {};
  try {
    const { blob, name } = await call.picture(given, param);
    about = { name, md5: await sha256(await blob.arrayBuffer()) };
    const found = await aboutPicture(param, () =>
      fields.embeddings ? nf.embed(blob, find) : nf.detect(blob, find),
    );
    return { json: { results: [told(found, about)] } };
  } catch (error) {
    const { code, message } = problemOf(error);
    if (code !== 'IMAGE_DECODING_FAILED') throw error;
    return { json: { results: [failure(message, about)] } };
  }
}

function told(found: Detection, about: object): object {
  const { width, height } = found;
  const objects = found.faces.map((face) => objectOf(face, found));
  return {
    status: { code: 'ok', message: 'Success' },
    ...about,
    ...{ width, height },
    entities: [{ kind: 'objects', name: 'face-detector', objects }],
  };
}

/** Clients know the three entities by their order. */
function objectOf({ position, score, landmarks, embedding }: Face, { width, height }: Detection): object {
  const box = clampBox(position, width, height);
  const share = ({ x, y }: Point): readonly number[] => [x / width, y / height];
  const points = fivePointsOf(landmarks!).map((point, i) => [POINTS[i]!, share(point)] as const);
  return {
    box: [...share({ x: box.left, y: box.top }), ...share({ x: box.width, y: box.height })],
    entities: [
      { kind: 'classes', name: 'face', classes: { face: score } },
      { kind: 'namedpoints', name: 'face-landmarks', namedpoints: Object.fromEntries(points) },
      ...(embedding ? [{ kind: 'vector', name: 'face-embeddings', vector: [...embedding] }] : []),
    ],
  };
}
