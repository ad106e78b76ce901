import { type JsonSchema, optional, type Picture, textOrFile } from '../fields.ts';
import { plainProblem, plainProblemSchema } from '../documentation.ts';
import { RestError, wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import { type Dialect, route } from '../route.ts';
import { answerOf } from './extract.ts';
import { requestsField } from './request.ts';

const faceSchema: JsonSchema = {
  type: 'object',
  properties: {
    bbox: {
      type: 'object',
      description: 'Pixels of the whole picture',
      properties: Object.fromEntries(
        ['left', 'top', 'right', 'bottom'].map((side) => [side, { type: 'integer' }]),
      ),
    },
    detection_score: { type: 'number' },
    facen: { type: 'string', format: 'byte' },
    gender: {
      type: 'object',
      properties: { gender: { enum: ['MALE', 'FEMALE'] }, score: { type: 'number' } },
    },
    age: { type: 'number' },
    emotions: {
      type: 'array',
      items: { type: 'object', properties: { emotion: { type: 'string' }, score: { type: 'number' } } },
    },
    normalized: { type: 'string', format: 'byte', description: 'PNG' },
  },
  required: ['bbox', 'detection_score'],
};

const answerSchema: JsonSchema = {
  type: 'object',
  properties: {
    responses: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          faces: { type: 'array', items: faceSchema },
          error: { type: 'object', properties: { code: { type: 'string' }, desc: { type: 'string' } } },
        },
        required: ['faces'],
      },
    },
  },
};

const extract = route({
  method: 'POST',
  path: '/',
  summary: 'Faces of pictures, with embeddings, attributes and normalized crops',
  description:
    'JSON with `requests`; or a multipart body with that JSON as the part `request`, and pictures in parts of any other name, each meant by `multipart:NAME`. ' +
    'Answers come in the order of the requests; one that fails does not fail the others.',
  body: {
    requests: optional(requestsField),
    request: optional(textOrFile('In a multipart body: JSON with `requests`, as text or as a file')),
  },
  answers: { 200: { description: 'One response for each request', schema: answerSchema } },
  async run(call) {
    const requests = await requestsOf(call.fields.requests, call.fields.request);
    const responses: unknown[] = [];
    for (const [i, request] of requests.entries())
      responses.push(await answerOf(call, request, `requests[${i}]`));
    return { json: { responses } };
  },
});

/** They stand in the body itself, or in its part `request`. */
async function requestsOf(
  requests: readonly unknown[] | undefined,
  part: Picture | undefined,
): Promise<readonly unknown[]> {
  if (requests) return requests;
  const given = part === undefined ? undefined : (await parsed(part))['requests'];
  return readField(requestsField, given, 'requests');
}

/** The part `request`, which some clients send as a file. @throws RestError `MALFORMED_JSON` */
async function parsed(part: Picture): Promise<Record<string, unknown>> {
  const text = typeof part === 'string' ? part : await part.text();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    const message = 'The part request is not complete JSON';
    throw new RestError({ status: 400, code: 'MALFORMED_JSON', message, param: 'request' });
  }
  throw wrongField('request', text, 'a JSON object with requests', 'type');
}

/** FindFace's extraction: `POST /`. Nothing is stored. */
export function findfaceExtraction(): Dialect {
  return {
    name: 'findface-extraction',
    title: 'FindFace (extraction)',
    description: 'Faces of pictures with embeddings and attributes. Nothing is stored.',
    keys: [{ in: 'header', name: 'Authorization', scheme: 'Token' }],
    routes: [extract],
    prefix: /^\/$/,
    refuse: plainProblem,
    errorSchema: plainProblemSchema,
  };
}
