import { dot } from '../../core/dot.ts';
import type { Gallery } from '../../api/gallery.ts';
import type { NearFace } from '../../api/nearface.ts';
import { decimal, flag, type JsonSchema, text, whole, withDefault } from '../fields.ts';
import { idField, idOut } from '../findface/face-ids.ts';
import { facenOf, readFacen } from '../facen.ts';
import { hasCode, RestError } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { alikeness } from '../similarity.ts';
import { faceInGallery } from './face-in-gallery.ts';
import { galleryCalled } from './gallery-name.ts';
import { facesFrom } from './list-faces.ts';

const MAX_HITS = 1000;
const MAX_PAGE = 1000;
/** Embeddings of this cosine are the same one, but for rounding. */
const SAME = 0.9999;
/** Whatever the version, the paths are the same. */
const V = '/:v{v[12]}/:gallery';

const gallery = text(128, 'A gallery, with or without its owner’s prefix');
const id = idField('face');
const facenSchema: JsonSchema = {
  type: 'string',
  format: 'byte',
  description: 'Little-endian float32 in base64',
};
const idSchema: JsonSchema = { type: 'integer' };
const empty = { description: 'Done' };

const add = route({
  method: 'POST',
  path: `${V}/add/:id`,
  summary: 'Adds an embedding to a gallery',
  params: { gallery, id },
  bodyKind: 'bytes',
  answers: { 200: empty },
  async run({ nf, params, body }) {
    const into = await galleryCalled(nf, params.gallery);
    const embedding = readFacen(body, nf.info.embedding.dimension);
    try {
      await into.addEmbedding(embedding, { id: String(params.id) });
    } catch (error) {
      if (!hasCode(error, 'FACE_EXISTS')) throw error;
      await join(nf, into, params.id, embedding);
    }
    return {};
  },
});

/** Puts a face of another gallery into this one too, if it has the same embedding. */
async function join(
  nf: NearFace,
  into: Gallery,
  number: number,
  embedding: Float32Array<ArrayBuffer>,
): Promise<void> {
  const exists = (where: string): RestError =>
    new RestError({
      status: 409,
      code: 'FACE_EXISTS',
      message: `There is a face ${number} in ${where} already`,
    });
  const { id: known, galleries } = await nf.faces.get(String(number));
  if (galleries.includes(into.name)) throw exists(`the gallery ${into.name}`);
  const cosine = dot(await nf.faces.embedding(known), embedding) / Math.sqrt(dot(embedding, embedding));
  if (!(cosine > SAME)) throw exists('another gallery, with another embedding,');
  await nf.faces.update(known, { galleries: { add: [into.name] } });
}

const get = route({
  method: 'GET',
  path: `${V}/get/:id`,
  summary: 'The embedding of a face',
  params: { gallery, id },
  answers: {
    200: {
      description: 'The face',
      schema: { type: 'object', properties: { facen: facenSchema, id: idSchema } },
    },
  },
  async run({ nf, params }) {
    const from = await galleryCalled(nf, params.gallery);
    const record = await faceInGallery(from, params.id);
    return { json: { facen: facenOf(await from.embedding(record.id)), id: params.id } };
  },
});

const del = route({
  method: 'DELETE',
  path: `${V}/del/:id`,
  summary: 'Takes a face out of a gallery',
  params: { gallery, id },
  answers: { 200: empty },
  async run({ nf, params }) {
    const from = await galleryCalled(nf, params.gallery);
    const record = await faceInGallery(from, params.id);
    await from.delete(record.id);
    return {};
  },
});

const search = route({
  method: 'POST',
  path: `${V}/search/:limit/:threshold`,
  summary: 'The faces of a gallery that are most like an embedding',
  params: {
    gallery,
    limit: whole(1, MAX_HITS, 'The most faces that are answered'),
    threshold: decimal(0, 1, 'The least confidence'),
  },
  query: { linear_search: withDefault(flag('Looks at every face in full precision'), false) },
  bodyKind: 'bytes',
  answers: {
    200: {
      description: 'By falling confidence',
      schema: {
        type: 'array',
        items: { type: 'object', properties: { conf: { type: 'number' }, id: idSchema } },
      },
    },
  },
  async run({ nf, params, fields, body, signal }) {
    const { limit, threshold } = params;
    const among = await galleryCalled(nf, params.gallery);
    const embedding = readFacen(body, nf.info.embedding.dimension);
    const [matches = []] = await among.search([embedding], {
      ...{ limit, threshold, signal },
      exact: fields.linear_search,
    });
    const told = matches.map((match) => ({ conf: alikeness(match), id: idOut(match.record) }));
    return { json: told, headers: { 'X-search-stat': 'without_index' } };
  },
});

const list = route({
  method: 'GET',
  path: `${V}/list/:start/:count`,
  summary: 'Faces of a gallery with their embeddings, by rising number',
  params: {
    gallery,
    start: whole(0, Number.MAX_SAFE_INTEGER, 'The number of the first face, or the least that it may have'),
    count: whole(1, MAX_PAGE, 'The most faces that are answered'),
  },
  answers: {
    200: {
      description: 'A page; `next`, if there is more, is where the next one starts',
      schema: {
        type: 'object',
        properties: {
          faces: {
            type: 'array',
            items: {
              type: 'object',
              properties: { id: idSchema, space: { const: 'linear' }, facen: facenSchema },
            },
          },
          next: idSchema,
        },
        required: ['faces'],
      },
    },
  },
  async run({ nf, params, signal }) {
    const from = await galleryCalled(nf, params.gallery);
    const { records, next } = await facesFrom(from, params.start, params.count, signal);
    // Nothing is told of a face that was deleted since it was listed.
    const embeddings = await nf.faces.embeddings(records);
    const faces = records.flatMap((record) => {
      const embedding = embeddings.get(record.id);
      return embedding ? [{ id: idOut(record), space: 'linear', facen: facenOf(embedding) }] : [];
    });
    return { json: { faces, ...(next !== undefined && { next }) } };
  },
});

/** The routes of the vectors. */
export const vectorRoutes: readonly Route[] = [add, get, del, search, list];
