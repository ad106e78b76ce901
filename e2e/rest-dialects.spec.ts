import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { photos } from './consumer.ts';
import { createRest, openRest, type RestSetting } from './rest-host.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const KEY = 'a-key-for-these-tests';
const several = join(photos, 'sample1.jpg');

let { nf, handle, end } = {} as RestSetting;
let [ann, bob] = [] as unknown as RestSetting['photos'];

test.beforeAll(async () => {
  const tokens = [{ key: KEY, inPath: true }];
  ({
    nf,
    handle,
    end,
    photos: [ann, bob],
  } = await openRest({ tokens }, { keep: 'none' }));
});
test.afterAll(() => end());

/** What a call answers; its key stands in the path, as these interfaces send none. */
async function call(
  method: string,
  path: string,
  body?: BodyInit,
  type?: string,
): Promise<{
  readonly status: number;
  readonly json: Json;
  readonly text: string;
  readonly headers: Headers;
}> {
  const request = new Request(`http://local/t/${KEY}${path}`, {
    method,
    ...(body !== undefined && { body }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
  const response = await handle(request);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return {
    status: response.status,
    json: isJson ? JSON.parse(text) : undefined,
    text,
    headers: response.headers,
  };
}

const asJson = (value: unknown): [BodyInit, string] => [JSON.stringify(value), 'application/json'];
const dotOf = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const bytesOf = (vector: Float32Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new Float32Array(vector).buffer);
function vectorOf(facen: string): Float32Array {
  const bytes = Buffer.from(facen, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
const embeddingOf = async (photo: Buffer<ArrayBuffer>): Promise<Float32Array> =>
  (await nf.embed(photo, { mode: 'accurate' })).faces[0]!.embedding!;

test.describe('extraction', () => {
  const extract = (requests: unknown) => call('POST', '/', ...asJson({ requests }));

  test('all that is asked for, in the documented form, and nothing else', async () => {
    const image = ann.toString('base64');
    const all = ['facen', 'gender', 'emotions', 'age', 'normalized'];
    const asked = Object.fromEntries(all.map((name) => [`need_${name}`, true]));
    const { status, json } = await extract([
      { image, ...asked },
      { image, detector: 'legacy' },
    ]);
    expect(status).toBe(200);
    const [{ faces }, plain] = json.responses;
    expect(plain.faces.map(Object.keys)).toEqual([['bbox', 'detection_score']]);
    const [face] = faces;
    expect(Object.keys(face).sort()).toEqual(['bbox', 'detection_score', ...all].sort());
    const { position } = (await nf.detect(ann)).faces[0]!;
    expect(face.bbox).toEqual({
      left: Math.round(position.left),
      top: Math.round(position.top),
      right: Math.round(position.left + position.width),
      bottom: Math.round(position.top + position.height),
    });
    expect(face.detection_score).toBeLessThanOrEqual(0);
    expect(face.facen).toHaveLength(1024);
    expect(dotOf(vectorOf(face.facen), await embeddingOf(ann))).toBeGreaterThan(0.9999);
    expect(face.gender).toEqual({ gender: expect.stringMatching(/^(FE)?MALE$/), score: expect.any(Number) });
    expect(face.age).toEqual(expect.any(Number));
    expect(face.emotions.map(({ emotion }: Json) => emotion).sort()).toEqual(
      ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'].sort(),
    );
    const scores = face.emotions.map(({ score }: Json) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));

    // A normalized face goes in again.
    const again = await extract([
      { image: face.normalized, detector: 'prenormalized', need_facen: true, need_age: true },
    ]);
    const [normalized] = again.json.responses[0].faces;
    expect(normalized.bbox).toEqual({ left: 0, top: 0, right: 112, bottom: 112 });
    expect(dotOf(vectorOf(normalized.facen), vectorOf(face.facen))).toBeGreaterThan(0.995);
    expect(Math.abs(normalized.age - face.age)).toBeLessThan(10);
  });

  test('parts of a form, a region, quarter turns; scores of the detector', async () => {
    const form = new FormData();
    form.set('sample', new Blob([await readFile(several)]), 'sample.jpg');
    const whole = await nf.detect(await readFile(several), { minFaceSize: 50 });
    const [first] = whole.faces;
    const { left, top, width, height } = first!.position;
    const roi = { left: left + 5, top: top + 5, right: left + width - 5, bottom: top + height - 5 };
    const image = 'multipart:sample';
    const requests = [
      { image },
      { image, roi },
      { image, auto_rotate: true },
      { image, roi: { ...roi, left: -9e3, right: -8e3 } },
    ];
    form.set('request', JSON.stringify({ requests }));
    const { status, json } = await call('POST', '/', form);
    expect(status).toBe(200);
    expect(json.responses.map(({ faces }: Json) => faces.length)).toEqual([3, 1, 3, 0]);
    expect(Math.abs(json.responses[1].faces[0].bbox.left - left)).toBeLessThan(15);

    const plain = await createRest(nf, { tokens: 'none', qualityEstimator: false });
    const body = new FormData();
    body.set('photo', new Blob([ann]));
    const request = JSON.stringify({ requests: [{ image: 'multipart:photo' }] });
    // Some clients send this part as a file.
    body.set('request', new Blob([request], { type: 'application/json' }), 'request.json');
    const answer: Json = await (await plain(new Request('http://local/', { method: 'POST', body }))).json();
    const { detection_score: score } = answer.responses[0].faces[0];
    expect(score).toBeGreaterThan(0.5);
    expect(score).toBeLessThanOrEqual(1);
  });

  test('one bad request does not fail the others', async () => {
    const image = ann.toString('base64');
    const bad: readonly [unknown, string][] = [
      [
        {
          image: Buffer.from('no picture, whoever looks at it, and long enough to be one').toString('base64'),
        },
        'IMAGE_DECODING_FAILED',
      ],
      [{ image: ann.subarray(0, 900).toString('base64') }, 'IMAGE_DECODING_FAILED'],
      [{ image: 'multipart:none' }, 'BAD_PARAM'],
      [{ image: '/etc/passwd' }, 'BAD_PARAM'],
      [{}, 'BAD_PARAM'],
      ['text', 'BAD_PARAM'],
      [{ image, detector: 'best' }, 'BAD_PARAM'],
      [{ image, need_facen: 'perhaps' }, 'BAD_PARAM'],
      [{ image, detector: 'legacy', auto_rotate: true }, 'BAD_PARAM'],
      [{ image, roi: { left: 5, right: 1, top: 0, bottom: 9 } }, 'BAD_PARAM'],
      [{ image, roi: 'all' }, 'BAD_PARAM'],
      // No crop is of this form.
      [{ image: (await readFile(several)).toString('base64'), detector: 'prenormalized' }, 'BAD_PARAM'],
    ];
    const { status, json } = await extract([...bad.map(([request]) => request), { image }]);
    expect(status).toBe(200);
    expect(json.responses.slice(0, -1)).toEqual(
      bad.map(([, code]) => ({ faces: [], error: { code, desc: expect.any(String) } })),
    );
    expect(json.responses.at(-1).faces).toHaveLength(1);
  });

  test('what is no call is refused with its status', async () => {
    const refused = async (...given: Parameters<typeof call>): Promise<unknown> => {
      const { status, json } = await call(...given);
      return [status, json.code, json.param];
    };
    expect(await refused('POST', '/', '{"requests":[', 'application/json')).toEqual([
      400,
      'MALFORMED_JSON',
      undefined,
    ]);
    expect(await refused('POST', '/', 'requests', 'text/plain')).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      undefined,
    ]);
    const wrong = [{}, { requests: {} }, { requests: [] }, { requests: Array(65).fill({ image: 'a' }) }];
    for (const body of wrong)
      expect(await refused('POST', '/', ...asJson(body))).toEqual([400, 'BAD_PARAM', 'requests']);
    const form = new FormData();
    form.set('request', '{"requests":');
    expect(await refused('POST', '/', form)).toEqual([400, 'MALFORMED_JSON', undefined]);
    const cut = new Blob(['--x\r\nContent-Disposition: form-data; name="request"\r\n\r\n{"requests"']);
    expect(await refused('POST', '/', cut, 'multipart/form-data; boundary=x')).toEqual([
      400,
      'BAD_PARAM',
      'body',
    ]);
    expect((await call('PUT', '/')).status).toBe(405);
    const open = await handle(new Request('http://local/', { method: 'POST', body: '{}' }));
    expect([open.status, open.headers.has('www-authenticate')]).toEqual([401, true]);
  });
});

test.describe('vectors and statistics', () => {
  test('embeddings are added, found, listed and taken out', async () => {
    await nf.galleries.create('shard');
    await nf.galleries.create('other');
    const [a, b] = [await embeddingOf(ann), await embeddingOf(bob)];
    const add = (gallery: string, id: number, v: Float32Array) =>
      // As curl's --data-binary says it.
      call('POST', `/v1/${gallery}/add/${id}`, bytesOf(v), 'application/x-www-form-urlencoded');
    expect(await add('shard', 9000, a)).toMatchObject({ status: 200, text: '' });
    expect((await add('shard', 70, b)).status).toBe(200);
    // Twice as long is the same direction.
    expect(
      (
        await add(
          'shard',
          800,
          b.map((x) => 2 * x),
        )
      ).status,
    ).toBe(200);

    const got = await call('GET', '/v1/shard/get/9000');
    expect(got).toMatchObject({ status: 200, json: { id: 9000, facen: expect.any(String) } });
    expect(dotOf(vectorOf(got.json.facen), a)).toBeCloseTo(1, 5);
    const scaled = vectorOf((await call('GET', '/v2/shard/get/800')).json.facen);
    expect(dotOf(scaled, scaled)).toBeCloseTo(1, 5);

    for (const query of ['', '?linear_search=1']) {
      const found = await call('POST', `/v1/shard/search/10/0.75${query}`, bytesOf(a));
      expect(found.headers.get('x-search-stat')).toBe('without_index');
      expect(found.json).toEqual([{ conf: expect.any(Number), id: 9000 }]);
      expect(found.json[0].conf).toBeGreaterThan(0.9);
    }
    const all = (await call('POST', '/v1/shard/search/10/0', bytesOf(b))).json;
    expect(all.map(({ id }: Json) => id).toSorted()).toEqual([70, 800, 9000]);
    expect(all.map(({ conf }: Json) => conf)).toEqual(
      all.map(({ conf }: Json) => conf).toSorted((x: number, y: number) => y - x),
    );
    expect((await call('POST', '/v1/shard/search/1/0', bytesOf(b))).json).toHaveLength(1);

    // By rising number, whatever the order in which they were added.
    const page = (await call('GET', '/v1/shard/list/0/2')).json;
    expect(page).toEqual({
      faces: [70, 800].map((id) => ({ id, space: 'linear', facen: expect.any(String) })),
      next: 9000,
    });
    const last = (await call('GET', `/v1/shard/list/${page.next}/2`)).json;
    expect(last).toEqual({ faces: [expect.objectContaining({ id: 9000 })] });
    expect((await call('GET', '/v1/shard/list/9001/2')).json).toEqual({ faces: [] });

    // The same embedding joins another gallery; another one of the same number does not.
    expect((await add('other', 9000, b)).status).toBe(409);
    expect((await add('other', 9000, a)).status).toBe(200);
    expect((await add('other', 9000, a)).status).toBe(409);
    expect((await nf.faces.get('9000')).galleries.toSorted()).toEqual(['other', 'shard']);
    expect((await call('GET', '/v1/5f3e5f3e5f3e5f3e5f3e5f3e_other/get/9000')).status).toBe(200);

    expect(await call('DELETE', '/v1/shard/del/9000')).toMatchObject({ status: 200, text: '' });
    expect((await call('GET', '/v1/shard/get/9000')).status).toBe(404);
    expect((await call('GET', '/v1/other/get/9000')).status).toBe(200);

    const list = (await call('GET', '/stat/list/1/10')).json;
    const none = { cnt_preindex: 0, cnt_indexed: 0 };
    expect(list).toEqual({
      galleries: [
        { id: 1, name: 'default', cnt_linear: 0, ...none },
        { id: 2, name: 'other', cnt_linear: 1, ...none },
        { id: 3, name: 'shard', cnt_linear: 2, ...none },
      ],
      total: 3,
    });
    expect((await call('GET', '/stat/list/2/1')).json).toEqual({ galleries: [list.galleries[1]], total: 3 });
    expect((await call('GET', '/stat/info/shard')).json).toEqual({
      ...list.galleries[2],
      ...{ cnt_preindex_deleted: 0, cnt_indexed_deleted: 0 },
      ...{ index_file: 'none', index_loaded: false, cptr: 0 },
    });
  });

  test('a face that has no number of its own has that of the store', async () => {
    const gallery = await nf.galleries.create('named');
    const record = await gallery.addEmbedding(await embeddingOf(bob), { id: 'bob' });
    expect((await call('GET', `/v1/named/get/${record.number}`)).json.id).toBe(record.number);
    expect((await call('GET', '/v1/named/list/0/5')).json.faces.map(({ id }: Json) => id)).toEqual([
      record.number,
    ]);
    // As the list reads them: at once, without those that are gone, or of another model by now.
    const [gone, other] = [
      { ...record, id: 'gone', number: 1e6 },
      { ...record, id: 'other', modelId: 'x' },
    ];
    const embeddings = await nf.faces.embeddings([record, gone, other]);
    expect([...embeddings]).toEqual([['bob', await gallery.embedding('bob')]]);
    for (const [wrong, param] of [
      ['bob', 'records'],
      [[null], 'records[0]'],
      [[{ ...record, number: 0.5 }], 'records[0].number'],
    ] as const)
      await expect(nf.faces.embeddings(wrong as never)).rejects.toMatchObject({
        ...{ code: 'BAD_PARAM', details: { param } },
      });
    expect((await call('DELETE', `/v1/named/del/${record.number}`)).status).toBe(200);
    expect(await gallery.count()).toBe(0);
  });

  test('what is wrong is told as plain text, and nothing is stored', async () => {
    const gallery = await nf.galleries.create('strict');
    const a = await embeddingOf(ann);
    const refused = async (method: string, path: string, body?: BodyInit): Promise<number> => {
      const { status, headers, text } = await call(method, path, body);
      expect(headers.get('content-type'), `${method} ${path}`).toBe('text/plain; charset=UTF-8');
      expect(text.length).toBeGreaterThan(10);
      return status;
    };
    const bad = new Float32Array(a.length).fill(Number.NaN);
    expect(await refused('POST', '/v1/strict/add/5', bytesOf(a).subarray(1))).toBe(400);
    expect(await refused('POST', '/v1/strict/add/5', bytesOf(bad))).toBe(400);
    expect(await refused('POST', '/v1/strict/add/5', new Uint8Array(4 * a.length))).toBe(400);
    expect(await refused('POST', '/v1/strict/add/5')).toBe(400);
    for (const id of ['x', '-1', '1.5', '9007199254740992'])
      expect(await refused('POST', `/v1/strict/add/${id}`, bytesOf(a)), id).toBe(400);
    for (const name of ['nowhere', 'no.name', '5f3e5f3e5f3e5f3e5f3e5f3e_nowhere']) {
      expect(await refused('POST', `/v1/${name}/add/5`, bytesOf(a)), name).toBe(404);
      expect(await refused('GET', `/stat/info/${name}`), name).toBe(404);
    }
    for (const path of ['search/0/0.5', 'search/1001/0.5', 'search/1/2', 'search/1/medium'])
      expect(await refused('POST', `/v1/strict/${path}`, bytesOf(a)), path).toBe(400);
    expect(await refused('POST', '/v1/strict/search/1/0.5', 'abc')).toBe(400);
    expect(await refused('POST', '/v1/strict/search/1/0.5?linear_search=maybe', bytesOf(a))).toBe(400);
    for (const path of ['list/-1/5', 'list/0/0', 'list/0/1001'])
      expect(await refused('GET', `/v1/strict/${path}`), path).toBe(400);
    expect(await refused('GET', '/v1/strict/get/5')).toBe(404);
    expect(await refused('DELETE', '/v1/strict/del/5')).toBe(404);
    expect(await refused('GET', '/stat/list/0/5')).toBe(400);
    expect(await refused('PUT', '/v1/strict/get/5')).toBe(405);
    const closed = await handle(new Request('http://local/stat/list/1/5'));
    expect(closed.status).toBe(401);
    expect(await gallery.count()).toBe(0);
  });
});

test.describe('API4AI', () => {
  const send = (query: string, form: FormData, headers: Record<string, string> = { 'X-API-KEY': KEY }) =>
    handle(
      new Request(`http://local/face-analyzer/v1/results${query}`, { method: 'POST', body: form, headers }),
    );
  const formOf = (photo: Uint8Array<ArrayBuffer>, name = 'ann.jpg'): FormData => {
    const form = new FormData();
    form.set('image', new Blob([photo]), name);
    return form;
  };

  test('its verification script: the vectors of two photos, by their place', async () => {
    // Source: API4AI's documentation, face verification by the embeddings of two photos.
    const vector = async (photo: Buffer<ArrayBuffer>): Promise<number[]> => {
      const answer = await send('?embeddings=True', formOf(photo));
      const { results }: Json = await answer.json();
      expect([answer.status, results[0].status]).toEqual([200, { code: 'ok', message: 'Success' }]);
      return results[0].entities[0].objects[0].entities[2].vector as number[];
    };
    const similarity = (a: number[], b: number[]): number => {
      const distance = Math.hypot(...a.map((x, i) => x - b[i]!));
      return Math.exp((distance ** 7 * Math.log(0.5)) / 1.23 ** 7);
    };
    const [first, second] = [await vector(ann), await vector(bob)];
    expect(first).toHaveLength(nf.info.embedding.dimension);
    expect(similarity(first, await vector(ann))).toBeGreaterThanOrEqual(0.8);
    expect(similarity(first, second)).toBeLessThan(0.8);
  });

  test('the documented form: shares of the picture, the biggest first, in a fixed order', async () => {
    const photo = await readFile(several);
    const answer: Json = await (await send('', formOf(photo, 'party.jpg'))).json();
    const { width, height, faces } = await nf.detect(photo);
    const [result] = answer.results;
    expect(result).toMatchObject({
      name: 'party.jpg',
      md5: expect.stringMatching(/^[0-9a-f]{64}$/),
      width,
      height,
    });
    const [{ kind, name, objects }] = result.entities;
    expect([kind, name, objects.length]).toEqual(['objects', 'face-detector', faces.length]);
    for (const [i, { box, entities }] of objects.entries()) {
      const { left, top, width: w, height: h } = faces[i]!.position;
      [left / width, top / height, w / width, h / height].forEach((share, k) =>
        expect(box[k]).toBeCloseTo(share, 3),
      );
      expect(entities.map((entity: Json) => [entity.kind, entity.name])).toEqual([
        ['classes', 'face'],
        ['namedpoints', 'face-landmarks'],
      ]);
      expect(entities[0].classes.face).toBeGreaterThan(0.5);
      const points = entities[1].namedpoints;
      expect(Object.keys(points)).toEqual([
        ...['left-eye', 'right-eye', 'nose-tip', 'mouth-left-corner', 'mouth-right-corner'],
      ]);
      expect(points['left-eye'][0]).toBeLessThan(points['right-eye'][0]);
      expect(points['left-eye'][1]).toBeLessThan(points['mouth-left-corner'][1]);
    }
    const { crop, embedding } = (await nf.embed(ann, { returnDetails: { crop: { type: 'image/png' } } }))
      .faces[0]!;
    const png = new Uint8Array(await crop!.file!.arrayBuffer());
    const cropped: Json = await (await send('?detection=false&embeddings=1', formOf(png))).json();
    const [face] = cropped.results[0].entities[0].objects;
    expect(face.box).toEqual([0, 0, 1, 1]);
    expect(dotOf(Float32Array.from(face.entities[2].vector), embedding!)).toBeGreaterThan(0.995);
  });

  test('a picture without a face, one that is none, and addresses', async () => {
    const { default: sharp } = await import('sharp');
    const create = { width: 200, height: 100, channels: 3, background: '#357' } as const;
    const empty = new Uint8Array(await sharp({ create }).png().toBuffer());
    const told: Json = await (await send('', formOf(empty))).json();
    expect(told.results[0]).toMatchObject({
      ...{ status: { code: 'ok' }, width: 200, height: 100 },
      entities: [{ kind: 'objects', objects: [] }],
    });
    const broken = await send('', formOf(new TextEncoder().encode('no picture'), 'notes.txt'));
    expect(broken.status).toBe(200);
    expect((await broken.json()).results).toEqual([
      {
        status: { code: 'failure', message: expect.any(String) },
        ...{ name: 'notes.txt', md5: expect.any(String), entities: [] },
      },
    ]);
    const url = new FormData();
    url.set('url', `data:image/jpeg;base64,${ann.toString('base64')}`);
    expect((await (await send('', url)).json()).results[0].status.code).toBe('ok');
    const local = new FormData();
    local.set('url', 'http://127.0.0.1:9/photo.jpg');
    const refused = await send('', local);
    expect([refused.status, (await refused.json()).results[0].status.code]).toEqual([200, 'failure']);
  });

  test('keys, the version, and the body of every error', async () => {
    for (const headers of [{ 'A4A-CLIENT-KEY': KEY }, { 'X-RapidAPI-Key': KEY }])
      expect((await send('', formOf(ann), headers as never)).status).toBe(200);
    expect((await send(`?api_key=${KEY}`, formOf(ann), {})).status).toBe(200);
    const bare = new Request('http://local/v1/version', { headers: { 'X-API-KEY': KEY } });
    expect(await (await handle(bare)).text()).toMatch(/^v1\.\d+\.\d+\.\d+$/);
    const wrong: readonly [Promise<Response>, number][] = [
      [send('', formOf(ann), {}), 401],
      [send('', formOf(ann), { 'X-API-KEY': 'another-key-than-that' }), 401],
      [send('', new FormData()), 400],
      [send('?embeddings=perhaps', formOf(ann)), 400],
      [send('?detection=false', formOf(await readFile(several))), 400],
      [send('', formOf(new Uint8Array(11 * 2 ** 20))), 413],
      [handle(new Request('http://local/face-analyzer/v1/nothing')), 404],
    ];
    for (const [answer, status] of wrong) {
      const response = await answer;
      expect(response.status).toBe(status);
      const { results }: Json = await response.json();
      expect(results).toEqual([{ status: { code: 'failure', message: expect.any(String) }, entities: [] }]);
    }
  });
});

test('any bytes as any body: a listed status, and nothing stored', async () => {
  const before = await nf.storage.usage();
  const types = [
    'application/json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'text/plain',
  ];
  const starts = [
    '',
    '{"requests":[{"image":"',
    '{"requests":[{}',
    '--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n',
  ];
  const paths = [
    '/',
    '/v1/results',
    '/face-analyzer/v1/results?embeddings=1',
    '/v1/default/add/1',
    '/v1/default/search/5/0.5',
  ];
  const body = fc.record({
    path: fc.constantFrom(...paths),
    type: fc.constantFrom(...types),
    start: fc.constantFrom(...starts),
    rest: fc.uint8Array({ maxLength: 900 }),
  });
  await fc.assert(
    fc.asyncProperty(body, async ({ path, type, start, rest }) => {
      const bytes = Buffer.concat([Buffer.from(start), rest]);
      const { status, text } = await call('POST', path, bytes, type);
      expect([200, 400, 413, 415]).toContain(status);
      expect(text.length).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
  expect((await nf.storage.usage()).faces).toEqual(before.faces);
});
