import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import { photos } from './consumer.ts';
import { createRest, deleteGalleries, openRest, type RestSetting, stored, typesOf } from './rest-host.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const ACCESS_KEY = '00112233-4455-6677-8899-aabbccddeeff';
const SECRET_KEY = '13579acegijmoqsuwyACEGIJMOPSUWY';
const PLAIN_KEY = 'a-key-without-secret';
const APP = '/openapi/face/v1/aabbccdd-eeff-0011-2233-445566778899';

let { nf, host, end } = {} as RestSetting;
let [ann, bob, carl] = [] as unknown as RestSetting['photos'];

test.beforeAll(async () => {
  const tokens = [{ key: ACCESS_KEY, secret: SECRET_KEY }, PLAIN_KEY];
  ({
    nf,
    host,
    end,
    photos: [ann, bob, carl],
  } = await openRest({ tokens }));
});
test.afterAll(() => end());
test.beforeEach(() => deleteGalleries(nf));

interface Answer {
  readonly status: number;
  readonly json: Json;
}

/** As its public clients do it: the date and the request's first line, signed with the secret. */
function signed(method: string, path: string, { date = new Date(), secret = SECRET_KEY } = {}): HeadersInit {
  const time = date.toUTCString();
  const line = `${method} ${path} HTTP/1.1`;
  const signature = createHmac('sha256', secret).update(`x-date: ${time}\n${line}`).digest('base64');
  const authorization = `hmac username="${ACCESS_KEY}", algorithm="hmac-sha256", headers="x-date request-line", signature="${signature}"`;
  return { 'x-date': time, Authorization: authorization };
}

async function call(method: string, path: string, body?: unknown, headers?: HeadersInit): Promise<Answer> {
  const response = await fetch(`${host.url}${path}`, {
    method,
    headers: { ...(headers ?? signed(method, path)), 'Content-Type': 'application/json' } as HeadersInit,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

const SUCCESS = { code: 0, message: 'Success.', internal_code: 0 };
const failed = (code: number, status: number): object => ({
  ...{ code, message: expect.any(String), internal_code: status },
});
const dataOf = (photo: Buffer): { readonly data: string } => ({ data: photo.toString('base64') });
const make = async (fields: object = {}): Promise<string> => {
  const { status, json } = await call('POST', `${APP}/databases`, { name: 'Staff', ...fields });
  expect(status).toBe(200);
  return json.db_id as string;
};
const blank = (): Promise<Buffer> =>
  sharp({ create: { width: 200, height: 150, channels: 3, background: '#357' } })
    .png()
    .toBuffer();

test('a client makes a database, fills it, searches and takes it away, by signed requests', async () => {
  const made = await call('POST', `${APP}/databases`, { name: 'Sales & Co. ☕', max_size: 100 });
  expect(made).toEqual({
    status: 200,
    json: {
      ...{ db_id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'Sales & Co. ☕', max_size: 100 },
      results: [SUCCESS],
    },
  });
  const id = made.json.db_id as string;
  // One as it is documented, one as public clients send it.
  const images = [
    { ...dataOf(ann), extra_info: 'Ann' },
    { image: dataOf(bob), extra_info: 'Bob' },
  ];
  const added = (await call('POST', `${APP}/databases/${id}/features`, { images })).json;
  expect(added.results).toEqual([SUCCESS, SUCCESS]);
  expect(typesOf(added.features)).toEqual([{ feature_id: 'string' }]);
  const list = (await call('GET', `${APP}/databases`)).json;
  expect(list).toEqual({
    databases: [
      { db_id: id, name: 'Sales & Co. ☕', max_size: 100, size: 2 },
      { db_id: 'default', name: 'default', max_size: 1e12, size: 0 },
    ].toSorted((a, b) => (a.db_id < b.db_id ? -1 : 1)),
    results: [SUCCESS],
  });

  const search = { image: dataOf(bob), db_ids: [id], top_k: 3, min_score: 0.8 };
  const found = await call('POST', `${APP}/databases/search`, search);
  expect(found).toEqual({
    status: 200,
    json: {
      results: [SUCCESS],
      features: [
        {
          ...{ db_id: id, feature_id: added.features[1].feature_id, score: expect.any(Number) },
          extra_info: 'Bob',
        },
      ],
      face: {
        rectangle: expect.objectContaining({ left: expect.any(Number), height: expect.any(Number) }),
        angle: { yaw: expect.any(Number), pitch: expect.any(Number), roll: expect.any(Number) },
      },
    },
  });
  expect(found.json.features[0].score).toBeGreaterThan(0.99);
  const all = await call('POST', `${APP}/databases/search`, { ...search, min_score: 0 });
  expect(all.json.features.map((feature: Json) => feature.extra_info)).toEqual(['Bob', 'Ann']);
  const stranger = await call('POST', `${APP}/databases/search`, {
    ...{ images: [dataOf(carl)], db_ids: [id, 'default'] },
  });
  expect(stranger.json).toMatchObject({ results: [SUCCESS], features: [], face: {} });

  const [, feature] = added.features;
  const path = `${APP}/databases/${id}/features/${feature.feature_id}`;
  expect(await call('DELETE', path)).toEqual({ status: 200, json: { results: [SUCCESS] } });
  expect(await call('DELETE', path)).toEqual({ status: 404, json: { results: [failed(404, 404)] } });
  expect(await call('DELETE', `${APP}/databases/${id}`)).toEqual({
    ...{ status: 200, json: { results: [SUCCESS] } },
  });
  expect((await call('DELETE', `${APP}/databases/${id}`)).status).toBe(404);
  expect((await nf.storage.usage()).faces).toBe(0);
});

test('a signature that is not right, or late, opens nothing; nor does a signer’s key alone', async () => {
  const path = `${APP}/databases`;
  const before = await stored(nf);
  const late = new Date(Date.now() - 301_000);
  const ways: readonly [string, HeadersInit, number][] = [
    ['right', signed('GET', path), 200],
    ['four minutes old', signed('GET', path, { date: new Date(Date.now() - 240_000) }), 200],
    ['more than five minutes old', signed('GET', path, { date: late }), 401],
    ['from the future', signed('GET', path, { date: new Date(Date.now() + 310_000) }), 401],
    ['with another secret', signed('GET', path, { secret: 'another-secret' }), 401],
    ['of another method', signed('POST', path), 401],
    ['of another path', signed('GET', `${path}/x`), 401],
    ['the key alone', { Authorization: `Token ${ACCESS_KEY}` }, 401],
    ['nothing', {}, 401],
    ['the name of a key without a secret', { Authorization: `hmac username="${PLAIN_KEY}"` }, 200],
    ['a key without a secret', { Authorization: `Token ${PLAIN_KEY}` }, 200],
    ['a name that nobody has', { Authorization: 'hmac username="nobody-at-all"' }, 401],
  ];
  for (const [how, headers, status] of ways) {
    const answer = await call('GET', path, undefined, headers);
    expect([how, answer.status]).toEqual([how, status]);
    if (status === 401) expect(answer.json).toEqual({ results: [failed(401, 401)] });
    expect(JSON.stringify(answer.json)).not.toContain(SECRET_KEY);
  }
  expect((await call('POST', path, { name: 'x' }, { Authorization: `Token ${ACCESS_KEY}` })).status).toBe(
    401,
  );
  // Interfaces that sign nothing take the key as it is.
  const plain = await call('GET', '/v1/galleries', undefined, { Authorization: `Token ${ACCESS_KEY}` });
  expect(plain.status).toBe(200);
  expect(await stored(nf)).toEqual(before);
});

test('quality is what the library measures, in documented names', async () => {
  const details = { angle: true, quality: true };
  const [face] = (await nf.detect(ann, { mode: 'accurate', returnDetails: details })).faces;
  const { quality, angle, position } = face!;
  const { completeness: seen, ...measured } = quality!;
  const near = (value: number): unknown => expect.closeTo(value, 4);
  for (const body of [{ image: dataOf(ann) }, { images: [dataOf(ann)] }])
    expect(await call('POST', `${APP}/quality`, body)).toEqual({
      status: 200,
      json: {
        results: [SUCCESS],
        angle: { yaw: near(angle!.yaw), pitch: near(angle!.pitch), roll: near(angle!.roll) },
        quality: {
          distance2center: near(measured.centered),
          align_score: near(2 * measured.alignment),
          ...{ brightness: near(measured.brightness), sharpness: near(measured.sharpness) },
          mouth_open: near(1 - measured.mouthClosed),
          ...{ missing: near(measured.integrity), size: near(measured.size) },
        },
        occlusion: {
          occlusion_total: near(1 - seen.total),
          eye: near(1 - Math.min(seen.leftEye, seen.rightEye)),
          ...{ nose: near(1 - seen.nose), mouth: near(1 - seen.mouth) },
          eyebrow: near(1 - Math.min(seen.leftEyeBrow, seen.rightEyeBrow)),
          face_line: near(1 - seen.faceContour),
        },
        rectangle: {
          ...{ left: Math.round(position.left), top: Math.round(position.top) },
          ...{ width: Math.round(position.width), height: Math.round(position.height) },
        },
      },
    });
  // The reference value of a good portrait is 1 and more.
  expect(measured.alignment).toBeGreaterThan(0.5);
});

test('pictures that fail do not fail the others, and answers keep their order', async () => {
  const id = await make({ max_size: 2 });
  const images = [
    dataOf(await blank()),
    { ...dataOf(ann), extra_info: 'Ann' },
    { data: 'bm8gcGljdHVyZQ'.repeat(20) },
    {},
    'text',
    { data: 'A'.repeat(12_000_000) },
    { ...dataOf(ann), rectangle: { left: 0, top: 0, width: 0, height: 1 } },
    { ...dataOf(ann), rectangle: { left: -90, top: -90, width: 9, height: 9 } },
    dataOf(bob),
    dataOf(carl),
  ];
  const { status, json } = await call('POST', `${APP}/databases/${id}/features`, { images });
  expect(status).toBe(200);
  expect(json.results).toEqual([
    failed(4, 400),
    SUCCESS,
    failed(2, 400),
    failed(1, 400),
    failed(1, 400),
    failed(3, 413),
    failed(1, 400),
    failed(4, 400),
    SUCCESS,
    // It takes two.
    failed(5, 409),
  ]);
  const stays = [1, 8];
  expect(json.features).toEqual(
    images.map((_, i) => (stays.includes(i) ? { feature_id: expect.any(String) } : null)),
  );
  const { records } = await (await nf.galleries.get(id)).list();
  expect(records.map((record) => [record.id, record.meta])).toEqual(
    stays.map((i, k) => [json.features[i].feature_id, k === 0 ? 'Ann' : '']),
  );

  const detected = await call('POST', `${APP}/detect`, { images: images.slice(0, 4) });
  expect(detected.json.results).toEqual([SUCCESS, SUCCESS, failed(2, 400), failed(1, 400)]);
  expect(detected.json.batches.map(({ faces }: Json) => faces.length)).toEqual([0, 1, 0, 0]);
  expect(typesOf(detected.json.batches[1])).toEqual({
    faces: [
      {
        rectangle: { left: 'number', top: 'number', width: 'number', height: 'number' },
        angle: { yaw: 'number', pitch: 'number', roll: 'number' },
      },
    ],
  });
});

test('a client that goes away leaves none of its features', async () => {
  const id = await make();
  const before = await stored(nf);
  const leaving = new AbortController();
  let pictures = 0;
  const now = (): number => {
    if (++pictures === 2) leaving.abort();
    return Date.now();
  };
  const impatient = await createRest(nf, { tokens: 'none', apis: ['mercury'], now });
  const body = JSON.stringify({ images: [dataOf(ann), dataOf(bob), dataOf(carl)] });
  const request = new Request(`http://local${APP}/databases/${id}/features`, {
    ...{ method: 'POST', body, headers: { 'Content-Type': 'application/json' } },
    signal: leaving.signal,
  });
  expect((await impatient(request)).status).toBe(503);
  expect(pictures).toBe(2);
  expect(await stored(nf)).toEqual(before);
});

test('faces of a rectangle are looked for; two pictures are compared', async () => {
  const group = await readFile(join(photos, 'sample1.jpg'));
  const [first, second] = (await nf.detect(group, { mode: 'accurate', minFaceSize: 32 })).faces;
  const { json } = await call('POST', `${APP}/detect`, { images: [dataOf(group)] });
  expect(json.batches[0].faces.length).toBeGreaterThan(1);
  const rectangle = json.batches[0].faces[1].rectangle;
  expect(rectangle.left).toBe(Math.round(second!.position.left));
  const part = await call('POST', `${APP}/quality`, { image: { ...dataOf(group), rectangle } });
  expect(Math.abs(part.json.rectangle.left - second!.position.left)).toBeLessThan(
    0.2 * second!.position.width,
  );
  const whole = await call('POST', `${APP}/quality`, { image: dataOf(group) });
  expect(whole.json.rectangle.left).toBe(Math.round(first!.position.left));

  const same = await call('POST', `${APP}/compare`, { images: [dataOf(ann), { image: dataOf(ann) }] });
  expect(same.json).toMatchObject({ results: [SUCCESS, SUCCESS], faces: [{}, {}] });
  expect(same.json.score).toBeGreaterThan(0.99);
  const other = await call('POST', `${APP}/compare`, { images: [dataOf(ann), dataOf(bob)] });
  expect(other.json.score).toBeLessThan(0.75);
  const none = await call('POST', `${APP}/compare`, { images: [dataOf(ann), dataOf(await blank())] });
  expect(none).toEqual({ status: 400, json: { results: [failed(4, 400)] } });
});

test('several databases are searched as one, and told apart', async () => {
  const [one, two] = [await make(), await make({ name: 'Guests' })];
  const feature = async (id: string, photo: Buffer): Promise<string> => {
    const { json } = await call('POST', `${APP}/databases/${id}/features`, { images: [dataOf(photo)] });
    return json.features[0].feature_id as string;
  };
  const [first, second] = [await feature(one, ann), await feature(two, bob)];
  const search = async (ids: unknown): Promise<Answer> =>
    call('POST', `${APP}/databases/search`, { image: dataOf(bob), db_ids: ids, top_k: 9, min_score: 0 });
  const { json } = await search([one, two]);
  expect(json.features.map(({ db_id, feature_id }: Json) => [db_id, feature_id])).toEqual([
    [two, second],
    [one, first],
  ]);
  expect((await search([one])).json.features).toHaveLength(1);
  for (const ids of [[one, 'nowhere'], ['no name'], []])
    expect(await search(ids)).toEqual({ status: 400, json: { results: [failed(1, 400)] } });
});

test('the shorter paths are the same, and take none of other interfaces', async () => {
  const short = '/any%20app';
  const { db_id: id } = (await call('POST', `${short}/databases`, { name: 'Short' })).json;
  const images = [dataOf(ann)];
  const [{ feature_id: feature }] = (await call('POST', `${short}/databases/${id}/features`, { images })).json
    .features;
  const search = { image: dataOf(ann), db_ids: [id] };
  expect((await call('POST', `${short}/databases/search`, search)).json.features).toMatchObject([
    { feature_id: feature },
  ]);
  expect((await call('POST', `${short}/quality`, { images })).status).toBe(200);
  expect((await call('POST', `${short}/detect`, { images })).status).toBe(200);
  expect((await call('POST', `${short}/compare`, { images: [...images, ...images] })).status).toBe(200);
  expect((await call('DELETE', `${short}/databases/${id}/features/${feature}`)).status).toBe(200);
  expect((await call('GET', `${short}/databases`)).json.databases).toHaveLength(2);
  expect((await call('DELETE', `${short}/databases/${id}`)).status).toBe(200);
  const token = { Authorization: `Token ${PLAIN_KEY}` };
  for (const app of 'v0 v1 v2 api t docs stat uploads entities models jobs openapi face-analyzer'.split(
    ' ',
  )) {
    const { status } = await fetch(`${host.url}/${app}/databases`, { headers: token });
    // What stands behind /t/ is a key.
    expect([app, status]).toEqual([app, app === 't' ? 405 : 404]);
  }
  // FindFace's own.
  const form = new FormData();
  form.set('photo', new Blob([new Uint8Array(ann)]), 'a.jpg');
  const detect = await fetch(`${host.url}/v1/detect`, { method: 'POST', body: form, headers: token });
  expect(await detect.json()).toMatchObject({ faces: [{}], orientation: 1 });
});

test('what is wrong is told by its numbers, and nothing is stored', async () => {
  const id = await make();
  const before = await stored(nf);
  const image = dataOf(ann);
  const refused: readonly [string, string, unknown, number, number][] = [
    ['POST', '/databases', {}, 1, 400],
    ['POST', '/databases', { name: '  ' }, 1, 400],
    ['POST', '/databases', { name: 'n'.repeat(257) }, 1, 400],
    ['POST', '/databases', { name: 'n', max_size: 0 }, 1, 400],
    ['POST', '/databases', { name: 'n', max_size: 'many' }, 1, 400],
    ['DELETE', '/databases/default', undefined, 1, 400],
    ['DELETE', '/databases/nowhere', undefined, 404, 404],
    ['DELETE', `/databases/${id}/features/nothing`, undefined, 404, 404],
    ['POST', '/databases/nowhere/features', { images: [image] }, 404, 404],
    ['POST', `/databases/${id}/features`, { images: [] }, 1, 400],
    ['POST', `/databases/${id}/features`, { images: Array(17).fill({}) }, 1, 400],
    ['POST', `/databases/${id}/features`, { images: image }, 1, 400],
    ['POST', '/quality', {}, 1, 400],
    ['POST', '/quality', { image: {} }, 1, 400],
    ['POST', '/quality', { images: [image, image] }, 1, 400],
    ['POST', '/quality', { image: dataOf(await blank()) }, 4, 400],
    ['POST', '/quality', { image: { data: 'bm8gcGljdHVyZQ'.repeat(20) } }, 2, 400],
    ['POST', '/quality', { image: { data: 'A'.repeat(12_000_000) } }, 3, 413],
    ['POST', '/detect', {}, 1, 400],
    ['POST', '/compare', { images: [image] }, 1, 400],
    ['POST', '/databases/search', { db_ids: [id] }, 1, 400],
    ['POST', '/databases/search', { image }, 1, 400],
    ['POST', '/databases/search', { image, db_ids: [id], top_k: 0 }, 1, 400],
    ['POST', '/databases/search', { image, db_ids: [id], min_score: 2 }, 1, 400],
    ['PUT', '/databases', {}, 405, 405],
    ['GET', '/nothing', undefined, 404, 404],
  ];
  for (const [method, path, body, code, status] of refused)
    expect([path, await call(method, `${APP}${path}`, body)]).toEqual([
      path,
      { status, json: { results: [failed(code, status)] } },
    ]);
  expect(await stored(nf)).toEqual(before);
});
