import type { Gallery } from '../../api/gallery.ts';
import type { NearFace } from '../../api/nearface.ts';
import { MAX_CAPACITY, MAX_GALLERY_NAME_LENGTH, MAX_LABEL_LENGTH } from '../../core/limits.ts';
import { randomId } from '../../core/random-id.ts';
import { capacityOut } from '../capacity.ts';
import { type Field, type JsonSchema, optional, text, whole } from '../fields.ts';
import { knownGallery } from '../known-gallery.ts';
import { notFound } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { envelopeSchema, SUCCESS } from './envelope.ts';
import { BASES } from './paths.ts';

/** Databases are made, listed and deleted: galleries, whose names are the ids and whose labels the names. */
export function databaseRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => [
    makeRoute(`${base}/databases`, isHidden),
    listRoute(`${base}/databases`, isHidden),
    deleteRoute(`${base}/databases/:db_id`, isHidden),
  ]);
}

/** An id in a path. */
export const databaseField = (): Field<string> => text(256, 'Id of the database');

/** The gallery of an id. @throws RestError 404 */
export async function databaseOf(nf: Pick<NearFace, 'galleries'>, id: string): Promise<Gallery> {
  const gallery = id.length <= MAX_GALLERY_NAME_LENGTH ? await knownGallery(nf, id) : undefined;
  if (gallery) return gallery;
  throw notFound('There is no database of this id');
}

const fields: Readonly<Record<string, JsonSchema>> = {
  db_id: { type: 'string' },
  name: { type: 'string' },
  max_size: { type: 'integer' },
};

function makeRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Makes a database' },
    body: {
      name: text(MAX_LABEL_LENGTH, 'What it is called', /\S/),
      max_size: optional(whole(1, MAX_CAPACITY, 'The most features it takes; without it any number')),
    },
    answers: { 200: { description: 'The database', schema: envelopeSchema(fields) } },
    async run({ nf, fields: { name, max_size: capacity } }) {
      const id = randomId();
      await nf.galleries.create(id, { label: name, ...(capacity !== undefined && { capacity }) });
      return { json: { db_id: id, name, max_size: capacityOut(capacity), results: [SUCCESS] } };
    },
  });
}

function listRoute(path: string, isHidden: boolean): Route {
  const items = { type: 'object', properties: { ...fields, size: { type: 'integer' } } };
  return route({
    ...{ method: 'GET', path, isHidden, summary: 'Lists the databases' },
    answers: {
      200: {
        description: 'The databases',
        schema: envelopeSchema({ databases: { type: 'array', items } }),
      },
    },
    async run({ nf }) {
      const databases = (await nf.galleries.list()).map(({ name, label, capacity, count }) => ({
        ...{ db_id: name, name: label ?? name, max_size: capacityOut(capacity), size: count },
      }));
      return { json: { databases, results: [SUCCESS] } };
    },
  });
}

function deleteRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'DELETE', path, isHidden, summary: 'Deletes a database with its features' },
    params: { db_id: databaseField() },
    answers: { 200: { description: 'It is gone', schema: envelopeSchema() } },
    async run({ nf, params, signal }) {
      const { name } = await databaseOf(nf, params.db_id);
      await nf.galleries.delete(name, { signal });
      return { json: { results: [SUCCESS] } };
    },
  });
}
