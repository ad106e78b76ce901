import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import type { Box, Face, NearFace } from '../src/index.ts';
import type { RestOptions } from '../src/rest/index.ts';
import { photos, remove } from './consumer.ts';
import { createRest, deleteFaces, openNearFace, portraits, type RestHost, serveRest } from './rest-host.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const KEY = 'findface-test-key';
const START = Date.UTC(2026, 0, 5, 12);

let nf: NearFace;
let people: readonly string[];
let host: RestHost;

test.beforeAll(async () => {
  nf = await openNearFace();
  people = await portraits(nf, 3);
  host = await open({});
});
test.afterAll(async () => {
  await host.close();
  await nf.dispose();
  await remove(dirname(people[0]!));
});
test.beforeEach(async () => {
  await deleteFaces(nf);
  for (const { id } of await nf.cameras.list()) await nf.cameras.delete(id);
  for (const { id } of (await nf.people.list({ limit: 1000 })).people) await nf.people.delete(id);
});

let minute = 0;
async function open(options: RestOptions): Promise<RestHost> {
  // No two faces of one moment, and nothing that hangs on the time of the test.
  const now = (): number => START + 60_000 * minute++;
  return serveRest(await createRest(nf, { apis: ['findface'], tokens: [KEY], now, ...options }));
}

interface Answer {
  readonly status: number;
  readonly json: Json;
  readonly headers: Headers;
}

async function call(method: string, path: string, body?: object, at: RestHost = host): Promise<Answer> {
  const isForm = body instanceof FormData;
  const response = await fetch(at.url + path, {
    method,
    headers: {
      Authorization: `Token ${KEY}`,
      ...(body && !isForm && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    json: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

/** A form, as curl's `-F` makes one; `@` before a path is a file. */
async function form(fields: Readonly<Record<string, string>>): Promise<FormData> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value.startsWith('@')) data.set(name, new Blob([await readFile(value.slice(1))]), 'photo.jpg');
    else data.set(name, value);
  return data;
}

const several = join(photos, 'sample1.jpg');
const add = async (
  file: string,
  fields: Readonly<Record<string, string>> = {},
  at: RestHost = host,
): Promise<Json> => {
  const answer = await call('POST', '/v1/face', await form({ photo: `@${file}`, ...fields }), at);
  expect(answer.status, JSON.stringify(answer.json)).toBe(200);
  return answer.json.results;
};

test('faces are detected, and told of what was asked', async () => {
  const plain = await call('POST', '/v0/detect', await form({ photo: `@${several}`, gender: 'true' }));
  expect(plain.json.orientation).toBe(1);
  expect(plain.json.faces.length).toBeGreaterThan(1);
  for (const face of plain.json.faces) {
    expect(Object.keys(face)).toEqual(['x1', 'y1', 'x2', 'y2']);
    expect(face.x2 - face.x1).toBeGreaterThanOrEqual(49);
  }
  const fields = { photo: `@${people[0]}`, gender: 'on', age: '1', emotions: 'yes' };
  const [face] = (await call('POST', '/v1/detect', await form(fields))).json.faces;
  expect(face.gender).toMatch(/^(fe)?male$/);
  expect(face.age).toBeGreaterThan(0);
  expect(face.emotions).toHaveLength(2);
});

test('two pictures are compared, by their biggest, all or given faces', async () => {
  const [ann, bob] = people as [string, string];
  const same = await call('POST', '/v0/verify', await form({ photo1: `@${ann}`, photo2: `@${ann}` }));
  expect(same.json).toMatchObject({ verified: true, results: [{ verified: true }] });
  expect(same.json.results[0].confidence).toBeGreaterThan(0.99);
  const other = await call(
    'POST',
    '/v0/verify',
    await form({ photo1: `@${ann}`, photo2: `@${bob}`, threshold: 'medium' }),
  );
  expect(other.json.verified).toBe(false);
  const none = await call(
    'POST',
    '/v0/verify',
    await form({ photo1: `@${ann}`, photo2: `@${bob}`, threshold: 'none' }),
  );
  expect(JSON.stringify(none.json)).not.toContain('verified');
  const all = await call(
    'POST',
    '/v1/verify',
    await form({ photo1: `@${ann}`, photo2: `@${several}`, mf_selector: 'all' }),
  );
  const { faces } = (await call('POST', '/v1/detect', await form({ photo: `@${several}` }))).json;
  expect(all.json.results).toHaveLength(faces.length);
  const boxed = { photo1: `@${ann}`, photo2: `@${several}`, bbox2: JSON.stringify([faces.at(-1)]) };
  const one = await call('POST', '/v1/verify', await form(boxed));
  expect(one.json.results.map((result: Json) => result.bbox2)).toEqual([faces.at(-1)]);
  const reject = await call(
    'POST',
    '/v0/verify',
    await form({ photo1: `@${ann}`, photo2: `@${several}`, mf_selector: 'reject' }),
  );
  expect(reject).toMatchObject({ status: 400, json: { code: 400, param: 'photo2' } });
});

test('a face is added, shown, changed and deleted', async () => {
  const [face] = await add(people[0]!, {
    meta: 'Ann',
    age: 'true',
    gender: 'true',
    timestamp: '2017-05-17T08:58:00.930000',
  });
  expect(face).toEqual({
    ...{
      id: expect.any(Number),
      timestamp: '2017-05-17T08:58:00.930000',
      meta: 'Ann',
      galleries: ['default'],
    },
    ...{
      photo: expect.stringContaining(host.url),
      thumbnail: expect.any(String),
      normalized: expect.any(String),
    },
    photo_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    ...{ x1: expect.any(Number), y1: expect.any(Number), x2: expect.any(Number), y2: expect.any(Number) },
    ...{ age: expect.any(Number), gender: expect.any(String) },
  });
  expect(Number.isSafeInteger(face.id)).toBe(true);
  expect((await call('GET', `/v0/face/id/${face.id}/`)).json).toMatchObject({ id: face.id, meta: 'Ann' });
  const picture = await fetch(face.photo);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect((await fetch(face.photo.replace('photo.jpeg', 'thumbnail.jpeg'))).status).toBe(401);

  await call('POST', '/v1/galleries/staff');
  const changed = await call('PUT', `/v1/face/id/${face.id}`, {
    meta: 'Anna',
    person_id: 7,
    galleries: { add: ['staff'] },
  });
  expect(changed.json).toMatchObject({ meta: 'Anna', person_id: 7, galleries: ['default', 'staff'] });
  const set = await call('PUT', `/v1/face/id/${face.id}`, { galleries: { set: [] }, person_id: null });
  expect(set.json.galleries).toEqual(['default']);
  expect(set.json).not.toHaveProperty('person_id');
  for (const galleries of [
    { del: ['default'] },
    { add: ['nowhere'] },
    { add: [], del: [] },
    [],
    { more: [] },
  ])
    expect(await call('PUT', `/v1/face/id/${face.id}`, { galleries })).toMatchObject({
      status: 400,
      json: { code: 'BAD_PARAM', param: 'galleries' },
    });
  expect((await call('DELETE', `/v1/face/id/${face.id}`)).status).toBe(204);
  expect(await call('GET', `/v1/face/id/${face.id}`)).toMatchObject({
    status: 404,
    json: { code: 'NOT_FOUND' },
  });
  expect((await fetch(face.photo)).status).toBe(404);
});

test('all faces of a picture are added at once, with ids that rise', async () => {
  const faces = await add(several, { mf_selector: 'all', meta: 'crowd' });
  expect(faces.length).toBeGreaterThan(1);
  const ids: number[] = faces.map(({ id }: Json) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const [later] = await add(people[0]!);
  expect(later.id).toBeGreaterThan(ids.at(-1));
  const list = await call('GET', '/v1/face/meta/crowd');
  expect(list.json.results.map(({ id }: Json) => id)).toEqual(ids.toReversed());
  const newer = await call('POST', '/v1/face', await form({ photo: `@${several}`, mf_selector: 'reject' }));
  expect(newer.json.code).toBe('TOO_MANY_FACES');
  const reject = await call('POST', '/v0/face', await form({ photo: `@${several}`, mf_selector: 'reject' }));
  expect(reject).toMatchObject({
    status: 400,
    json: { code: 400, status: 400, reason: `Too many faces: ${faces.length}` },
  });
  expect(reject.json.faces[0]).toEqual({
    x1: expect.any(Number),
    y1: expect.any(Number),
    x2: expect.any(Number),
    y2: expect.any(Number),
  });
});

test('faces are identified, in default or a gallery', async () => {
  const [ann, bob, carl] = people as [string, string, string];
  await call('POST', '/v0/galleries/staff');
  await add(ann, { meta: 'Ann', galleries: '["staff"]' });
  await add(bob, { meta: 'Bob' });
  const known = await call(
    'POST',
    '/v0/identify',
    await form({ photo: `@${bob}`, n: '5', threshold: 'none' }),
  );
  expect(known.headers.get('x-live-servers')).toBe('1/1');
  const [[key, matches]] = Object.entries(known.json.results) as [[string, Json]];
  expect(key).toMatch(/^\[-?\d+, -?\d+, \d+, \d+\]$/);
  expect(matches.map(({ face }: Json) => face.meta)).toEqual(['Bob', 'Ann']);
  const staff = await call('POST', '/v1/faces/gallery/staff/identify', await form({ photo: `@${bob}` }));
  expect(Object.values(staff.json.results)).toEqual([[]]);
  const stranger = await call('POST', '/v1/identify', await form({ photo: `@${carl}` }));
  expect(Object.values(stranger.json.results)).toEqual([[]]);
  const nowhere = await call('POST', '/v1/faces/gallery/nowhere/identify', await form({ photo: `@${bob}` }));
  expect(nowhere.status).toBe(404);
  const { faces } = (await call('POST', '/v1/detect', await form({ photo: `@${several}` }))).json;
  const { x1, y1, x2, y2 } = faces[1];
  const boxed = await form({
    photo: `@${several}`,
    ...{ x1: `${x1}`, y1: `${y1}`, x2: `${x2}`, y2: `${y2}` },
  });
  expect(Object.keys((await call('POST', '/v1/identify', boxed)).json.results)).toHaveLength(1);
});

test('pages lead to every face once, whatever is deleted meanwhile', async () => {
  const gallery = await nf.galleries.get();
  const { embedding } = (await nf.embed(people[0]!)).faces[0]!;
  for (let i = 0; i < 10; i++)
    await gallery.addEmbedding(embedding!, { id: String(1000 + i), meta: i % 2 ? 'odd' : 'even' });
  const seen: number[] = [];
  let [path, back]: [string | null, string | null] = ['/v1/faces?limit=3', null];
  for (let page = 0; path !== null; page++) {
    const { json } = await call('GET', path);
    seen.push(...json.results.map(({ id }: Json) => id));
    if (page === 0) expect(json.prev_page).toBeNull();
    // The face that the next page begins behind is gone by then.
    if (page === 1) await gallery.delete(String(seen.at(-1)));
    [path, back] = [json.next_page, json.prev_page];
  }
  expect(seen).toEqual([1009, 1008, 1007, 1006, 1005, 1004, 1003, 1002, 1001, 1000]);
  expect((await call('GET', back!)).json.results.map(({ id }: Json) => id)).toEqual([1003, 1002, 1001]);
  const odd = (await call('GET', '/v0/face/meta/odd?limit=2&max_id=1007')).json;
  expect(odd.results.map(({ id }: Json) => id)).toEqual([1005, 1003]);
  expect(odd.next_page).toMatch(/^\/v0\/face\/meta\/odd\?/);
  const metas = (await call('GET', '/v1/meta?limit=1')).json;
  expect(metas).toMatchObject({ results: [{ meta: 'even', count: 4 }], prev_page: null });
  expect((await call('GET', metas.next_page)).json).toMatchObject({
    results: [{ meta: 'odd', count: 5 }],
    next_page: null,
  });
});

test('galleries are made, listed and deleted with their faces', async () => {
  expect(await call('POST', '/v1/galleries/testgal')).toMatchObject({
    status: 201,
    json: { name: 'testgal' },
  });
  expect(await call('POST', '/v1/galleries/testgal')).toMatchObject({
    status: 409,
    json: { code: 'GALLERY_EXISTS' },
  });
  expect((await call('POST', '/v1/galleries/test%20gal')).status).toBe(400);
  expect((await call('GET', '/v0/galleries')).json).toEqual({ results: ['default', 'testgal'] });
  const [face] = await add(people[0]!, { galleries: 'testgal' });
  expect((await call('GET', '/v1/faces/gallery/testgal')).json.results).toHaveLength(1);
  expect((await call('DELETE', '/v1/galleries/testgal')).status).toBe(204);
  expect((await call('GET', `/v1/face/id/${face.id}`)).status).toBe(404);
  expect((await call('DELETE', '/v1/galleries/testgal')).status).toBe(404);
  expect(await call('DELETE', '/v1/galleries/default')).toMatchObject({
    status: 400,
    json: { code: 'BAD_PARAM' },
  });
});

test('cameras are kept, and lose what a change leaves out', async () => {
  const made = await call('POST', '/v1/camera', { meta: 'door', detector: 'one', rot: [640, 480, 0, 20] });
  expect(made).toMatchObject({
    status: 201,
    json: { meta: 'door', detector: 'one', rot: [640, 480, 0, 20] },
  });
  const path = `/v1/camera/${made.json.id}`;
  await call('POST', '/v1/camera', {});
  expect((await call('GET', '/v1/camera')).json).toHaveLength(2);
  expect((await call('GET', '/v1/camera?detector=one')).json).toEqual([made.json]);
  const changed = await call('PUT', path, { url: 'rtsp://door', roi: [10, 20, 30, 40] });
  expect(changed.json).toEqual({
    id: made.json.id,
    meta: 'door',
    detector: 'one',
    url: 'rtsp://door',
    roi: [10, 20, 30, 40],
  });
  expect(await call('PUT', path, { rot: [0, 1, 2, 3] })).toMatchObject({
    status: 400,
    json: { param: 'rot' },
  });
  expect((await call('GET', path)).json).toEqual(changed.json);
  const [face] = await add(people[0]!, { cam_id: made.json.id });
  expect(face.cam_id).toBe(made.json.id);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', path)).status).toBe(404);
  const unknown = await call(
    'POST',
    '/v1/face',
    await form({ photo: `@${people[0]}`, cam_id: made.json.id }),
  );
  expect(unknown).toMatchObject({ status: 400, json: { code: 'BAD_PARAM', param: 'cam_id' } });
});

test('persons are told apart, and the history tells where they were', async () => {
  const watching = await open({ personIdentify: true });
  const camera = (await call('POST', '/v1/camera', { meta: 'door' })).json.id as string;
  const times = ['2026-01-05T08:00:00', '2026-01-05T09:00:00'];
  const [first] = await add(people[0]!, { meta: 'Ann', cam_id: camera, timestamp: times[0]! }, watching);
  const [again] = await add(people[0]!, { cam_id: camera, timestamp: times[1]! }, watching);
  const [other] = await add(people[1]!, { cam_id: camera }, watching);
  expect(again).toMatchObject({ person_id: first.person_id, meta: 'Ann', friend: false });
  expect(other.person_id).toBeGreaterThan(first.person_id);
  const persons = (await call('GET', '/v1/persons', undefined, watching)).json;
  expect(persons.results.map(({ id }: Json) => id)).toEqual([first.person_id, other.person_id]);
  const person = await call('GET', `/v1/person/id/${first.person_id}`, undefined, watching);
  expect(person.json).toMatchObject({ id: first.person_id, faces: 2, friend: false });
  const body = { person_id: first.person_id, cam_ids: [camera], limit: 1 };
  const found = await call('POST', '/v0/history/search', body, watching);
  expect(found.json.results).toHaveLength(1);
  const [sighting] = found.json.results;
  const time = '2026-01-05T09:00:00.000000';
  expect(sighting).toMatchObject({
    person_id: first.person_id,
    face_id: again.id,
    cam_id: camera,
    timestamp: time,
    timesamp: time,
  });
  const rest = await call('POST', found.json.next_page, body, watching);
  expect(rest.json.results[0].timestamp).toBe('2026-01-05T08:00:00.000000');
  expect(rest.json).not.toHaveProperty('next_page');
  const span = `start=2026-01-05T08:30:00&end=2026-01-05T10:00:00`;
  const history = await call('GET', `/v1/person/history/id/${first.person_id}?${span}`, undefined, watching);
  expect(history.json.results).toHaveLength(1);
  // The sighting keeps its picture when the face goes.
  await call('DELETE', `/v1/face/id/${again.id}`, undefined, watching);
  for (const link of [history.json.results[0].screenshot, sighting.photo] as string[]) {
    const picture = await fetch(link);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  }
  expect((await call('GET', '/v1/person/id/999', undefined, watching)).status).toBe(404);
  await watching.close();
});

test('a video detector’s crops are embedded as they are, and what it says is kept with the sighting', async () => {
  const watching = await open({ personIdentify: true });
  const photo = await readFile(several);
  const { faces, width, height } = await nf.embed(photo, {
    minFaceSize: 50,
    returnDetails: { crop: { type: 'image/png' } },
  });
  const [ann, bob] = faces as [Face, Face];
  const corners = ({ left, top, width: w, height: h }: Box): number[] => [left, top, left + w, top + h];
  const nowhere = [width - 60, height - 60, width - 5, height - 5];
  const post = async (fields: Readonly<Record<string, string | Blob>>): Promise<Answer> => {
    const data = await form({ photo: `@${several}` });
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    return call('POST', '/v1/face', data, watching);
  };
  const score = { score: 0.9, direction_score: 0.8 };
  const posted = await post({
    ...{ bbox: JSON.stringify([nowhere, corners(bob.position)]), age: 'true' },
    ...{ face0: ann.crop!.file!, face1: new Blob(['no picture']), detectorParams: JSON.stringify(score) },
    ...{ timestamp: '2026-01-05T08:00:00', colour: 'red' },
  });
  expect(posted.status, JSON.stringify(posted.json)).toBe(200);
  const [first, second] = posted.json.results;
  // The one is where it was said to be, though nobody is seen there; the other was looked for.
  expect([first.x1, first.y1, first.x2, first.y2]).toEqual(nowhere.map(Math.round));
  expect([first.age, second.age]).toEqual([expect.any(Number), expect.any(Number)]);
  expect(first.photo_hash).toBe(second.photo_hash);
  for (const [told, face] of [
    [first, ann],
    [second, bob],
  ] as const) {
    const stored = await nf.faces.embedding(String(told.id));
    expect((await nf.compare(stored, face.embedding!)).cosine).toBeGreaterThan(0.99);
    expect((await fetch(told.thumbnail)).status).toBe(200);
  }
  const seen = (await call('POST', '/v0/history/search', {}, watching)).json.results;
  expect(seen.map(({ detectorParams }: Json) => detectorParams)).toEqual([score, score]);
  const [{ id: newest }, { id: oldest }] = seen;
  expect([typeof newest, typeof oldest]).toEqual(['number', 'number']);
  const after = await call('POST', `/v1/history/search?max_id=${newest}`, {}, watching);
  expect(after.json.results.map(({ id }: Json) => id)).toEqual([oldest]);
  const page = (await call('POST', '/v1/history/search', { limit: 1 }, watching)).json;
  expect(page.next_page).toContain(`max_id=${newest}`);
  // Where a page ended is known also once that sighting is gone; the id alone then is of none.
  await nf.history.delete(String(newest));
  expect((await call('POST', page.next_page, { limit: 1 }, watching)).json.results).toHaveLength(1);
  expect((await call('POST', `/v1/history/search?max_id=${newest}`, {}, watching)).json).toMatchObject({
    ...{ code: 'BAD_PARAM', param: 'max_id', status: 400 },
  });
  for (const [detectorParams, status] of [
    ['{"score"', 400],
    [JSON.stringify('x'.repeat(17_000)), 400],
  ] as const) {
    const refused = await post({ detectorParams });
    expect([refused.status, refused.json.param]).toEqual([status, 'detectorParams']);
  }
  await watching.close();
});

test('a picture that shows nobody, or is none, is told by its field', async () => {
  const blank = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  const [nobody, face] = [blank.toString('base64'), (await readFile(people[0]!)).toString('base64')];
  const noFaces: readonly (readonly [string, object, string])[] = [
    ['/v1/identify', { photo: nobody }, 'photo'],
    ['/v1/identify', { photo: nobody, mf_selector: 'all' }, 'photo'],
    ['/v0/faces/gallery/default/identify', { photo: nobody, bbox: [1, 2, 30, 40] }, 'photo'],
    ['/v1/face', { photo: nobody }, 'photo'],
    ['/v1/verify', { photo1: nobody, photo2: face }, 'photo1'],
    ['/v1/verify', { photo1: face, photo2: nobody }, 'photo2'],
  ];
  for (const [path, body, field] of noFaces) {
    const refused = await call('POST', path, body);
    expect([path, refused]).toEqual([path, expect.objectContaining({ status: 400 })]);
    expect(refused.json).toMatchObject({ code: 'NO_FACES', status: 400 });
    expect(refused.json.reason).toMatch(new RegExp(`in (${field}|the picture)$`));
  }
  const junk = Buffer.alloc(90, 'no picture').toString('base64');
  for (const path of ['/v1/detect', '/v1/identify', '/v0/face'])
    expect((await call('POST', path, { photo: junk })).json).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      param: 'photo',
    });
  const many = await readFile(join(photos, 'sample1.jpg'));
  for (const [path, body] of [
    ['/v1/face', { photo: many.toString('base64'), mf_selector: 'reject' }],
    ['/v1/identify', { photo: many.toString('base64'), mf_selector: 'reject' }],
  ] as const)
    expect((await call('POST', path, body)).json).toMatchObject({ code: 'TOO_MANY_FACES', param: 'photo' });
});

test('ids that no face can have are 404, and pages of them are empty', async () => {
  await add(people[0]!);
  for (const id of [0, Number.MAX_SAFE_INTEGER]) {
    expect((await call('GET', `/v1/face/id/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/v1/face/id/${id}`)).status).toBe(404);
  }
  expect((await call('GET', '/v1/faces?max_id=0')).json.results).toEqual([]);
  expect((await call('GET', `/v1/faces?max_id=${Number.MAX_SAFE_INTEGER}`)).json.results).toHaveLength(1);
  expect((await call('GET', `/v1/faces?min_id=${Number.MAX_SAFE_INTEGER}`)).json.results).toEqual([]);
});

test('faces that two processes add in one moment have ids of their own', async () => {
  const random = crypto.getRandomValues;
  // Chance alone would show it once in some thousand times.
  crypto.getRandomValues = (array) =>
    array instanceof Uint32Array ? array.fill(7) : random.call(crypto, array);
  try {
    const both = await Promise.all([1, 2].map(() => open({ now: () => START })));
    const added = await Promise.all(both.map((one) => add(people[0]!, {}, one)));
    const ids = added.flat().map(({ id }: Json) => id as number);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(Math.floor(id / 2560)).toBe(START);
    await Promise.all(both.map((one) => one.close()));
  } finally {
    crypto.getRandomValues = random;
  }
});

test('pictures come by address, but from nowhere within', async () => {
  const file = await readFile(people[0]!);
  const site: Server = createServer((_, response) => response.end(file));
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/a.jpg`;
  const refused = await call('POST', '/v1/face', { photo: url });
  expect(refused).toMatchObject({ status: 400, json: { code: 'IMAGE_DECODING_FAILED', param: 'photo' } });
  expect(refused.json.reason).toContain('private');
  const trusting = await open({ fetchImages: async (given) => (await fetch(given)).blob() });
  const { json } = await call('POST', '/v1/face', { photo: url, meta: 'Ann' }, trusting);
  expect(json.results[0]).toMatchObject({ photo: url, meta: 'Ann' });
  await trusting.close();
  site.close();
});

test('the licence and the document are told', async () => {
  await add(people[0]!);
  const { json } = await call('GET', '/license.json');
  expect(json.limits).toContainEqual({ type: 'number', name: 'faces', value: 1e12, current: 1 });
  const document = await (await fetch(`${host.url}/openapi.json`)).json();
  expect(Object.keys(document.paths)).toContain('/{v}/face/id/{id}');
  expect((await fetch(`${host.url}/v1/docs/v0/overview.html`)).headers.get('content-type')).toContain(
    'text/html',
  );
});
