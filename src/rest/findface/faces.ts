import { MAX_META_LENGTH } from '../../core/limits.ts';
import type { FacePatch } from '../../core/records.ts';
import { json, optional, text } from '../fields.ts';
import { hasCode, namedBy, notFound, wrongField } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { faceById, idField } from './face-ids.ts';
import { faceOut, facesOut, PICTURE_FILES, pictureOf } from './face-json.ts';
import { pageFields, type PageFields, pageOf } from './pages.ts';
import { faceSchema, pageSchema, VERSION_PATH } from './wire.ts';
import type { Person } from '../../core/people.ts';
import { personByNumber } from './persons.ts';

const FACE = `${VERSION_PATH}/face/id/:id`;
const one = { 200: { description: 'The face', schema: faceSchema } };
const page = { 200: { description: 'A page of faces, the newest first', schema: pageSchema(faceSchema) } };

/** Faces are shown, changed, deleted and listed. */
export function faceRoutes(): readonly Route[] {
  return [getRoute(), changeRoute(), deleteRoute(), ...listRoutes(), pictureRoute()];
}

function getRoute(): Route {
  return route({
    ...{ method: 'GET', path: FACE, summary: 'A face', params: { id: idField('face') }, answers: one },
    run: async (call) => ({ json: await faceOut(call, await faceById(call, call.params.id)) }),
  });
}

function changeRoute(): Route {
  return route({
    ...{ method: 'PUT', path: FACE, summary: 'Changes a face', answers: one },
    params: { id: idField('face') },
    body: {
      meta: optional(text(MAX_META_LENGTH, 'Who or what it is')),
      person_id: optional(
        json('The number of its person; null takes it away', { type: ['integer', 'null'] }),
      ),
      galleries: optional(json('One of {"add": […]}, {"del": […]}, {"set": […]}', { type: 'object' })),
    },
    async run(call) {
      const record = await faceById(call, call.params.id);
      const { meta, person_id: person, galleries } = call.fields;
      const patch: FacePatch = {
        ...(meta !== undefined && { meta }),
        ...(call.raw.has('person_id') && { personId: await personIdOf(call, person) }),
        ...(galleries !== undefined && { galleries: galleriesOf(galleries) }),
      };
      const changed = await namedBy('galleries', galleries, () => call.nf.faces.update(record.id, patch));
      return { json: await faceOut(call, changed) };
    },
  });
}

/** The id of the person of a number: one that is there, or a new one that is called by it. */
async function personIdOf(call: Pick<Call, 'nf'>, given: unknown): Promise<string | null> {
  if (given === null || given === undefined) return null;
  const number = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given;
  if (typeof number !== 'number') throw wrongField('person_id', given, 'a number', 'type');
  if (!Number.isSafeInteger(number) || number < 0) throw wrongField('person_id', given, 'a whole number');
  const person: Person | undefined = await personByNumber(call, number);
  return person?.id ?? String(number);
}

const NAMES = /^[A-Za-z0-9_-]{1,48}$/;

/** What is done with the galleries of a face: every face stays in `default`. */
function galleriesOf(given: unknown): NonNullable<FacePatch['galleries']> {
  const expected = 'exactly one of {"add": […]}, {"del": […]}, {"set": […]} with names of galleries';
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const [[what, names] = [], ...more] = isObject ? Object.entries(given as Record<string, unknown>) : [];
  const list = typeof names === 'string' ? [names] : names;
  const isList = Array.isArray(list) && list.every((name) => typeof name === 'string' && NAMES.test(name));
  if (what === undefined || more.length > 0 || !isList) throw wrongField('galleries', given, expected);
  const named = list as readonly string[];
  switch (what) {
    case 'add':
      return { add: named };
    case 'set':
      return { set: [...new Set(['default', ...named])] };
    case 'del':
      if (named.includes('default'))
        throw wrongField('galleries', 'default', 'another: every face stays in default');
      return { remove: named };
    default:
      throw wrongField('galleries', given, expected);
  }
}

function deleteRoute(): Route {
  return route({
    ...{ method: 'DELETE', path: FACE, summary: 'Deletes a face, out of all galleries' },
    params: { id: idField('face') },
    answers: { 204: { description: 'It is gone' } },
    async run(call) {
      const { id } = await faceById(call, call.params.id);
      await call.nf.faces.delete(id, { signal: call.signal });
      return { status: 204 };
    },
  });
}

function listRoutes(): readonly Route[] {
  const list = (path: string, summary: string): Route =>
    route({
      ...{ method: 'GET', path: `${VERSION_PATH}${path}`, summary, query: pageFields(), answers: page },
      run: (call) => listed(call, call.params),
    });
  return [
    list('/faces', 'Lists the faces'),
    list('/faces/gallery/:gallery', 'Lists the faces of a gallery'),
    list('/face/meta/:meta', 'Lists the faces of a meta'),
    list('/face/gallery/:gallery/meta/:meta', 'Lists the faces of a meta in a gallery'),
  ];
}

async function listed(
  call: Call<unknown, PageFields, unknown>,
  { gallery = 'default', meta }: Readonly<Record<string, string>>,
): Promise<Reply> {
  const found = await call.nf.galleries.get(gallery);
  const { records, ...pages } = await pageOf(call, found, meta === undefined ? {} : { meta });
  return { json: { results: await facesOut(call, records), ...pages } };
}

function pictureRoute(): Route {
  return route({
    ...{ method: 'GET', path: '/uploads/:id/:file', summary: 'A picture that was kept of a face' },
    linkOf: ({ id = '', file = '' }) => pictureOf(id, file),
    answers: { 200: { description: 'The picture', type: 'image/*' } },
    async run(call) {
      const { id = '', file } = call.params as Readonly<Record<string, string>>;
      const kind = (['photo', 'thumbnail', 'crop'] as const).find((each) => PICTURE_FILES[each] === file);
      const none = notFound('There is no such picture');
      if (kind === undefined) throw none;
      const data = await call.nf.faces.picture(id, kind).catch((error: unknown) => {
        if (!hasCode(error, 'FACE_NOT_FOUND')) throw error;
        return null;
      });
      if (!data) throw none;
      return { content: { type: data.type || 'image/jpeg', data } };
    },
  });
}
