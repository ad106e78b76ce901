/** For tests: an interface with a route of each kind, over no instance. */
import type { NearFace } from '../api/nearface.ts';
import { untilAborted } from '../core/until-aborted.ts';
import { plainProblem, plainProblemSchema } from './documentation.ts';
import {
  boxes,
  decimal,
  flag,
  optional,
  picture,
  text,
  threshold,
  time,
  whole,
  withDefault,
  words,
} from './fields.ts';
import { RestError } from './problem.ts';
import { resolveRest } from './resolve-rest.ts';
import { type Dialect, route } from './route.ts';
import { RestServer } from './server.ts';
import type { RestOptions } from './options.ts';

export const KEY = 'a-key-for-tests';
export const PATH_KEY = 'a-key-for-paths';

const shown = { 200: { description: 'What came', schema: { type: 'object' } } };

/** Routes that answer with what they read. */
export const testDialect = (): Dialect => ({
  ...{ name: 'compreface', title: 'Test', description: 'For tests', prefix: /^\/test(\/|$)/ },
  keys: [
    { in: 'header', name: 'x-api-key' },
    { in: 'query', name: 'api_key' },
  ],
  refuse: plainProblem,
  errorSchema: plainProblemSchema,
  routes: [
    route({
      ...{ method: 'POST', path: '/test/fields', summary: 'Reads fields', answers: shown },
      query: { limit: withDefault(whole(1, 10, 'A number'), 1) },
      body: {
        name: text(20, 'A name'),
        meta: optional(text(20, 'May be empty')),
        isOn: optional(flag('A switch')),
        share: optional(decimal(0, 1, 'A share')),
        names: optional(words('Names')),
        bbox: optional(boxes('Boxes')),
        level: optional(threshold('A level')),
        at: optional(time('A time')),
      },
      run: async ({ fields }) => ({ json: fields }),
    }),
    route({
      ...{ method: 'POST', path: '/test/photo', summary: 'Reads a picture', answers: shown },
      body: { photo: picture('A picture') },
      async run(call) {
        const { blob, url, name } = await call.picture(call.fields.photo, 'photo');
        return { json: { bytes: blob.size, type: blob.type, url, name } };
      },
    }),
    route({
      ...{ method: 'POST', path: '/test/bytes', summary: 'Reads bytes', answers: shown, bodyKind: 'bytes' },
      run: async ({ body }) => ({ json: [...body] }),
    }),
    route({
      ...{ method: 'GET', path: '/test/names/:name', summary: 'Reads a name', answers: shown },
      run: async ({ params, path, link }) => ({ json: { ...params, path, link: link('/x') } }),
    }),
    route({
      ...{
        method: 'DELETE',
        path: '/test/names/:name',
        summary: 'Deletes',
        answers: { 204: { description: '' } },
      },
      run: async () => ({ status: 204 }),
    }),
    route({
      ...{ method: 'GET', path: '/test/link/:id', summary: 'A link to a picture', answers: shown },
      run: async ({ params, pictureKey }) => ({ json: await pictureKey(`picture-${params['id']}`) }),
    }),
    route({
      ...{ method: 'GET', path: '/test/picture/:id', summary: 'The picture', answers: shown },
      linkOf: ({ id }) => `picture-${id}`,
      run: async ({ params }) => ({ content: { type: 'image/png', data: String(params['id']) } }),
    }),
    route({
      ...{ method: 'GET', path: '/test/fails/:how', summary: 'Fails', answers: shown, isOpen: true },
      async run({ params, signal }) {
        if (params['how'] === 'late') await untilAborted(new Promise(() => undefined), signal);
        if (params['how'] === 'known') throw new RestError({ status: 409, code: 'TAKEN', message: 'Taken' });
        throw new Error('a secret of the inside');
      },
    }),
  ],
});

/** A server of these routes. */
export function testServer(options: RestOptions = {}): (request: Request) => Promise<Response> {
  const given = { tokens: [KEY, { key: PATH_KEY, inPath: true }], ...options };
  const server = new RestServer({} as NearFace, resolveRest(given), [testDialect()]);
  return (request) => server.answer(request);
}
