import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import type { RestOptions } from '../src/rest/index.ts';
import { photos } from './consumer.ts';
import {
  createRest,
  deleteFaces,
  openNearFace,
  openRest,
  type RestSetting,
  stored,
  typesOf,
} from './rest-host.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const KEY = 'a-key-for-anysee';
const FACES = '/api/v1/entities/faces';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const NEVER = '3000-01-01T00:00:00Z';

let { nf, handle, end } = {} as RestSetting;
let [ann, bob, carl] = [] as unknown as RestSetting['photos'];

test.beforeAll(async () => {
  const options: RestOptions = { tokens: [KEY], apis: ['anysee', 'findface'] };
  ({
    nf,
    handle,
    end,
    photos: [ann, bob, carl],
  } = await openRest(options));
});
test.afterAll(() => end());
test.beforeEach(() => deleteFaces(nf));

interface Answer {
  readonly status: number;
  readonly json: Json;
}

/** As its own clients call: JSON, and the key in a header. */
async function call(method: string, path: string, body?: unknown, at = handle): Promise<Answer> {
  const headers = { 'api-key': KEY, 'instance-id': 'any', 'Content-Type': 'application/json' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await at(new Request(`http://local${path}`, init));
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

const base64 = (photo: Buffer): string => photo.toString('base64');
const imageOf = (photo: Buffer, more: object = {}): object => ({ data: base64(photo), ...more });
const add = async (photo: Buffer, fields: object = {}): Promise<Json> => {
  const { status, json } = await call('POST', FACES, { image: imageOf(photo), ...fields });
  expect(status, JSON.stringify(json)).toBe(201);
  return json;
};
const wrong = (code: number, message: string, details: string): Answer => ({
  ...{ status: 400, json: { code, message, details } },
});
const noFace = wrong(112, 'face_not_found', 'image.data');

const METADATA = [
  { name: 'name', type: 'string', value: 'John' },
  { name: 'age', type: 'integer', value: 27 },
  { name: 'male', type: 'boolean', value: true },
  { name: 'point', type: 'float', value: 10.5 },
];

/** Source: the public documentation of AnySee, its examples of a search, a page and an update. */
const ENTITY = {
  uuid: '12345678-16fe-4773-86c2-db1c0077544f',
  ...{ model: 'JCV_FACE_K25000', collection: 'tokyo', key: '0112358', metadata: METADATA },
  ...{ createdAt: '2022-07-04T00:00:00Z', updatedAt: '2022-07-04T00:00:00Z' },
  expiresAt: '3000-01-01T08:00:00Z',
};
const SEARCH = {
  ...{ count: 1, maxFaces: 1, threshold: 0 },
  entitiesFound: [{ similarityScore: 0.9956, ...ENTITY }],
};
const EMPTY_PAGE = { total: 0, count: 0, limit: 20, nextAfter: 0, entities: [] };
const PAGE = { total: 102, count: 2, limit: 2, nextAfter: ENTITY.uuid, entities: [ENTITY] };

test('entities are added, shown, found and deleted, in the documented form', async () => {
  expect((await call('GET', FACES)).json).toEqual(EMPTY_PAGE);
  const fields = { collection: 'tokyo', key: '0112358', metadata: METADATA };
  const { details, ...entity } = await add(ann, fields);
  expect(details).toEqual({});
  expect(typesOf(entity)).toEqual(typesOf(ENTITY));
  expect(entity).toMatchObject({
    ...fields,
    ...{ uuid: expect.stringMatching(UUID), model: nf.info.embedding.modelId },
    ...{ createdAt: expect.stringMatching(TIME), updatedAt: entity.createdAt, expiresAt: NEVER },
  });
  expect(Math.abs(Date.parse(entity.createdAt) - Date.now())).toBeLessThan(60_000);
  await add(bob, { collection: 'tokyo' });
  expect(await call('GET', `${FACES}/${entity.uuid}`)).toEqual({ status: 200, json: entity });
  const page = (await call('GET', `${FACES}?limit=1`)).json;
  expect(typesOf(page)).toEqual(typesOf(PAGE));
  expect(page).toMatchObject({ total: 2, count: 1, limit: 1, entities: [entity] });

  const found = (await call('POST', `${FACES}/search`, { image: imageOf(ann) })).json;
  expect(typesOf(found)).toEqual(typesOf(SEARCH));
  expect(found).toMatchObject({ count: 1, maxFaces: 1, threshold: 0, entitiesFound: [entity] });
  expect(found.entitiesFound[0].similarityScore).toBeGreaterThan(0.99);
  for (const name of ['maxEntities', 'maxFaces', 'maxEntityNum']) {
    const two = (await call('POST', `${FACES}/search`, { image: imageOf(ann), [name]: 2 })).json;
    const scores = two.entitiesFound.map(({ similarityScore }: Json) => similarityScore);
    expect(two).toMatchObject({ count: 2, maxFaces: 2 });
    expect(scores[1]).toBeLessThan(0.75);
    expect(scores[0]).toBeGreaterThan(scores[1]);
  }
  const sure = { image: imageOf(carl), threshold: 0.75, maxEntities: 5 };
  expect((await call('POST', `${FACES}/search`, sure)).json).toEqual({
    ...{ count: 0, maxFaces: 5, threshold: 0.75, entitiesFound: [] },
  });

  expect(await call('DELETE', `${FACES}/${entity.uuid}`)).toEqual({ status: 204, json: undefined });
  const gone = { status: 404, json: { code: 404, message: 'not_found', details: expect.any(String) } };
  for (const method of ['GET', 'DELETE', 'PATCH'])
    expect(await call(method, `${FACES}/${entity.uuid}`, method === 'PATCH' ? {} : undefined)).toEqual(gone);
});

test('details are those that were asked for, as the library measures them', async () => {
  const names = ['position', 'angle', 'landmarks', 'quality', 'attributes'];
  const returnDetails = Object.fromEntries(names.map((name) => [name, true]));
  const { json } = await call('POST', `${FACES}/detect`, { image: imageOf(ann, { returnDetails }) });
  expect(json).toMatchObject({ count: 1 });
  const [{ details }] = json.entities;
  expect(Object.keys(details)).toEqual(names);
  const [face] = (await nf.detect(ann, { mode: 'accurate', returnDetails })).faces;
  const { position, angle, landmarks, quality, attributes } = face!;
  expect(details.position).toEqual({
    ...{ left: Math.round(position.left), top: Math.round(position.top) },
    ...{ width: Math.round(position.width), height: Math.round(position.height) },
  });
  expect(Object.keys(details.angle)).toEqual(['pitch', 'yaw', 'roll', 'centerX', 'centerY']);
  expect(details.angle.yaw).toBeCloseTo(angle!.yaw, 3);
  expect(details.angle.centerX).toBe(Math.round(angle!.centerX));
  expect(details.landmarks).toHaveLength(106);
  expect(details.landmarks[46]).toEqual({
    x: Math.round(landmarks![46]!.x),
    y: Math.round(landmarks![46]!.y),
  });
  const { alignment: _, eyesOpen: _eyes, completeness, ...measured } = quality!;
  expect(Object.keys(details.quality).sort()).toEqual([...Object.keys(measured), 'completeness'].sort());
  expect(Object.keys(details.quality.completeness).sort()).toEqual(Object.keys(completeness).sort());
  expect(details.quality.sharpness).toBeCloseTo(measured.sharpness, 3);
  const { age, emotions, ...valued } = details.attributes;
  const { lowerLimit, upperLimit } = attributes!.age!;
  expect(age).toEqual({
    value: expect.closeTo(attributes!.age!.value, 2),
    ...{ upperlimit: expect.closeTo(upperLimit, 2), lowerlimit: expect.closeTo(lowerLimit, 2) },
  });
  expect(Object.keys(valued)).toEqual(['gender', 'bangs', 'facialHair', 'helmet', 'hat', 'glasses', 'mask']);
  for (const [name, words] of Object.entries({
    gender: /^(fe)?male$/,
    bangs: /^with(out)?_bangs$/,
    facialHair: /^(without_facial_hair|with_(moustache|beard|sideburns))$/,
    helmet: /^with(out)?_helmet$/,
    hat: /^with(out)?_hat$/,
    glasses: /^(without_glasses|with_transparent_glasses|with_sunglasses)$/,
    mask: /^(without|with_(nose|mouth|fully)_covered)_mask$/,
  }))
    expect(valued[name]).toEqual({ value: expect.stringMatching(words), certainty: expect.any(Number) });
  expect(emotions).toHaveLength(8);
  const certainties = emotions.map(({ certainty }: Json) => certainty);
  expect(certainties).toEqual(certainties.toSorted((a: number, b: number) => b - a));
  expect(emotions[0].value).toMatch(/^[a-z]+$/);

  const few = { position: true, quality: true };
  const entity = (await call('POST', FACES, { image: imageOf(ann, { returnDetails: few }) })).json;
  expect(Object.keys(entity.details)).toEqual(['position', 'quality']);
  // What the library keeps with a face is kept.
  const record = await nf.faces.get(entity.uuid);
  expect(record.quality?.sharpness).toBeCloseTo(entity.details.quality.sharpness, 5);
  expect(record.attributes).toBeUndefined();
  const search = { image: imageOf(ann, { returnDetails: { angle: true } }) };
  expect(Object.keys((await call('POST', `${FACES}/search`, search)).json.details)).toEqual(['angle']);
});

test('faces are compared with one another and with entities', async () => {
  const one = imageOf(ann, { returnDetails: { position: true } });
  const same = await call('POST', `${FACES}/compare`, { imageOne: one, imageTwo: imageOf(ann) });
  expect(typesOf(same.json)).toEqual({
    similarityScore: 'number',
    entities: {
      one: { details: { position: { left: 'number', top: 'number', width: 'number', height: 'number' } } },
      two: { details: {} },
    },
  });
  expect(same.json.similarityScore).toBeGreaterThan(0.99);
  const other = await call('POST', `${FACES}/compare`, { imageOne: one, imageTwo: imageOf(bob) });
  expect(other.json.similarityScore).toBeLessThan(0.75);

  const { uuid } = await add(ann);
  const known = await call('POST', `${FACES}/${uuid}/compare`, { image: one });
  expect(Object.keys(known.json.entities)).toEqual(['one']);
  expect(known.json.similarityScore).toBeGreaterThan(0.99);
  expect((await call('POST', `${FACES}/${uuid}/compare`, { image: imageOf(bob) })).json).toEqual({
    similarityScore: expect.any(Number),
    entities: { one: { details: {} } },
  });
  const blank = await sharp({
    create: { width: 200, height: 200, channels: 3, background: '#357' },
  })
    .png()
    .toBuffer();
  const noTwo = await call('POST', `${FACES}/compare`, { imageOne: one, imageTwo: imageOf(blank) });
  expect(noTwo).toEqual(wrong(112, 'face_not_found', 'imageTwo.data'));
});

test('a face must be upright or turned, and more than a tenth of its picture', async () => {
  const turned = await sharp(ann).rotate(180).toBuffer();
  const send = (image: object) => call('POST', FACES, { image, collection: 'turned' });
  const before = await stored(nf);
  expect(await send(imageOf(turned))).toEqual(noFace);
  const { width = 0, height = 0 } = await sharp(ann).metadata();
  const margin = { right: 5 * width, bottom: 5 * height, background: '#888' };
  const small = await sharp(ann).extend(margin).jpeg({ quality: 60 }).toBuffer();
  expect((await nf.detect(small)).faces).toHaveLength(1);
  expect(await send(imageOf(small))).toEqual(noFace);
  const detected = await call('POST', `${FACES}/detect`, { image: imageOf(small) });
  expect(detected).toEqual({ status: 200, json: { count: 0, entities: [] } });
  expect(await send(imageOf(ann, { area: { left: -50, top: -50, width: 20, height: 20 } }))).toEqual(noFace);
  expect(await stored(nf)).toEqual(before);
  const asked = { autoRotate: true, returnDetails: { position: true } };
  expect((await send(imageOf(turned, asked))).status).toBe(201);
  expect((await send(imageOf(ann, { area: { left: 0, top: 0, width, height } }))).status).toBe(201);
  const gif = await sharp(ann).gif().toBuffer();
  expect((await send(imageOf(gif))).status).toBe(201);
});

test('what of an entity is given is changed, and its face by a picture', async () => {
  const entity = await add(ann, { key: 'Ann', metadata: METADATA, collection: 'tokyo' });
  const path = `${FACES}/${entity.uuid}`;
  const { details: _, ...plain } = entity;
  expect(await call('PATCH', path, { key: 'Anna' })).toMatchObject({
    status: 200,
    json: { ...plain, key: 'Anna', updatedAt: expect.stringMatching(TIME) },
  });
  const metadata = [{ name: 'left', type: 'boolean', value: false }];
  const moved = (await call('PATCH', path, { collection: 'osaka', metadata, ttl: 3600 })).json;
  expect(moved).toMatchObject({ key: 'Anna', collection: 'osaka', metadata });
  expect(Math.abs(Date.parse(moved.expiresAt) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  expect((await nf.faces.get(entity.uuid)).galleries.toSorted()).toEqual(['c-b3Nha2E', 'default']);
  expect((await call('PATCH', path, { ttl: 0 })).json.expiresAt).toBe(NEVER);
  const unchanged = await stored(nf);
  expect((await call('PATCH', path, {})).json).toMatchObject({ collection: 'osaka', expiresAt: NEVER });
  expect(await stored(nf)).toEqual(unchanged);

  const image = imageOf(bob, { returnDetails: { angle: true } });
  const replaced = (await call('PATCH', path, { image, key: 'Bob' })).json;
  expect(replaced).toMatchObject({ uuid: entity.uuid, createdAt: entity.createdAt, key: 'Bob', metadata });
  expect(Object.keys(replaced.details)).toEqual(['angle']);
  const score = async (photo: Buffer): Promise<number> =>
    (await call('POST', `${path}/compare`, { image: imageOf(photo) })).json.similarityScore;
  expect(await score(bob)).toBeGreaterThan(0.99);
  expect(await score(ann)).toBeLessThan(0.75);
});

test('a change that fails changes nothing', async () => {
  const { uuid } = await add(ann, { key: 'Ann', collection: 'tokyo' });
  const before = await stored(nf);
  const blank = await sharp({ create: { width: 90, height: 90, channels: 3, background: '#111' } })
    .png()
    .toBuffer();
  const all = { key: 'Bob', collection: 'osaka', ttl: 60 };
  const change = (fields: object) => call('PATCH', `${FACES}/${uuid}`, { ...all, ...fields });
  expect(await change({ image: imageOf(blank) })).toEqual(noFace);
  expect(await change({ image: { data: 'bm8gcGljdHVyZQ'.repeat(20) } })).toMatchObject({ status: 400 });
  expect(await change({ ttl: -1 })).toEqual(wrong(112, 'body_parameter_invalid_value', 'ttl'));
  expect(await change({ metadata: [{ name: 'a', type: 'text', value: 'b' }] })).toEqual(
    wrong(112, 'body_parameter_invalid_value', 'metadata[0].type'),
  );
  expect(await stored(nf)).toEqual(before);
  // Its new collection takes no more.
  const full = await nf.galleries.create('c-b3Nha2E', { capacity: 1 });
  await full.addEmbedding((await nf.embed(bob)).faces[0]!.embedding!);
  const crowded = await stored(nf);
  expect(await change({ image: imageOf(bob) })).toMatchObject({ status: 409, json: { code: 409 } });
  expect(await stored(nf)).toEqual(crowded);
});

test('where the new face cannot be stored, the rest is taken back', async () => {
  const { uuid } = await add(ann, { key: 'Ann', collection: 'tokyo' });
  const before = await stored(nf);
  const leaving = new AbortController();
  const { faces } = nf;
  const replace = faces.replace.bind(faces);
  faces.replace = async (...given) => {
    leaving.abort();
    return replace(...given);
  };
  const body = JSON.stringify({ image: imageOf(bob), key: 'Bob', collection: 'osaka' });
  const headers = { 'api-key': KEY, 'Content-Type': 'application/json' };
  const request = new Request(`http://local${FACES}/${uuid}`, { method: 'PATCH', body, headers });
  const signalled = new Request(request, { signal: leaving.signal });
  expect((await handle(signalled)).status).toBe(503);
  faces.replace = replace;
  expect(await stored(nf)).toEqual(before);
});

test('collections keep entities apart, and need no making', async () => {
  const long = 'b0d1c2e3-0000-4000-8000-123456789abc';
  const inTokyo = await add(ann, { collection: 'tokyo', key: 'a' });
  const inLong = await add(bob, { collection: long, key: 'a' });
  const inNone = await add(carl, { key: 'c' });
  const labels = (await nf.galleries.list()).map(({ label }) => label ?? '');
  expect(labels.toSorted()).toEqual(['', '', long, 'tokyo']);
  const list = async (query: string): Promise<unknown> => {
    const { json } = await call('GET', `${FACES}?${query}`);
    expect(json.total).toBe(json.count);
    return json.entities.map(({ uuid }: Json) => uuid);
  };
  expect(await list('collection=tokyo')).toEqual([inTokyo.uuid]);
  expect(await list(`collection=${long}`)).toEqual([inLong.uuid]);
  expect(await list('collection=nowhere')).toEqual([]);
  expect(await list('key=a')).toEqual([inTokyo.uuid, inLong.uuid]);
  expect(await list(`key=a&collection=${long}&model=nearface`)).toEqual([inLong.uuid]);
  expect(await list('')).toEqual([inTokyo.uuid, inLong.uuid, inNone.uuid]);
  const search = async (collection?: string): Promise<unknown> => {
    const body = { image: imageOf(bob), ...(collection !== undefined && { collection }), maxEntities: 9 };
    const { json } = await call('POST', `${FACES}/search`, body);
    return json.entitiesFound.map(({ uuid }: Json) => uuid);
  };
  expect(await search(long)).toEqual([inLong.uuid]);
  expect(await search('tokyo')).toEqual([inTokyo.uuid]);
  expect(await search('nowhere')).toEqual([]);
  expect(await search()).toHaveLength(3);
  expect(await nf.galleries.list()).toHaveLength(4);
});

test('pages lead to every entity once, whatever is deleted meanwhile', async () => {
  const gallery = await nf.galleries.get();
  const embedding = (await nf.embed(ann)).faces[0]!.embedding!;
  // Times and ids that do not rise as the numbers do.
  for (let i = 0; i < 11; i++)
    await gallery.addEmbedding(embedding, {
      ...{ id: `id-${(i * 7) % 11}`, meta: i % 2 ? 'odd' : 'even', timestamp: 1e12 - i },
    });
  const order = Array.from({ length: 11 }, (_, i) => `id-${(i * 7) % 11}`);
  const seen: string[] = [];
  let after: string | 0 | undefined;
  for (let page = 0; after !== 0; page++) {
    const query: string = after === undefined ? '' : `&after=${after}`;
    const { json } = await call('GET', `${FACES}?limit=3${query}`);
    expect(json).toMatchObject({ limit: 3, count: json.entities.length });
    seen.push(...json.entities.map(({ uuid }: Json) => uuid));
    // The one that the next page begins behind is gone by then, one before it, and one that is still to come.
    if (page === 1) await gallery.delete([seen.at(-1), seen[0], order[7]] as string[]);
    if (json.nextAfter !== 0) expect(json.nextAfter).toMatch(UUID);
    after = json.nextAfter;
  }
  expect(seen).toEqual(order.filter((id) => id !== order[7]));
  const odd = (await call('GET', `${FACES}?key=odd&limit=2`)).json;
  expect(odd).toMatchObject({ total: 3, count: 2 });
  // The uuid of one that is there does it too, and is left out itself.
  const rest = (await call('GET', `${FACES}?key=odd&after=${odd.entities[1].uuid}`)).json;
  expect(rest).toMatchObject({ total: 3, count: 1, nextAfter: 0 });
  const gone = await call('GET', `${FACES}?after=${order[7]}`);
  expect(gone).toEqual(wrong(113, 'body_parameter_not_found', 'after'));
});

test('an entity goes when its time is over', async () => {
  const { uuid } = await add(ann, { ttl: 1 });
  await expect
    .poll(async () => (await call('GET', `${FACES}/${uuid}`)).status, { timeout: 20_000 })
    .toBe(404);
  expect((await call('GET', FACES)).json).toEqual(EMPTY_PAGE);
});

test('faces that came by other ways are entities too, and keep what they carry', async () => {
  const gallery = await nf.galleries.get();
  const { records } = await gallery.add(ann, { meta: 'Ann', extra: { mine: [1, 2] }, id: '77' });
  const shown = (await call('GET', `${FACES}/77`)).json;
  expect(shown).toMatchObject({ uuid: '77', key: 'Ann', collection: '', metadata: [], expiresAt: NEVER });
  expect(shown.updatedAt).toBe(shown.createdAt);
  const changed = await call('PATCH', `${FACES}/77`, { collection: 'tokyo', metadata: METADATA });
  expect(changed.json).toMatchObject({ collection: 'tokyo', metadata: METADATA });
  expect((await nf.faces.get('77')).extra).toMatchObject({ mine: [1, 2] });
  expect((await nf.faces.get('77')).number).toBe(records[0]!.number);
  await nf.faces.update('77', { extra: 'a text of somebody else' });
  const before = await stored(nf);
  expect(await call('PATCH', `${FACES}/77`, { key: 'Bob', collection: 'osaka' })).toMatchObject({
    ...{ status: 409, json: { code: 409, message: 'conflict' } },
  });
  expect(await stored(nf)).toEqual(before);
});

test('the model in use is told; no other is taken', async () => {
  const { json } = await call('GET', '/api/v1/models');
  const { modelId, dimension } = nf.info.embedding;
  expect(json).toEqual({
    count: 1,
    models: [
      {
        ...{ name: modelId, type: 'face', vectorSize: dimension },
        ...{ version: expect.stringMatching(/./), licence: expect.stringMatching(/./) },
        details: ['position', 'angle', 'landmarks', 'quality', 'attributes'],
        attributes: ['age', 'gender', 'bangs', 'facialHair', 'helmet', 'hat', 'glasses', 'mask', 'emotions'],
        ...{ imageFormats: ['JPG', 'PNG', 'GIF'], minFaceSize: 32 },
      },
    ],
  });
  for (const model of [modelId, 'nearface'])
    expect((await call('POST', `${FACES}/detect`, { model, image: imageOf(ann) })).status).toBe(200);
  const other = wrong(113, 'body_parameter_not_found', 'model');
  const image = imageOf(ann);
  const model = 'another';
  for (const [method, path, body] of [
    ['POST', FACES, { image }],
    ['POST', `${FACES}/search`, { image }],
    ['POST', `${FACES}/detect`, { image }],
    ['POST', `${FACES}/compare`, { imageOne: image, imageTwo: image }],
    ['POST', `${FACES}/any/compare`, { image }],
    ['PATCH', `${FACES}/any`, {}],
  ] as const)
    expect([path, await call(method, path, { ...body, model })]).toEqual([path, other]);
  expect(await call('GET', `${FACES}?model=another`)).toEqual(other);
});

test('the shorter paths are the same, with a model that nobody has used yet too', async () => {
  const fresh = await openNearFace({ keep: 'none' });
  const at = await createRest(fresh, { tokens: 'none', apis: ['anysee'], minFaceSize: 40 });
  const [model] = (await call('GET', '/models', undefined, at)).json.models;
  expect(model).toMatchObject({ version: expect.stringMatching(/./), minFaceSize: 40 });
  const short = '/entities/faces/';
  const entity = (await call('POST', short, { image: imageOf(ann) }, at)).json;
  for (const [path, body] of [
    [`${short}search`, { image: imageOf(ann) }],
    [`${short}detect`, { image: imageOf(ann) }],
    [`${short}compare`, { imageOne: imageOf(ann), imageTwo: imageOf(ann) }],
    [`${short}${entity.uuid}/compare`, { image: imageOf(ann) }],
  ] as const)
    expect((await call('POST', path, body, at)).status).toBe(200);
  expect((await call('PATCH', `${short}${entity.uuid}`, { key: 'a' }, at)).json.key).toBe('a');
  expect((await call('GET', `${short}${entity.uuid}`, undefined, at)).json.key).toBe('a');
  expect((await call('GET', short, undefined, at)).json.total).toBe(1);
  expect((await call('DELETE', `${short}${entity.uuid}`, undefined, at)).status).toBe(204);
  expect(await call('PUT', short, {}, at)).toMatchObject({
    ...{ status: 405, json: { code: 405, message: 'method_not_allowed' } },
  });
  expect(await call('GET', '/entities/bodies', undefined, at)).toMatchObject({
    ...{ status: 404, json: { code: 404 } },
  });
  await fresh.dispose();
});

test('what is wrong is told by its numbers, and nothing is stored', async () => {
  const before = await stored(nf);
  const data = base64(ann);
  const refused: readonly [unknown, number, string][] = [
    [{}, 110, 'image'],
    [{ image: {} }, 110, 'image.data'],
    [{ image: { data: '' } }, 110, 'image.data'],
    [{ image: { data: '   ' } }, 112, 'image.data'],
    [{ image: { data: 5 } }, 111, 'image.data'],
    [{ image: data }, 111, 'image'],
    [{ image: { data: '/etc/passwd' } }, 112, 'image.data'],
    [{ image: { data: data.slice(0, 2000) } }, 112, 'image.data'],
    [{ image: { data: 'bm8gcGljdHVyZQ'.repeat(20) } }, 112, 'image.data'],
    [{ image: { data, autoRotate: 'perhaps' } }, 111, 'image.autoRotate'],
    [{ image: { data, returnDetails: { age: true, angle: 3 } } }, 111, 'image.returnDetails.angle'],
    [{ image: { data, area: { left: 1, top: 1, width: 0, height: 1 } } }, 112, 'image.area.width'],
    [{ image: { data, area: { left: 1, top: 1, width: 5 } } }, 110, 'image.area.height'],
    [{ image: { data }, ttl: 'long' }, 111, 'ttl'],
    [{ image: { data }, ttl: 1.5 }, 112, 'ttl'],
    [{ image: { data }, key: 'k'.repeat(1025) }, 112, 'key'],
    [{ image: { data }, key: ['k'] }, 111, 'key'],
    [{ image: { data }, collection: 'c'.repeat(257) }, 112, 'collection'],
    [{ image: { data }, metadata: 'none' }, 111, 'metadata'],
    [{ image: { data }, metadata: [{ type: 'string', value: 'a' }] }, 110, 'metadata[0].name'],
    [{ image: { data }, metadata: [{ name: 'a', type: 'integer', value: 1.5 }] }, 111, 'metadata[0].value'],
    [{ image: { data }, metadata: [{ name: 'a', type: 'string' }] }, 110, 'metadata[0].value'],
    [
      { image: { data }, metadata: [{ name: 'a', type: 'string', value: 'm'.repeat(17_000) }] },
      112,
      'metadata',
    ],
  ];
  const words: Readonly<Record<number, string>> = {
    ...{ 110: 'body_parameter_missing', 111: 'body_parameter_invalid_type' },
    112: 'body_parameter_invalid_value',
  };
  for (const [body, code, details] of refused)
    expect([details, await call('POST', FACES, body)]).toEqual([
      details,
      wrong(code, words[code] as string, details),
    ]);
  for (const [fields, details] of [
    [{ maxEntities: 0 }, 'maxEntities'],
    [{ maxEntityNum: 1001 }, 'maxEntityNum'],
    [{ threshold: 1.1 }, 'threshold'],
  ] as const)
    expect(await call('POST', `${FACES}/search`, { image: { data }, ...fields })).toEqual(
      wrong(112, 'body_parameter_invalid_value', details),
    );
  for (const limit of ['0', '1001'])
    expect((await call('GET', `${FACES}?limit=${limit}`)).json.details).toBe('limit');
  // Five megabytes of base64 are too much; what is less is looked at.
  const sized = (length: number) =>
    call('POST', FACES, { image: { data: Buffer.alloc(length, 7).toString('base64') } });
  expect(await sized((5 * 2 ** 20 * 3) / 4)).toMatchObject({ status: 413, json: { code: 413 } });
  expect(await sized((5 * 2 ** 20 * 3) / 4 - 3)).toEqual(
    wrong(112, 'body_parameter_invalid_value', 'image.data'),
  );
  const open = await handle(new Request(`http://local${FACES}`));
  expect([open.status, (await open.json()).code]).toEqual([401, 401]);
  expect(await stored(nf)).toEqual(before);
});

test('several faces are found, the biggest first; one in a group is enrolled', async () => {
  const { width = 0, height = 0 } = await sharp(ann).metadata();
  const beside = await sharp(bob)
    .resize({ height: Math.round(0.6 * height) })
    .toBuffer();
  const both = await sharp(ann)
    .extend({ right: width, background: '#999' })
    .composite([{ input: beside, left: width, top: 0 }])
    .jpeg()
    .toBuffer();
  const image = imageOf(both, { returnDetails: { position: true } });
  const { json } = await call('POST', `${FACES}/detect`, { image });
  expect(json.count).toBe(2);
  const [first, second] = json.entities.map((entity: Json) => entity.details.position);
  expect(first.width * first.height).toBeGreaterThan(second.width * second.height);
  const { uuid } = await add(both);
  const known = await call('POST', `${FACES}/${uuid}/compare`, { image: imageOf(ann) });
  expect(known.json.similarityScore).toBeGreaterThan(0.95);
  const group = await readFile(join(photos, 'sample1.jpg'));
  expect((await call('POST', `${FACES}/detect`, { image: imageOf(group) })).status).toBe(200);
});
