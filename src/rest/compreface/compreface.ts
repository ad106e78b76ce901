import type { Dialect, Reply } from '../route.ts';
import type { Problem } from '../problem.ts';
import { embeddingRoutes } from './embeddings.ts';
import { exampleRoutes } from './examples.ts';
import { imageRoutes } from './images.ts';
import { Subjects, subjectRoutes } from './subjects.ts';

/** Parts of a form that hold pictures. */
const PARTS: readonly string[] = ['file', 'source_image', 'target_image'];

/**
 * CompreFace's REST API 1.2. Source: exadel-inc/CompreFace, docs/Rest-API-description.md; numbers of errors: its CommonExceptionCode.java. A
 * service's face collection is the gallery of its key, a subject is the meta of its faces.
 */
export function compreface(): Dialect {
  const subjects = new Subjects();
  return {
    name: 'compreface',
    title: 'CompreFace',
    description:
      'Recognition, detection and verification as CompreFace has them. The collection of a key is a gallery, a subject the meta of its faces.',
    keys: [{ in: 'header', name: 'x-api-key' }],
    routes: [...subjectRoutes(subjects), ...exampleRoutes(subjects), ...imageRoutes(), ...embeddingRoutes()],
    prefix: /^\/api\/v1\/(recognition|detection|verification|static)(\/|$)/,
    mendQuery,
    names: { image: 'file' },
    refuse,
    errorSchema: {
      type: 'object',
      properties: { message: { type: 'string' }, code: { type: 'integer' } },
      required: ['message', 'code'],
    },
  };
}

/** Its own JavaScript client begins each further field of a query with another question mark. */
function mendQuery(search: string): URLSearchParams {
  const fields = /\?(?=(?:limit|det_prob_threshold|prediction_count|face_plugins|status|detect_faces)=)/g;
  return new URLSearchParams(search.replace(/^\?/, '').replaceAll(fields, '&'));
}

/** Status, number and text of a problem where CompreFace has its own; others are 0, `UNDEFINED`. */
function refuse(problem: Problem): Reply {
  const { status, code, message, param, fault } = problem;
  const own = (of: number, number: number, text = message): Reply => ({
    status: of,
    json: { message: text, code: number },
  });
  switch (code) {
    case 'AUTH_FAILED':
      return fault === 'missing' ? own(400, 20, 'Missing header: x-api-key') : own(404, 10, message);
    case 'NO_FACES':
    case 'FACE_TOO_SMALL':
      return own(400, 28, 'No face is found in the given image');
    case 'TOO_MANY_FACES':
      return own(400, 31, 'Found more than one face in the given image');
    case 'IMAGE_DECODING_FAILED':
      return own(400, 21);
    case 'SUBJECT_NOT_FOUND':
      return own(404, 42);
    case 'SUBJECT_EXISTS':
      return own(400, 43);
    case 'NOT_FOUND':
      return own(404, 44);
    case 'BAD_PARAM':
      return own(400, numberOfBadParam(param, fault));
    case 'SERVICE_UNAVAILABLE':
      return own(status, 41);
    default:
      return own(status, 0);
  }
}

function numberOfBadParam(param: string | undefined, fault: Problem['fault']): number {
  if (fault === 'missing') return PARTS.includes(param ?? '') ? 34 : 33;
  return fault === 'type' ? 36 : 26;
}
