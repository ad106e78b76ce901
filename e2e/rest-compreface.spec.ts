import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as sdk from '@exadel/compreface-js-sdk';
import { expect, test } from '@playwright/test';
import { photos } from './consumer.ts';
import { openRest, type RestSetting } from './rest-host.ts';

const KEY = '00000000-0000-0000-0000-000000000002';
const STAFF = '00000000-0000-0000-0000-000000000003';
const several = join(photos, 'sample1.jpg');

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;
type Ask = (...args: readonly unknown[]) => Promise<Json>;

/** The client's services; its own types know some of its calls alone, and want options that it does not. */
interface Client {
  initFaceRecognitionService(key: string): {
    readonly recognize: Ask;
    getFaceCollection(): Readonly<
      Record<
        'add' | 'list' | 'verify' | 'delete' | 'delete_multiple_images' | 'delete_all_subject' | 'delete_all',
        Ask
      >
    >;
    getSubjects(): Readonly<Record<'add' | 'list' | 'rename' | 'delete' | 'deleteAll', Ask>>;
  };
  initFaceDetectionService(key: string): { readonly detect: Ask };
  initFaceVerificationService(key: string): { readonly verify: Ask };
}
const { CompreFace } = sdk as unknown as {
  readonly CompreFace: new (server: string, port: number, options: object) => Client;
};

let { nf, host, end } = {} as RestSetting;
let [ann, bob] = [] as unknown as RestSetting['files'];

test.beforeAll(async () => {
  const tokens = [
    { key: KEY, inPath: true },
    { key: STAFF, gallery: 'staff' },
  ];
  ({
    nf,
    host,
    end,
    files: [ann, bob],
  } = await openRest({ tokens }));
});
test.afterAll(() => end());
test.beforeEach(async () => {
  const gallery = await nf.galleries.get();
  const { records } = await gallery.list({ limit: 1000 });
  await gallery.delete(records.map(({ id }) => id));
  // The client says more than its answers.
  console.log = () => undefined;
});

const client = (): Client => new CompreFace('http://127.0.0.1', host.port, { det_prob_threshold: 0.5 });

test('the client of CompreFace, unchanged, adds, recognises, lists and deletes', async () => {
  const recognition = client().initFaceRecognitionService(KEY);
  // The client writes names into addresses as they are given.
  const added = await recognition.getFaceCollection().add(ann, encodeURIComponent('Ann Émile'), {});
  expect(added).toEqual({ image_id: expect.stringMatching(/^[0-9a-f-]{36}$/), subject: 'Ann Émile' });
  const base64 = (await readFile(bob)).toString('base64');
  const second = await recognition.getFaceCollection().add(base64, 'Bob', { det_prob_threshold: 0.5 });
  expect(second.subject).toBe('Bob');

  const { result } = await recognition.recognize(ann, {
    ...{
      limit: 0,
      prediction_count: 2,
      face_plugins: 'age,gender,landmarks,mask,calculator,pose',
      status: 'true',
    },
  });
  const [face] = result;
  expect(face.subjects.map(({ subject }: { subject: string }) => subject)).toEqual(['Ann Émile', 'Bob']);
  expect(face.subjects[0].similarity).toBeGreaterThan(0.99);
  expect(face.subjects[1].similarity).toBeLessThan(0.75);
  expect(face.box).toEqual({
    probability: expect.any(Number),
    ...{
      x_min: expect.any(Number),
      y_min: expect.any(Number),
      x_max: expect.any(Number),
      y_max: expect.any(Number),
    },
  });
  expect(face.landmarks).toHaveLength(5);
  expect(face.embedding).toHaveLength(nf.info.embedding.dimension);
  expect(face.gender.value).toMatch(/^(fe)?male$/);
  expect(face.age.high).toBeGreaterThanOrEqual(face.age.low);
  expect(face.mask.value).toBe('without_mask');
  expect(Object.keys(face.pose).sort()).toEqual(['pitch', 'roll', 'yaw']);
  expect(face.execution_time.detector).toBeGreaterThan(0);

  const verified = await recognition.getFaceCollection().verify(ann, added.image_id, { limit: 0 });
  expect(verified.result[0].similarity).toBeGreaterThan(0.99);

  const list = await recognition.getFaceCollection().list();
  expect(list).toMatchObject({ page_number: 0, page_size: 20, total_pages: 1, total_elements: 2 });
  expect(list.faces).toContainEqual(added);

  expect(await recognition.getFaceCollection().delete(added.image_id)).toEqual(added);
  expect(
    await recognition.getFaceCollection().delete_multiple_images([second.image_id, added.image_id]),
  ).toEqual([second]);
  expect((await recognition.getFaceCollection().list()).total_elements).toBe(0);
  await recognition.getFaceCollection().add(ann, 'Ann', {});
  expect(await recognition.getFaceCollection().delete_all_subject('Ann')).toEqual({ deleted: 1 });
  expect(await recognition.getFaceCollection().delete_all()).toEqual({ deleted: 0 });
});

test('subjects are added, renamed and deleted by it', async () => {
  const recognition = client().initFaceRecognitionService(KEY);
  const subjects = () => recognition.getSubjects();
  expect(await subjects().add('Carl')).toEqual({ subject: 'Carl' });
  await recognition.getFaceCollection().add(ann, 'Ann', {});
  await recognition.getFaceCollection().add(bob, 'Bob', {});
  expect(await subjects().list()).toEqual({ subjects: ['Ann', 'Bob', 'Carl'] });
  expect(await subjects().rename('Bob', 'Ann')).toEqual({ updated: true });
  expect(await subjects().rename('Carl', 'Charles')).toEqual({ updated: true });
  expect(await subjects().list()).toEqual({ subjects: ['Ann', 'Charles'] });
  expect((await (await nf.galleries.get()).list({ meta: 'Ann' })).records).toHaveLength(2);
  await expect(subjects().add('Ann')).rejects.toMatchObject({
    response: { status: 400, data: { code: 43 } },
  });
  await expect(subjects().delete('Nobody')).rejects.toMatchObject({
    response: { status: 404, data: { code: 42 } },
  });
  expect(await subjects().delete('Ann')).toEqual({ subject: 'Ann' });
  expect(await subjects().deleteAll()).toEqual({ deleted: 1 });
  expect(await (await nf.galleries.get()).count()).toBe(0);
});

test('it detects and verifies', async () => {
  const detection = client().initFaceDetectionService(KEY);
  const found = await detection.detect(ann, { limit: 1, face_plugins: 'landmarks2d106' });
  expect(found.result).toHaveLength(1);
  expect(found.result[0].landmarks2d106).toHaveLength(106);
  expect(found.result[0]).not.toHaveProperty('embedding');
  const verification = client().initFaceVerificationService(KEY);
  const same = await verification.verify(ann, ann, {});
  expect(same.result[0].source_image_face.box.x_max).toBeGreaterThan(0);
  expect(same.result[0].face_matches[0].similarity).toBeGreaterThan(0.99);
  const other = await verification.verify(ann, bob, {});
  expect(other.result[0].face_matches[0].similarity).toBeLessThan(0.75);
});

/** A call without the client. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  key: string = KEY,
): Promise<{ status: number; json: Json }> {
  const response = await fetch(`${host.url}/api/v1${path}`, {
    method,
    headers: { 'x-api-key': key, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

test('a crop is recognised as it is', async () => {
  const gallery = await nf.galleries.get();
  await gallery.add(ann, { meta: 'Ann' });
  const [face] = (await nf.embed(ann, { returnDetails: { crop: { type: 'image/png' } } })).faces;
  const file = Buffer.from(await face!.crop!.file!.arrayBuffer()).toString('base64');
  const { json } = await call('POST', '/recognition/recognize?detect_faces=false', { file });
  const side = face!.crop!.width;
  expect(json.result[0].box).toEqual({ probability: 1, x_min: 0, y_min: 0, x_max: side, y_max: side });
  expect(json.result[0].subjects[0]).toMatchObject({ subject: 'Ann' });
  expect(json.result[0].subjects[0].similarity).toBeGreaterThan(0.9);
});

test('embeddings stand for pictures', async () => {
  const gallery = await nf.galleries.get();
  const [record] = (await gallery.add(ann, { meta: 'Ann' })).records;
  const embeddingOf = async (file: string): Promise<number[]> => [
    ...(await nf.embed(file)).faces[0]!.embedding!,
  ];
  const embeddings = [await embeddingOf(ann), await embeddingOf(bob)];
  // Nothing tells how far a bare embedding can be trusted, so that a face is less surely like itself.
  const known = await call('POST', '/recognition/embeddings/recognize?prediction_count=1', { embeddings });
  expect(known.json.result.map((each: Json) => each.similarities[0].subject)).toEqual(['Ann', 'Ann']);
  expect(known.json.result[0].embedding).toHaveLength(embeddings[0]!.length);
  expect(known.json.result[0].similarities[0].similarity).toBeGreaterThan(0.9);
  const example = await call('POST', `/recognition/embeddings/faces/${record!.id}/verify`, { embeddings });
  const pair = await call('POST', '/verification/embeddings/verify', {
    source: embeddings[0],
    targets: embeddings,
  });
  for (const { status, json } of [example, pair]) {
    expect(status).toBe(200);
    expect(json.result[0].similarity).toBeGreaterThan(0.9);
    expect(json.result[1].similarity).toBeLessThan(0.75);
  }
  const short = await call('POST', '/verification/embeddings/verify', {
    source: [1, 2],
    targets: embeddings,
  });
  expect(short).toMatchObject({
    status: 400,
    json: { code: expect.any(Number), message: expect.any(String) },
  });
});

test('keys open their own collections, and pictures where they are for paths', async () => {
  const file = (await readFile(ann)).toString('base64');
  const added = await call('POST', '/recognition/faces?subject=Ann', { file }, STAFF);
  expect(added.status).toBe(201);
  expect((await call('GET', '/recognition/subjects', undefined, STAFF)).json).toEqual({ subjects: ['Ann'] });
  expect((await call('GET', '/recognition/subjects')).json).toEqual({ subjects: [] });
  const mine = await call('POST', '/recognition/faces?subject=Me', { file });
  const picture = await fetch(`${host.url}/api/v1/static/${KEY}/images/${mine.json.image_id}`);
  expect(picture.headers.get('content-type')).toBe('image/jpeg');
  expect(Buffer.from(await picture.arrayBuffer()).equals(await readFile(ann))).toBe(true);
  const closed = await fetch(`${host.url}/api/v1/static/${STAFF}/images/${added.json.image_id}`);
  expect(closed.status).toBe(404);
  const none = await fetch(`${host.url}/api/v1/static/${KEY}/images/nothing`);
  expect([none.status, (await none.arrayBuffer()).byteLength]).toEqual([200, 0]);
});

test('examples are listed page by page', async () => {
  const gallery = await nf.galleries.get();
  const embedding = (await nf.embed(ann)).faces[0]!.embedding!;
  for (let i = 0; i < 5; i++) await gallery.addEmbedding(embedding, { meta: i < 3 ? 'Ann' : 'Bob' });
  const pages = [];
  for (let page = 0; page < 3; page++)
    pages.push((await call('GET', `/recognition/faces?page=${page}&size=2`)).json);
  expect(pages.map(({ faces }) => faces.length)).toEqual([2, 2, 1]);
  expect(new Set(pages.flatMap(({ faces }) => faces.map((face: Json) => face.image_id))).size).toBe(5);
  expect(pages[2]).toMatchObject({ page_number: 2, page_size: 2, total_pages: 3, total_elements: 5 });
  const hers = (await call('GET', '/recognition/faces?subject=Ann')).json;
  expect([hers.faces.length, hers.total_elements]).toEqual([3, 3]);
});

test('what is wrong is told by its numbers', async () => {
  const file = (await readFile(ann)).toString('base64');
  const group = (await readFile(several)).toString('base64');
  const white =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const wrong: [string, string, unknown, number, number][] = [
    ['POST', '/recognition/recognize', {}, 400, 34],
    ['POST', '/recognition/faces', { file }, 400, 33],
    ['POST', '/recognition/recognize?limit=-1', { file }, 400, 26],
    ['POST', '/recognition/recognize?prediction_count=0', { file }, 400, 26],
    ['POST', '/recognition/recognize?face_plugins=age,unknown', { file }, 400, 26],
    ['POST', '/recognition/recognize?det_prob_threshold=high', { file }, 400, 36],
    ['POST', '/recognition/recognize', { file: white }, 400, 28],
    ['POST', '/recognition/faces?subject=Ann', { file: group }, 400, 31],
    ['POST', '/recognition/recognize', { file: 'R0lGODlhAQABAAAAACwAAAAAAQ' }, 400, 21],
    ['DELETE', '/recognition/faces/nothing', undefined, 404, 44],
    ['POST', '/recognition/faces/nothing/verify', { file }, 404, 44],
    ['PUT', '/recognition/subjects/Nobody', { subject: 'Ann' }, 404, 42],
  ];
  for (const [method, path, body, status, code] of wrong)
    expect([path, await call(method, path, body)]).toEqual([
      path,
      { status, json: { code, message: expect.any(String) } },
    ]);
  expect((await call('GET', '/recognition/subjects', undefined, 'wrong-key')).json.code).toBe(10);
  const bare = await fetch(`${host.url}/api/v1/recognition/subjects`);
  expect([bare.status, await bare.json()]).toEqual([400, { message: 'Missing header: x-api-key', code: 20 }]);
  expect(await (await nf.galleries.get()).count()).toBe(0);
});
