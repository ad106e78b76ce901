import { VERSION } from '../../version.ts';
import { flag, type JsonSchema, optional, picture, textOrFile, withDefault } from '../fields.ts';
import type { Problem } from '../problem.ts';
import { type Dialect, type Reply, route, type Route } from '../route.ts';
import { failure, resultOf } from './results.ts';

const resultSchema: JsonSchema = {
  type: 'object',
  properties: {
    status: {
      type: 'object',
      properties: { code: { enum: ['ok', 'failure'] }, message: { type: 'string' } },
      required: ['code', 'message'],
    },
    name: { type: 'string', description: 'The file’s name, or the URL' },
    md5: { type: 'string', description: 'sha256 of the file' },
    width: { type: 'integer' },
    height: { type: 'integer' },
    entities: { type: 'array', items: { type: 'object' } },
  },
  required: ['status', 'entities'],
};
const answerSchema: JsonSchema = {
  type: 'object',
  properties: { results: { type: 'array', items: resultSchema } },
};

const results = (path: string): Route =>
  route({
    method: 'POST',
    path,
    summary: 'Faces of a picture, with landmarks and embeddings',
    description: 'A file in the part `image`, or an address in `url`.',
    query: {
      embeddings: withDefault(flag('The embedding of each face'), false),
      detection: withDefault(flag('False: the picture is one aligned face'), true),
    },
    body: {
      image: optional(picture('The picture')),
      url: optional(textOrFile('The address of the picture')),
    },
    answers: { 200: { description: 'Also where the picture cannot be read', schema: answerSchema } },
    run: resultOf,
  });

const version = (path: string): Route =>
  route({
    ...{ method: 'GET', path, summary: 'The version' },
    answers: { 200: { description: 'As in v1.0.1.0', type: 'text/plain' } },
    run: async () => ({ content: { type: 'text/plain; charset=UTF-8', data: `v1.${VERSION}` } }),
  });

/** Clients print the message of the first result, whatever the status. */
const refuse = ({ message }: Problem): Reply => ({ json: { results: [failure(message)] } });

/** API4AI's face analyzer. */
export function api4ai(): Dialect {
  const header = (name: string) => ({ in: 'header' as const, name });
  return {
    name: 'api4ai',
    title: 'API4AI',
    description: 'Faces of a picture with five points and embeddings. Nothing is stored.',
    keys: [
      ...['X-API-KEY', 'A4A-CLIENT-KEY', 'X-RapidAPI-Key'].map(header),
      { in: 'query', name: 'api_key' },
    ],
    routes: ['/face-analyzer/v1', '/v1'].flatMap((base) => [
      results(`${base}/results`),
      version(`${base}/version`),
    ]),
    prefix: /^\/face-analyzer(\/|$)/,
    refuse,
    errorSchema: answerSchema,
  };
}
