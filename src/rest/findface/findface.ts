import { plainProblemSchema } from '../documentation.ts';
import type { Problem } from '../problem.ts';
import type { Dialect, Reply } from '../route.ts';
import { boxOut } from './wire.ts';
import { cameraRoutes } from './cameras.ts';
import { FaceIds } from './face-ids.ts';
import { faceRoutes } from './faces.ts';
import { galleryRoutes } from './galleries.ts';
import { historyRoutes } from './history.ts';
import { licenceRoutes } from './licence.ts';
import { lookRoutes } from './look.ts';
import { personRoutes } from './persons.ts';
import { postRoutes } from './post-face.ts';

/** The FindFace-style REST API in its versions v0 and v1, which differ in what is told of age, gender and emotions. */
export function findface(): Dialect {
  const ids = new FaceIds();
  return {
    name: 'findface',
    title: 'FindFace-style REST',
    description: 'Detection, verification, identification, faces, galleries, cameras, persons and history.',
    keys: [{ in: 'header', name: 'Authorization', scheme: 'Token' }],
    routes: [
      ...lookRoutes(),
      ...postRoutes(ids),
      ...faceRoutes(),
      ...galleryRoutes(),
      ...cameraRoutes(),
      ...personRoutes(),
      ...historyRoutes(),
      ...licenceRoutes(),
    ],
    names: NAMES,
    prefix: /^\/(v[01]|uploads|license\.json)(\/|$)/,
    refuse,
    errorSchema: plainProblemSchema,
  };
}

const NAMES = {
  ...{ image: 'photo', a: 'photo1', b: 'photo2' },
  ...{ boxes: 'bbox', boxesA: 'bbox1', boxesB: 'bbox2' },
  ...{
    name: 'gallery',
    cameraId: 'cam_id',
    cameraIds: 'cam_ids',
    group: 'detector',
    'camera.group': 'detector',
  },
} as const;

/** `code`, `status` and `reason`; with `BAD_PARAM` the field and its value too, with several faces their boxes. */
function refuse({ code, status, message, param, value, boxes }: Problem, path: string): Reply {
  if (code === 'TOO_MANY_FACES' && boxes) {
    const field = param === undefined ? {} : { param };
    const reason = `Too many faces: ${boxes.length}`;
    // The older version is documented so.
    const told = path.startsWith('/v0/') ? status : code;
    return { json: { code: told, status, faces: boxes.map(boxOut), reason, ...field } };
  }
  const field = code === 'BAD_PARAM' && { param: param ?? '', value: value ?? '' };
  const named = code === 'IMAGE_DECODING_FAILED' && param !== undefined && { param };
  return { json: { code, status, reason: message, ...field, ...named } };
}
