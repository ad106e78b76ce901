import type { JsonSchema } from '../fields.ts';
import type { Problem } from '../problem.ts';

/** What became of a picture, or of a call that has none. */
export interface Result {
  /** 0, or what is wrong. */
  readonly code: number;
  readonly message: string;
  /** 0, or the status that it would have as a call of its own. */
  readonly internal_code: number;
}

export const SUCCESS: Result = { code: 0, message: 'Success.', internal_code: 0 };

/** Numbers of what is wrong; all else is its status. */
const CODES: Readonly<Record<string, number>> = {
  ...{ MALFORMED_JSON: 1, BAD_PARAM: 1, IMAGE_DECODING_FAILED: 2, IMAGE_TOO_LARGE: 3 },
  ...{ NO_FACES: 4, FACE_TOO_SMALL: 4, GALLERY_FULL: 5 },
};

/** What is wrong, as every answer tells it. */
export function resultOf({ code, status, message }: Problem): Result {
  return { code: CODES[code] ?? status, message, internal_code: status };
}

/** `results`, one for each picture, beside what else an answer has. */
export function envelopeSchema(properties: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const integer = { type: 'integer' };
  const items = {
    type: 'object',
    properties: { code: integer, message: { type: 'string' }, internal_code: integer },
  };
  return { type: 'object', properties: { results: { type: 'array', items }, ...properties } };
}
