import { type JsonSchema, optional, text, whole, withDefault } from '../fields.ts';
import type { Call, Reply, Route } from '../route.ts';
import { route } from '../route.ts';
import { collectionField, galleryOf } from './collection.ts';
import { cursorOf, numberAfter } from './cursor.ts';
import { entityOut, entitySchema } from './entity.ts';
import { BASES, checkModel, keyField, modelField } from './wire.ts';

const MAX_PAGE = 1000;

/** Entities are listed, shown and deleted. */
export function entityRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => [
    listRoute(`${base}/entities/faces`, isHidden),
    ...oneRoutes(`${base}/entities/faces/:uuid`, isHidden),
  ]);
}

const pageSchema: JsonSchema = {
  type: 'object',
  properties: {
    total: { type: 'integer', description: 'Of all pages' },
    count: { type: 'integer', description: 'On this page' },
    limit: { type: 'integer' },
    nextAfter: {
      type: ['string', 'integer'],
      description: '`after` of the next page; 0 on the last one',
    },
    entities: { type: 'array', items: entitySchema },
  },
};

interface ListFields {
  readonly model: string | undefined;
  readonly collection: string | undefined;
  readonly key: string | undefined;
  readonly limit: number;
  readonly after: string | undefined;
}

function listRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'GET', path, isHidden, summary: 'Lists entities, the oldest first' },
    query: {
      model: modelField(),
      collection: optional(collectionField()),
      key: keyField(),
      limit: withDefault(whole(1, MAX_PAGE, 'Entities a page'), 20),
      after: optional(text(256, 'As it is in nextAfter, or the uuid of an entity; itself left out')),
    },
    answers: { 200: { description: 'A page', schema: pageSchema } },
    run: listed,
  });
}

async function listed(call: Call<unknown, ListFields, unknown>): Promise<Reply> {
  checkModel(call);
  const { nf, signal, fields } = call;
  const { collection, key, limit, after } = fields;
  const behind = after === undefined ? undefined : await numberAfter(nf, after);
  const gallery = await galleryOf(nf, collection);
  if (!gallery) return { json: { total: 0, count: 0, limit, nextAfter: 0, entities: [] } };
  const filter = { signal, ...(key !== undefined && { meta: key }) };
  const total = await gallery.count(filter);
  // One more than is told, to know whether there is a next page.
  const { records: found } = await gallery.list({
    ...{ ...filter, limit: limit + 1 },
    ...(behind !== undefined && { after: behind }),
  });
  const records = found.slice(0, limit);
  const last = found.length > limit ? records.at(-1) : undefined;
  const nextAfter = last ? cursorOf(last.number) : 0;
  return {
    json: { total, count: records.length, limit, nextAfter, entities: records.map(entityOut) },
  };
}

function oneRoutes(path: string, isHidden: boolean): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path, isHidden, summary: 'An entity' },
      answers: { 200: { description: 'The entity', schema: entitySchema } },
      run: async ({ nf, params }) => ({ json: entityOut(await nf.faces.get(params['uuid'] as string)) }),
    }),
    route({
      ...{ method: 'DELETE', path, isHidden, summary: 'Deletes an entity' },
      answers: { 204: { description: 'It is gone' } },
      async run({ nf, params, signal }) {
        await nf.faces.delete(params['uuid'] as string, { signal });
        return { status: 204 };
      },
    }),
  ];
}
