import type { FieldFault, Problem } from '../problem.ts';
import type { Dialect, Reply } from '../route.ts';
import { enrolRoutes } from './enrol.ts';
import { entityRoutes } from './entities.ts';
import { modelRoutes } from './models.ts';
import { searchRoutes } from './search.ts';

/** A picture's base64 has fewer characters: four are three bytes. */
const MAX_BASE64: number = 5 * 2 ** 20;

/** AnySee's entities of faces. Source: its public documentation; see docs/http.md for what is told otherwise. */
export function anysee(): Dialect {
  return {
    name: 'anysee',
    title: 'AnySee-style',
    description:
      'Entities of faces: added, changed, searched for by pictures, compared. An entity is a face, its key the meta, its collection a gallery.',
    keys: [{ in: 'header', name: 'api-key' }],
    maxImageBytes: ((MAX_BASE64 - 4) / 4) * 3,
    routes: [...searchRoutes(), ...enrolRoutes(), ...entityRoutes(), ...modelRoutes()],
    prefix: /^\/(api\/v1\/)?(entities|models)(\/|$)/,
    refuse,
    errorSchema: {
      type: 'object',
      properties: {
        code: { type: 'integer' },
        message: { type: 'string' },
        details: { type: 'string', description: 'The field that is wrong, or what is' },
      },
      required: ['code', 'message', 'details'],
    },
  };
}

/** Numbers and words of what is wrong with a field. */
const FAULTS: Readonly<Record<FieldFault, readonly [code: number, message: string]>> = {
  missing: [110, 'body_parameter_missing'],
  type: [111, 'body_parameter_invalid_type'],
  value: [112, 'body_parameter_invalid_value'],
  unknown: [113, 'body_parameter_not_found'],
};

/** `code` and `message` of a field that is wrong, with its name as `details`; else the status, and what happened. */
function refuse({ status, code, message, param, fault = 'value' }: Problem): Reply {
  const about = (of: FieldFault, field: string, words?: string): Reply => {
    const [number, word] = FAULTS[of];
    return { status: 400, json: { code: number, message: words ?? word, details: field } };
  };
  switch (code) {
    case 'BAD_PARAM':
      return about(fault, param ?? 'body');
    case 'MALFORMED_JSON':
      return about('value', 'body');
    case 'IMAGE_DECODING_FAILED':
      return about('value', param ?? 'image.data');
    case 'NO_FACES':
    case 'FACE_TOO_SMALL':
      return about('value', param ?? 'image.data', 'face_not_found');
    case 'MODEL_MISMATCH':
      return about('unknown', 'model');
    default:
      return { json: { code: status, message: code.toLowerCase(), details: message } };
  }
}
