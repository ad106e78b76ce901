import type { Sighting } from '../../core/people.ts';
import { MAX_IMPORTED_ID_LENGTH, MAX_PAGE } from '../../core/limits.ts';
import { type Field, flag, optional, text, time, whole, withDefault, words } from '../fields.ts';
import type { PictureKind } from '../../core/records.ts';
import { aboutFields, hasCode, notFound } from '../problem.ts';
import { type Call, route, type Route } from '../route.ts';
import { idField, numberOfId } from './face-ids.ts';
import { friendRuleOf, personNumber } from './face-json.ts';
import { address } from './pages.ts';
import { personByNumber } from './persons.ts';
import { boxOut, timeOut, VERSION_PATH } from './wire.ts';
import type { SearchHistoryOptions } from '../../api/people-options.ts';

/** Sightings are searched, of all or of one person. */
export function historyRoutes(): readonly Route[] {
  return [searchRoute(), personRoute(), pictureRoute()];
}

const spanFields = (): {
  readonly cam_ids: Field<readonly string[] | undefined>;
  readonly start: Field<number | undefined>;
  readonly end: Field<number | undefined>;
} => ({
  cam_ids: optional(words('Only what these cameras saw')),
  start: optional(time('From this time on')),
  end: optional(time('Before this time')),
});

interface Span {
  readonly cam_ids: readonly string[] | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
}

function filterOf({ cam_ids: cameraIds, start, end }: Span): Partial<SearchHistoryOptions> {
  return {
    ...(cameraIds && cameraIds.length > 0 && { cameraIds }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  };
}

function searchRoute(): Route {
  return route({
    ...{ method: 'POST', path: `${VERSION_PATH}/history/search`, summary: 'Searches the sightings' },
    description: 'To page on, the same body is sent to next_page, which is not there on the last page.',
    query: {
      max_id: optional(text(MAX_IMPORTED_ID_LENGTH, 'Only sightings that are older than this one')),
      cursor: optional(text(512, 'As it is in next_page')),
    },
    body: {
      person_id: optional(whole(0, Number.MAX_SAFE_INTEGER, 'Only of this person')),
      ...spanFields(),
      friend: optional(flag('Only of friends, or of others')),
      limit: withDefault(whole(0, MAX_PAGE, `Most results; 0 is all, at most ${MAX_PAGE}`), 0),
    },
    answers: { 200: { description: 'The sightings, the newest first', schema: { type: 'object' } } },
    async run(call) {
      const { person_id: number, friend, limit, cursor, max_id: before } = call.fields;
      const person = number === undefined ? undefined : await personByNumber(call, number);
      if (number !== undefined && !person) return { json: { results: [] } };
      const page = await aboutFields({ before: 'max_id' }, () =>
        call.nf.history.search({
          ...filterOf(call.fields),
          ...{ limit: limit === 0 ? MAX_PAGE : limit, friendRule: friendRuleOf(call) },
          ...(person && { personId: person.id }),
          ...(friend !== undefined && { friend }),
          ...(cursor === undefined ? before !== undefined && { before } : { cursor }),
        }),
      );
      const results = await Promise.all(page.sightings.map((sighting) => sightingOut(call, sighting)));
      const last = page.sightings.at(-1);
      // The cursor leads on also where that sighting has been deleted meanwhile.
      const next = address(call, { max_id: last?.id ?? '', cursor: page.cursor ?? '' });
      return { json: { ...(page.cursor !== undefined && { next_page: next }), results } };
    },
  });
}

function personRoute(): Route {
  return route({
    ...{ method: 'GET', path: `${VERSION_PATH}/person/history/id/:id`, summary: 'The sightings of a person' },
    params: { id: idField('person') },
    query: spanFields(),
    answers: { 200: { description: 'The sightings, the newest first', schema: { type: 'object' } } },
    async run(call) {
      const person = await personByNumber(call, call.params.id);
      if (!person) return { json: { results: [] } };
      const options = { ...filterOf(call.fields), limit: MAX_PAGE };
      const { sightings } = await call.nf.people.history(person.id, options);
      const results = await Promise.all(
        sightings.map(async (sighting) => {
          const { person_id, face_id, cam_id, meta, timestamp } = await sightingOut(call, sighting);
          const screenshot = await linkOf(call, sighting, ['thumbnail', 'photo']);
          return { person_id, face_id, cam_id, meta, screenshot, timestamp };
        }),
      );
      return { json: { results } };
    },
  });
}

const KINDS: readonly PictureKind[] = ['photo', 'thumbnail', 'crop'];
const pictureOf = (id: string, kind: string): string => `uploads/sightings/${id}/${kind}`;

function pictureRoute(): Route {
  return route({
    ...{ method: 'GET', path: '/uploads/sightings/:id/:kind', summary: 'A picture of a sighting' },
    linkOf: ({ id = '', kind = '' }) => pictureOf(id, kind),
    answers: { 200: { description: 'The picture', type: 'image/*' } },
    async run({ nf, params }) {
      const kind = KINDS.find((each) => each === params['kind']);
      const none = notFound('There is no such picture');
      if (!kind) throw none;
      const data = await nf.history.picture(params['id'] as string, kind).catch((error: unknown) => {
        // A sighting that is not there.
        throw hasCode(error, 'BAD_PARAM') ? none : error;
      });
      if (!data) throw none;
      return { content: { type: data.type || 'image/jpeg', data } };
    },
  });
}

/** A link to the first of these pictures that was kept; empty where none was. */
async function linkOf(
  call: Call<unknown, unknown, unknown>,
  { id, pictures }: Sighting,
  kinds: readonly PictureKind[],
): Promise<string> {
  const kind = kinds.find((each) => pictures.includes(each));
  if (kind === undefined) return '';
  const what = pictureOf(id, kind);
  return call.link(`/t/${await call.pictureKey(what)}/${what}`);
}

/** A sighting as it is told; `timesamp` is the documented spelling of `timestamp`. */
async function sightingOut(
  call: Call<unknown, unknown, unknown>,
  sighting: Sighting,
): Promise<Record<string, unknown>> {
  const { id, faceId, personId, cameraId, friend, meta, photoHash, timeMs, box, extra } = sighting;
  const timestamp = timeOut(timeMs);
  const person = personId === undefined ? undefined : await personNumberOf(call, personId);
  const known = (given: string): number | string => numberOfId(given) ?? given;
  return {
    id: known(id),
    ...(faceId !== undefined && { face_id: known(faceId) }),
    ...(person !== undefined && { person_id: person }),
    ...(cameraId !== undefined && { cam_id: cameraId }),
    friend: friend ?? false,
    meta,
    photo: await linkOf(call, sighting, ['photo', 'thumbnail']),
    photo_hash: photoHash ?? '',
    timestamp,
    timesamp: timestamp,
    ...(box ? boxOut(box) : { x1: 0, y1: 0, x2: 0, y2: 0 }),
    ...(extra !== undefined && { detectorParams: extra }),
  };
}

async function personNumberOf(
  { nf }: Pick<Call<unknown, unknown, unknown>, 'nf'>,
  id: string,
): Promise<number | undefined> {
  return numberOfId(id) ?? personNumber(await nf.people.get(id));
}
