/** Every route of every interface, as the document tells them, with everything that a request may lack. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import type { NearFace } from '../src/index.ts';
import type { RestHandler } from '../src/rest/index.ts';
import { photos } from './consumer.ts';
import { createRest, openNearFace, stored } from './rest-host.ts';

const BASE = 'http://localhost';
const KEY = 'faults-test-key';
const JSON_TYPE = 'application/json';

interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: Schema;
}
interface Operation {
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
/** A route of the document. */
interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly form: Schema | undefined;
  /** The same as JSON. */
  readonly body: Schema | undefined;
}

let nf: NearFace;
let handle: RestHandler;
let routes: readonly Route[];
let faceId: string;
let photo: Buffer<ArrayBuffer>;

/** An instance of which a few things are known, and what it serves. */
async function start(): Promise<void> {
  nf = await openNearFace();
  handle = await createRest(nf, { tokens: [{ key: KEY, inPath: true }] });
  photo = Buffer.from(await readFile(join(photos, 'sample1.jpg')));
  const gallery = await nf.galleries.get();
  await nf.galleries.create('staff');
  await nf.cameras.create({ id: 'door', meta: 'The door' });
  const { records } = await gallery.add(photo, {
    meta: 'Ann',
    id: '1000',
    galleries: ['staff'],
    cameraId: 'door',
    people: 'auto',
  });
  faceId = records[0]!.id;
  await nf.history.add({ timeMs: 1e12, faceId, cameraId: 'door' });
  const document = (await (await handle(new Request(`${BASE}/openapi.json`))).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => {
      const form = operation.requestBody?.content['multipart/form-data']?.schema;
      const body = operation.requestBody?.content[JSON_TYPE]?.schema;
      const name = `${method.toUpperCase()} ${path}`;
      return { name, method: method.toUpperCase(), path, operation, form, body };
    }),
  );
}
test.beforeAll(start);
test.afterAll(() => nf.dispose());

const store = (): Promise<unknown> => stored(nf);

const PARTS: Readonly<Record<string, string>> = {
  ...{ v: 'v1', v2: 'v0', gallery: 'staff', id: '1000', meta: 'Ann', subject: 'Ann', key: KEY },
  ...{ image_id: '1000', file: 'photo.jpeg', kind: 'photo' },
  ...{ start: '1', count: '5', limit: '5', threshold: '0.5' },
  ...{ uuid: '1000', app_id: 'app', db_id: 'staff', feature_id: '1000' },
};

/** Whether a picture, as text, is somewhere in it. */
const holdsPicture = (schema: Schema): boolean =>
  schema.contentEncoding === 'base64' ||
  (schema.items !== undefined && holdsPicture(schema.items)) ||
  Object.values(schema.properties ?? {}).some(holdsPicture);

/** A value that fits a schema: what an object must have, and pictures. */
function fitting(schema: Schema, picture: string): unknown {
  if (schema.contentEncoding === 'base64') return picture;
  if (schema.type === 'array')
    return Array.from({ length: schema.minItems ?? 1 }, () => fitting(schema.items ?? {}, picture));
  if (!schema.properties) return schema.type === 'integer' ? 1 : 'x';
  const needed = Object.entries(schema.properties).filter(
    ([name, each]) => schema.required?.includes(name) || holdsPicture(each),
  );
  return Object.fromEntries(
    needed.map(([name, each]) => [name, name === 'db_ids' ? ['staff'] : fitting(each, picture)]),
  );
}

const filled = (path: string, parts: Readonly<Record<string, string>> = PARTS): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? 'x'));

const isCompreFace = ({ operation }: Route): boolean => operation.tags[0] === 'CompreFace';
/** Its reasons are plain text. */
const isVectors = ({ operation }: Route): boolean => operation.tags[0] === 'FindFace (vectors, statistics)';
const isApi4Ai = ({ operation }: Route): boolean => operation.tags[0] === 'API4AI';
const isAnySee = ({ operation }: Route): boolean => operation.tags[0] === 'AnySee-style';
const isMercury = ({ operation }: Route): boolean => operation.tags[0] === 'Mercury-style (1:N databases)';
/** One picture that is wrong does not fail the others. */
const isBatch = ({ form }: Route): boolean => form?.properties?.['images']?.maxItems === 16;
const isDeepVa = ({ operation }: Route): boolean => operation.tags[0] === 'DeepVA-style jobs';

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>> | undefined;
  readonly text: string;
}

async function ask(
  { method, path }: Pick<Route, 'method' | 'path'>,
  init: RequestInit = {},
  query = '',
): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (!headers.has('x-api-key')) headers.set('x-api-key', KEY);
  if (!headers.has('Authorization')) headers.set('Authorization', `Token ${headers.get('x-api-key')}`);
  const response = await handle(new Request(`${BASE}${filled(path)}${query}`, { ...init, method, headers }));
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith(JSON_TYPE) ?? false;
  const isText = response.headers.get('content-type')?.startsWith('text/plain') ?? false;
  const isKnown = isJson || isText || text === '' || response.status < 300;
  // Each `expect` is a step of the report, which takes ten times as long as the call.
  if (!isKnown) throw new Error(`${method} ${path}: ${text.slice(0, 200)}`);
  return {
    status: response.status,
    json: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
    text,
  };
}

const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': JSON_TYPE },
});

/** What is written in JavaScript: who calls over HTTP has no use for it. */
const JAVASCRIPT = /\bnf\.|NearFace|options\.|\w\(\)|\{ \w+ ?[:,}]/;

/** Expects a refusal in the words of the route's interface. */
function expectRefused(route: Route, answer: Answer, status: number | readonly number[], what: string): void {
  const statuses = typeof status === 'number' ? [status] : status;
  const told = `${route.name}, ${what}: ${JSON.stringify(answer)}`;
  expect(statuses, told).toContain(answer.status);
  expect(answer.text, told).not.toMatch(JAVASCRIPT);
  if (isCompreFace(route))
    expect(answer.json, told).toEqual({ message: expect.any(String), code: expect.any(Number) });
  else if (isVectors(route)) expect(answer.text.length, told).toBeGreaterThan(10);
  else if (isApi4Ai(route))
    expect(answer.json, told).toEqual({
      results: [{ status: { code: 'failure', message: expect.any(String) }, entities: [] }],
    });
  else if (isAnySee(route))
    expect(answer.json, told).toEqual({
      ...{ code: expect.any(Number), message: expect.stringMatching(/^[a-z_]+$/) },
      details: expect.stringMatching(/./),
    });
  else if (isMercury(route))
    expect(answer.json, told).toEqual({
      results: [
        { code: expect.any(Number), message: expect.stringMatching(/./), internal_code: answer.status },
      ],
    });
  else if (isDeepVa(route))
    expect(answer.json, told).toEqual({ detail: expect.any(String), code: expect.any(String) });
  else expect(answer.json, told).toMatchObject({ code: expect.any(String), reason: expect.any(String) });
}

test('without a key, or with another one, nothing is told', async () => {
  const before = await store();
  const closed = routes.filter(
    ({ operation, path }) => operation.security.length > 0 && !path.includes('{key}'),
  );
  expect(closed.length).toBeGreaterThan(40);
  for (const route of closed) {
    const none = await handle(new Request(BASE + filled(route.path), { method: route.method }));
    expect([route.name, none.status]).toEqual([route.name, isCompreFace(route) ? 400 : 401]);
    const wrong = await ask(route, { headers: { 'x-api-key': 'another-key' } });
    expectRefused(route, wrong, isCompreFace(route) ? 404 : 401, 'wrong key');
    expect(wrong.text).not.toContain('another-key');
  }
  expect(await store()).toEqual(before);
});

test('bodies that are cut off, of another type, or too large change nothing', async () => {
  const before = await store();
  const withForm = routes.filter(({ form }) => form);
  expect(withForm.length).toBeGreaterThan(15);
  const large = new Blob([new Uint8Array(11e6)]);
  for (const route of withForm) {
    const type = { headers: { 'Content-Type': JSON_TYPE } };
    expectRefused(route, await ask(route, { body: '{"photo":"a"', ...type }), 400, 'JSON a byte short');
    expectRefused(
      route,
      await ask(route, { body: 'a', headers: { 'Content-Type': 'text/csv' } }),
      415,
      'type',
    );
    const form = new FormData();
    for (const name of route.form?.required ?? []) form.set(name, new Blob([photo]), 'a.jpg');
    form.set('meta', 'Bob');
    const whole = new Request(BASE, { method: 'POST', body: form });
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const headers = { 'Content-Type': whole.headers.get('content-type') as string };
    expectRefused(route, await ask(route, { body: bytes.slice(0, -20), headers }), 400, 'cut-off form');
    const files = Object.entries(route.form?.properties ?? {}).filter(
      ([, schema]) => schema.format === 'binary',
    );
    if (files.length === 0) {
      // Those of DeepVA's jobs are files of a list: its own spec sends them.
      if (!holdsPicture(route.body ?? {}) || isDeepVa(route)) continue;
      const answer = await ask(route, json(fitting(route.body ?? {}, 'A'.repeat(15e6))));
      if (isMercury(route) && isBatch(route))
        expect(answer.json, route.name).toMatchObject({ results: [{ code: 3, internal_code: 413 }] });
      else if (route.path === '/')
        expect(answer.json).toMatchObject({ responses: [{ error: { code: 'IMAGE_TOO_LARGE' } }] });
      else expectRefused(route, answer, 413, '11 MB');
      continue;
    }
    const heavy = new FormData();
    for (const [name] of files) heavy.set(name, large, 'a.jpg');
    expectRefused(route, await ask(route, { body: heavy }, '?subject=Bob'), 413, '11 MB');
  }
  expect(await store()).toEqual(before);
});

test('fields that are missing, or not what they should be, are named', async () => {
  const before = await store();
  for (const route of routes) {
    const required = route.form?.required ?? [];
    if (required.length > 0) expectRefused(route, await ask(route, json({})), 400, 'missing field');
    const inBody = Object.entries(route.form?.properties ?? {});
    const inQuery = route.operation.parameters.filter(({ in: place }) => place === 'query');
    const fields = [...inBody, ...inQuery.map(({ name, schema }) => [name, schema] as const)];
    for (const [name, schema] of fields) {
      const types = [schema.type].flat();
      const isOwn = isAnySee(route) || isMercury(route);
      const checked = ['integer', 'number', 'boolean', ...(isOwn ? ['object', 'array'] : [])];
      const isChecked = types.some((type) => checked.includes(type ?? '')) || schema.enum;
      // A field that is not read before something else that is missing.
      if (!isChecked || types.includes('null')) continue;
      const bodiless = route.method === 'GET' || route.method === 'DELETE';
      const whole = {
        ...(fitting(route.body ?? { properties: {} }, 'x'.repeat(80)) as object),
        ...(isOwn && { [name]: 'neither' }),
      };
      const init = bodiless ? {} : json(whole);
      const answer = await ask(route, init, `?${name}=neither&subject=Bob`);
      expectRefused(route, answer, 400, `wrong ${name}`);
      if (isAnySee(route)) expect([route.name, answer.json?.['details']]).toEqual([route.name, name]);
      else if (isDeepVa(route))
        expect([route.name, answer.json?.['detail']]).toEqual([route.name, expect.stringContaining(name)]);
      else if (!isCompreFace(route) && !isVectors(route) && !isApi4Ai(route) && !isMercury(route))
        expect([route.name, answer.json]).toEqual([
          route.name,
          expect.objectContaining({ code: 'BAD_PARAM', param: name }),
        ]);
    }
  }
  expect(await store()).toEqual(before);
});

test('ids that stand for nothing are 404', async () => {
  const before = await store();
  const base64 = photo.toString('base64');
  const unknown: readonly [string, string, object | undefined][] = [
    ['GET', '/v1/face/id/999', undefined],
    ['PUT', '/v0/face/id/999', { meta: 'Bob' }],
    ['DELETE', '/v1/face/id/999', undefined],
    ['GET', '/v1/faces/gallery/nowhere', undefined],
    ['GET', '/v1/face/gallery/nowhere/meta/Ann', undefined],
    ['GET', '/v1/meta/gallery/nowhere', undefined],
    ['POST', '/v0/faces/gallery/nowhere/identify', { photo: base64 }],
    ['DELETE', '/v1/galleries/nowhere', undefined],
    ['GET', '/v1/camera/nowhere', undefined],
    ['PUT', '/v1/camera/nowhere', { meta: 'x' }],
    ['DELETE', '/v1/camera/nowhere', undefined],
    ['GET', '/v1/person/id/999', undefined],
    ['GET', '/uploads/999/photo.jpeg', undefined],
    ['GET', '/uploads/1000/other.jpeg', undefined],
    ['GET', '/uploads/sightings/nothing/photo', undefined],
    ['DELETE', '/api/v1/recognition/faces/nothing', undefined],
    ['POST', '/api/v1/recognition/faces/nothing/verify', { file: base64 }],
    ['POST', '/api/v1/recognition/embeddings/faces/nothing/verify', { embeddings: [[1]] }],
    ['PUT', '/api/v1/recognition/subjects/Nobody', { subject: 'Bob' }],
    ['DELETE', '/api/v1/recognition/subjects/Nobody', undefined],
    ['GET', '/v1/staff/get/999', undefined],
    ['GET', '/v1/nowhere/get/1000', undefined],
    ['DELETE', '/v1/nowhere/del/1000', undefined],
    ['GET', '/v1/nowhere/list/1/5', undefined],
    ['GET', '/stat/info/nowhere', undefined],
    ['GET', '/api/v1/entities/faces/nothing', undefined],
    ['PATCH', '/api/v1/entities/faces/nothing', { key: 'Bob', collection: 'new' }],
    ['DELETE', '/api/v1/entities/faces/nothing', undefined],
    ['POST', '/api/v1/entities/faces/nothing/compare', { image: { data: base64 } }],
    ['DELETE', '/openapi/face/v1/app/databases/nowhere', undefined],
    ['DELETE', '/openapi/face/v1/app/databases/no%20name', undefined],
    ['POST', '/openapi/face/v1/app/databases/nowhere/features', { images: [{ data: base64 }] }],
    ['DELETE', '/openapi/face/v1/app/databases/nowhere/features/1000', undefined],
    ['DELETE', '/openapi/face/v1/app/databases/staff/features/nothing', undefined],
    ['GET', '/api/v1/jobs/nothing/', undefined],
    ['DELETE', '/api/v2/jobs/nothing/', undefined],
    ['GET', '/jobs/nothing/detailed-results/', undefined],
  ];
  for (const [method, path, body] of unknown) {
    const answer = await ask({ method, path }, body ? json(body) : {});
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.text).not.toMatch(JAVASCRIPT);
  }
  const empty = await ask({ method: 'GET', path: '/v1/face/meta/Nobody' });
  expect(empty.json).toEqual({ results: [], next_page: null, prev_page: null });
  expect(await store()).toEqual(before);
});

const RUNS = Number(process.env['REST_RUNS'] ?? 1000);
/** Before an instance, and all that it came to keep, makes way for another. */
const RUNS_OF_ONE = 4000;

test('any bytes as a body of any route are answered', async () => {
  test.setTimeout(120_000 + 60 * RUNS);
  const STATUSES = [200, 201, 204, 400, 401, 404, 405, 409, 413, 415, 507];
  const types = [
    '',
    JSON_TYPE,
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'text/csv',
  ];
  const names = [...new Set(routes.flatMap(({ form }) => Object.keys(form?.properties ?? {})))];
  const named = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string(), fc.integer()),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    named.map((fields) => new TextEncoder().encode(JSON.stringify(fields))),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  const query = named.map((fields) =>
    new URLSearchParams(
      Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]),
    ).toString(),
  );
  const answered = (): ReturnType<typeof fc.asyncProperty> =>
    fc.asyncProperty(
      fc.constantFrom(...routes),
      fc.constantFrom(...types),
      bytes,
      query,
      async (route, type, body, search) => {
        const bodiless = route.method === 'GET';
        const headers = type === '' ? {} : { 'Content-Type': type };
        const init = bodiless ? {} : { body: body, headers };
        const { status } = await ask(route, init, `?${search}`);
        if (!STATUSES.includes(status)) throw new Error(`${route.name}: ${status}`);
      },
    );
  for (let done = 0; done < RUNS; done += RUNS_OF_ONE) {
    if (done > 0) {
      // What the calls have made is listed by others, again and again.
      await nf.dispose();
      await start();
    }
    await fc.assert(answered(), { numRuns: Math.min(RUNS_OF_ONE, RUNS - done) });
  }
});
