import type { EmbeddingProbe } from '../../api/compare.ts';
import type { Gallery } from '../../api/gallery.ts';
import { MAX_PAGE, MAX_SKIP } from '../../core/limits.ts';
import type { FaceRecord } from '../../core/records.ts';
import { decimal, optional, picture, texts, whole, withDefault } from '../fields.ts';
import { enrolled } from '../enrolled.ts';
import { MIN_FACE_SIZE } from '../face-size.ts';
import { hasCode, RestError } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { storedProbe } from '../stored-probe.ts';
import { collectionOf, exampleOf, exampleSchema, imageId, json, subject } from './collection.ts';
import { examplesOf, type Subjects } from './subjects.ts';

const BASE = '/api/v1/recognition/faces';
const deleted = { type: 'object', properties: { deleted: { type: 'integer' } } };

/** Examples of subjects are added, listed, deleted and shown. */
export function exampleRoutes(subjects: Subjects): readonly Route[] {
  return [addRoute(subjects), listRoute(), ...deleteRoutes(subjects), ...pictureRoutes()];
}

function addRoute(subjects: Subjects): Route {
  return route({
    ...{ method: 'POST', path: BASE, summary: 'Adds an example of a subject' },
    description: 'The picture must show one face. What is kept of it is said where nearface is opened.',
    query: {
      subject: subject(),
      det_prob_threshold: optional(decimal(0, 1, 'A face with a lower score is none')),
    },
    body: { file: picture('The picture') },
    answers: { 201: { description: 'The example', schema: exampleSchema } },
    async run(call) {
      const { subject: meta, det_prob_threshold: minScore, file } = call.fields;
      const { blob } = await call.picture(file, 'file');
      const gallery = await collectionOf(call);
      const report = await gallery.add(blob, {
        ...{ meta, faces: 'reject', signal: call.signal },
        minFaceSize: call.options.minFaceSize ?? MIN_FACE_SIZE,
        ...(minScore !== undefined && { minScore }),
      });
      const [record] = enrolled(report);
      subjects.forget(gallery, meta);
      return json(exampleOf(record as FaceRecord), 201);
    },
  });
}

function listRoute(): Route {
  return route({
    ...{ method: 'GET', path: BASE, summary: 'Lists the examples' },
    query: {
      page: withDefault(whole(0, MAX_SKIP, 'Number of the page, from 0'), 0),
      size: withDefault(whole(1, MAX_PAGE, 'Examples a page'), 20),
      subject: optional(subject()),
    },
    answers: { 200: { description: 'A page of examples', schema: pageSchema } },
    async run(call) {
      const { page, size, subject: meta } = call.fields;
      const gallery = await collectionOf(call);
      const total = meta === undefined ? await gallery.count() : await countOf(gallery, meta);
      const skip = page * size;
      const records =
        skip >= total
          ? []
          : (await gallery.list({ skip, limit: size, ...(meta !== undefined && { meta }) })).records;
      return json({
        faces: records.map(exampleOf),
        page_number: page,
        page_size: size,
        total_pages: Math.ceil(total / size),
        total_elements: total,
      });
    },
  });
}

async function countOf(gallery: Gallery, name: string): Promise<number> {
  return (await gallery.metas()).find(({ meta }) => meta === name)?.count ?? 0;
}

/** The example of an id. @throws RestError 404 */
async function exampleById(gallery: Gallery, id: string): Promise<FaceRecord> {
  try {
    return await gallery.get(id);
  } catch (error) {
    if (!hasCode(error, 'FACE_NOT_FOUND')) throw error;
    throw new RestError({ status: 404, code: 'NOT_FOUND', message: 'There is no example of this id' });
  }
}

/** The example of an id, as it is compared with others. @throws RestError 404 */
export async function exampleProbe(
  call: Call<unknown, unknown, unknown>,
  id: string,
): Promise<EmbeddingProbe> {
  const gallery = await collectionOf(call);
  return storedProbe(gallery, await exampleById(gallery, id));
}

function deleteRoutes(subjects: Subjects): readonly Route[] {
  return [
    route({
      ...{ method: 'DELETE', path: BASE, summary: 'Deletes the examples of a subject, or all' },
      query: { subject: optional(subject()) },
      answers: { 200: { description: 'How many there were', schema: deleted } },
      async run(call) {
        const gallery = await collectionOf(call);
        const ids = await examplesOf(gallery, call.fields.subject);
        const count = await gallery.delete(ids, { signal: call.signal });
        subjects.forget(gallery, call.fields.subject);
        return json({ deleted: count });
      },
    }),
    route({
      ...{ method: 'DELETE', path: `${BASE}/:image_id`, summary: 'Deletes an example' },
      params: { image_id: imageId() },
      answers: { 200: { description: 'The example that was', schema: exampleSchema } },
      async run(call) {
        const gallery = await collectionOf(call);
        const record = await exampleById(gallery, call.params.image_id);
        await gallery.delete(record.id, { signal: call.signal });
        return json(exampleOf(record));
      },
    }),
    route({
      ...{ method: 'POST', path: `${BASE}/delete`, summary: 'Deletes several examples' },
      description: 'Ids that are not there are passed over.',
      ...{ bodyKind: 'json', whole: texts(10_000, 256, 'Ids of examples') },
      answers: { 200: { description: 'Those that were', schema: { type: 'array', items: exampleSchema } } },
      async run(call) {
        const gallery = await collectionOf(call);
        const found: FaceRecord[] = [];
        for (const id of new Set(call.body)) {
          const record = await exampleById(gallery, id).catch((error: unknown) => {
            if (!(error instanceof RestError)) throw error;
          });
          if (record) found.push(record);
        }
        await gallery.delete(
          found.map(({ id }) => id),
          { signal: call.signal },
        );
        return json(found.map(exampleOf));
      },
    }),
  ];
}

function pictureRoutes(): readonly Route[] {
  const answers = { 200: { description: 'The picture; empty if none was kept', type: 'image/*' } };
  return [
    route({
      ...{ method: 'GET', path: `${BASE}/:image_id/img`, summary: 'The picture of an example' },
      ...{ params: { image_id: imageId() }, answers },
      run: async (call) => pictureReply(await collectionOf(call), call.params.image_id),
    }),
    route({
      ...{ method: 'GET', path: '/api/v1/static/:key/images/:image_id', keyParam: 'key' },
      ...{ summary: 'The same for a page: the key, which must be one for paths, is in the address' },
      ...{ params: { image_id: imageId() }, answers },
      run: async (call) => pictureReply(await collectionOf(call), call.params.image_id),
    }),
  ];
}

/** The best picture that was kept; no bytes where there is none, or no example. */
async function pictureReply(gallery: Gallery, id: string): Promise<Reply> {
  for (const kind of ['photo', 'crop', 'thumbnail'] as const) {
    const blob = await gallery.picture(id, kind).catch((error: unknown) => {
      if (!hasCode(error, 'FACE_NOT_FOUND')) throw error;
      return null;
    });
    if (blob) return { content: { type: blob.type || 'application/octet-stream', data: blob } };
  }
  return { content: { type: 'application/octet-stream', data: new Blob([]) } };
}

const pageSchema = {
  type: 'object',
  properties: {
    faces: { type: 'array', items: exampleSchema },
    page_number: { type: 'integer' },
    page_size: { type: 'integer' },
    total_pages: { type: 'integer' },
    total_elements: { type: 'integer' },
  },
};
