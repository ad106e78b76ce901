import { MAX_SKIP } from '../../core/limits.ts';
import { type Field, optional, text, whole } from '../fields.ts';
import { wrongField } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { facesOut } from './face-json.ts';
import { address, pageSize } from './pages.ts';
import { faceSchema, pageSchema, VERSION_PATH } from './wire.ts';

/** Galleries are listed, made and deleted; and the metas of one are listed. */
export function galleryRoutes(): readonly Route[] {
  return [...ownRoutes(), metaRoute('/meta'), metaRoute('/meta/gallery/:gallery')];
}

const name = (): Field<string> => text(48, 'Name of the gallery', /^[A-Za-z0-9_-]{1,48}$/);

function ownRoutes(): readonly Route[] {
  const path = `${VERSION_PATH}/galleries/:gallery`;
  return [
    route({
      ...{ method: 'GET', path: `${VERSION_PATH}/galleries`, summary: 'Lists the galleries' },
      answers: { 200: { description: 'Their names', schema: namesSchema } },
      async run({ nf }) {
        const names = (await nf.galleries.list()).map((gallery) => gallery.name);
        return { json: { results: [...new Set(['default', ...names])].sort() } };
      },
    }),
    route({
      ...{ method: 'POST', path, summary: 'Makes a gallery', params: { gallery: name() } },
      answers: { 201: { description: 'It', schema: { type: 'object' } } },
      async run({ nf, params }) {
        await nf.galleries.create(params.gallery);
        return { status: 201, json: { name: params.gallery } };
      },
    }),
    route({
      ...{ method: 'DELETE', path, summary: 'Deletes a gallery and its faces, out of all galleries' },
      params: { gallery: name() },
      answers: { 204: { description: 'It is gone' } },
      async run({ nf, params, signal }) {
        const { gallery } = params;
        if (gallery === 'default') throw wrongField('gallery', gallery, 'another: default always exists');
        await nf.galleries.delete(gallery, { faces: true, signal });
        return { status: 204 };
      },
    }),
  ];
}

function metaRoute(path: string): Route {
  return route({
    ...{
      method: 'GET',
      path: `${VERSION_PATH}${path}`,
      summary: 'Lists the metas with their numbers of faces',
    },
    query: {
      limit: optional(whole(0, 1000, 'Most results on a page; 100 if it is not given, 1000 if it is 0')),
      offset: optional(whole(0, MAX_SKIP, 'Metas to pass over')),
    },
    answers: { 200: { description: 'A page of metas, by name', schema: pageSchema(metaSchema) } },
    run: (call) => metas(call, call.params),
  });
}

async function metas(
  call: Call<unknown, { readonly limit: number | undefined; readonly offset: number | undefined }, unknown>,
  { gallery = 'default' }: Readonly<Record<string, string>>,
): Promise<Reply> {
  const [limit, offset] = [pageSize(call.fields.limit), call.fields.offset ?? 0];
  const found = await call.nf.galleries.get(gallery);
  // One more than is told, to know whether there is a next page.
  const counted = await found.metas({ limit: limit + 1, offset, signal: call.signal });
  const told = counted.slice(0, limit);
  const faces = await facesOut(
    call,
    told.map(({ face }) => face),
  );
  const results = told.map(({ meta, count }, i) => ({ meta, count, face: faces[i] }));
  const next = counted.length > limit ? address(call, { offset: offset + limit }) : null;
  const previous = offset > 0 ? address(call, { offset: Math.max(0, offset - limit) }) : null;
  return { json: { results, next_page: next, prev_page: previous } };
}

const namesSchema = {
  type: 'object',
  properties: { results: { type: 'array', items: { type: 'string' } } },
};
const metaSchema = {
  type: 'object',
  properties: { meta: { type: 'string' }, count: { type: 'integer' }, face: faceSchema },
};
