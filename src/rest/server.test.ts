import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY, PATH_KEY, testServer } from './test-dialect.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const BASE = 'http://localhost';
const handle = testServer();

/** What a request is answered. */
async function ask(
  path: string,
  init: RequestInit = {},
  server: (request: Request) => Promise<Response> = handle,
): Promise<{ status: number; json: Json; text: string; headers: Headers }> {
  const headers = new Headers(init.headers);
  if (!headers.has('x-api-key')) headers.set('x-api-key', KEY);
  const response = await server(new Request(`${BASE}${path}`, { ...init, headers }));
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.startsWith('application/json');
  return {
    status: response.status,
    json: isJson ? JSON.parse(text) : undefined,
    text,
    headers: response.headers,
  };
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json', ...headers },
});

describe('paths and methods', () => {
  it('take a slash at the end, and doubled ones', async () => {
    for (const path of ['/test/names/Ann', '/test/names/Ann/', '//test///names//Ann//'])
      expect((await ask(path)).json).toMatchObject({ name: 'Ann' });
  });

  it('decode names once', async () => {
    expect((await ask('/test/names/%2541%20b%2Fc+d')).json.name).toBe('%41 b/c+d');
    expect(await ask('/test/names/%E0%A4%A')).toMatchObject({
      status: 400,
      json: { code: 'BAD_PARAM', param: 'name' },
    });
  });

  it('answer HEAD as GET without a body', async () => {
    const head = await ask('/test/names/Ann', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-type')).toBe('application/json; charset=UTF-8');
  });

  it('are 404 if nobody knows them, and 405 with Allow if they know other methods', async () => {
    expect(await ask('/nowhere')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND', status: 404 } });
    const other = await ask('/test/names/Ann', { method: 'PUT' });
    expect(other).toMatchObject({ status: 405, json: { code: 'METHOD_NOT_ALLOWED' } });
    expect(other.headers.get('allow')).toBe('GET, HEAD, DELETE');
  });

  it('stand behind the base path', async () => {
    const behind = testServer({ basePath: '/faces' });
    expect((await ask('/faces/test/names/Ann', {}, behind)).json).toMatchObject({
      ...{ path: '/test/names/Ann', link: `${BASE}/faces/x` },
    });
    for (const path of ['/test/names/Ann', '/facestest/names/Ann'])
      expect((await ask(path, {}, behind)).status).toBe(404);
  });

  it('are handed out behind the public origin', async () => {
    const proxied = testServer({ basePath: '/faces', publicUrl: 'https://faces.example/' });
    expect((await ask('/faces/test/names/Ann', {}, proxied)).json.link).toBe('https://faces.example/faces/x');
    for (const publicUrl of ['faces.example', 'https://faces.example/a', 'ftp://faces.example', ''])
      expect(() => testServer({ publicUrl })).toThrow('publicUrl');
  });

  it('are told nothing of to others', async () => {
    const { headers } = await ask('/test/names/Ann');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('keys', () => {
  const bare = async (path: string, headers: HeadersInit = {}, server = handle): Promise<Response> =>
    server(new Request(`${BASE}${path}`, { headers }));

  it('are taken from their headers, the query and the path', async () => {
    const ways: [string, HeadersInit][] = [
      ['/test/names/Ann', { 'X-Api-Key': KEY }],
      ['/test/names/Ann', { Authorization: `Token ${KEY}` }],
      ['/test/names/Ann', { Authorization: `token   ${KEY}` }],
      [`/test/names/Ann?api_key=${KEY}`, {}],
      [`/t/${PATH_KEY}/test/names/Ann`, {}],
    ];
    for (const [path, headers] of ways) expect((await bare(path, headers)).status).toBe(200);
  });

  it('are refused where there is none, another one, or one that may not stand in a path', async () => {
    const ways: [string, HeadersInit][] = [
      ['/test/names/Ann', {}],
      ['/test/names/Ann', { 'X-Api-Key': '' }],
      ['/test/names/Ann', { 'X-Api-Key': `${KEY}.` }],
      ['/test/names/Ann', { Authorization: `Bearer ${KEY}` }],
      [`/t/${KEY}/test/names/Ann`, {}],
      [`/t/${KEY}/test/names/Ann`, { 'X-Api-Key': KEY }],
    ];
    for (const [path, headers] of ways) {
      const response = await bare(path, headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Token');
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ code: 'AUTH_FAILED', status: 401 });
      expect(text).not.toContain(KEY);
    }
  });

  it('none: closed; "none": open', async () => {
    expect((await bare('/test/names/Ann', { 'x-api-key': KEY }, testServer({ tokens: [] }))).status).toBe(
      401,
    );
    expect((await bare('/test/names/Ann', {}, testServer({ tokens: 'none' }))).status).toBe(200);
  });

  it('of a picture open this picture alone, with this handler alone', async () => {
    const key = (await ask('/test/link/7')).json as string;
    expect(key).toMatch(/^[\w-]{32}$/);
    expect((await bare(`/t/${key}/test/picture/7`)).status).toBe(200);
    expect((await bare(`/t/${key}/test/picture/8`)).status).toBe(401);
    expect((await bare(`/t/${key}/test/names/Ann`)).status).toBe(401);
    expect((await bare(`/t/${key}/test/picture/7`, {}, testServer())).status).toBe(401);
  });
});

describe('CORS', () => {
  const origin = 'https://app.example';
  const server = testServer({ origins: [origin] });
  const preflight = (from: string): Request =>
    new Request(`${BASE}/test/fields`, {
      method: 'OPTIONS',
      headers: { Origin: from, 'Access-Control-Request-Method': 'POST' },
    });

  it('lets the origins call that are named', async () => {
    const asked = await server(preflight(origin));
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-headers')).toContain('A4A-CLIENT-KEY');
    const answer = await ask('/test/names/Ann', { headers: { Origin: origin } }, server);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('vary')).toBe('Origin');
    const refused = await ask('/nowhere', { headers: { Origin: origin } }, server);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('and nobody else', async () => {
    for (const one of [await server(preflight('https://other.example')), await handle(preflight(origin))])
      expect(one.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('fields', () => {
  const read = async (body: unknown): Promise<Json> => (await ask('/test/fields', post(body))).json;

  it('of JSON, forms and the query, those of the body first', async () => {
    const form = new FormData();
    form.set('name', 'Ann');
    const urlencoded = new URLSearchParams({ name: 'Ann', limit: '3' });
    const bodies: RequestInit[] = [
      post({ name: 'Ann', limit: 3 }),
      { method: 'POST', body: new TextEncoder().encode('{"name":"Ann","limit":"3"}') },
      { method: 'POST', body: urlencoded },
    ];
    for (const init of bodies)
      expect((await ask('/test/fields?limit=5', init)).json).toMatchObject({ name: 'Ann', limit: 3 });
    expect((await ask('/test/fields?limit=5', { method: 'POST', body: form })).json).toEqual({
      name: 'Ann',
      limit: 5,
    });
    expect((await ask('/test/fields?name=Ann', { method: 'POST' })).json).toEqual({ name: 'Ann', limit: 1 });
  });

  it('without a type are tried as JSON; of another type they are 415', async () => {
    const body = new TextEncoder().encode('{"name":"Ann"}');
    expect((await ask('/test/fields', { method: 'POST', body })).json).toMatchObject({ name: 'Ann' });
    const other = { method: 'POST', body, headers: { 'Content-Type': 'text/csv' } };
    expect(await ask('/test/fields', other)).toMatchObject({
      status: 415,
      json: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  });

  it('read booleans, numbers, names, boxes, levels and times', async () => {
    for (const on of [true, 'true', 'TRUE', 1, '1', 'yes', 'on'])
      expect((await read({ name: 'a', isOn: on })).isOn).toBe(true);
    for (const off of [false, 'false', 0, '0', 'No', 'off'])
      expect((await read({ name: 'a', isOn: off })).isOn).toBe(false);
    for (const share of [0.5, '0.5', '.5', '5e-1', ' 0.5 '])
      expect((await read({ name: 'a', share })).share).toBe(0.5);
    for (const names of [['a', 'b'], '["a","b"]', 'a, b', ['a,b']])
      expect((await read({ name: 'a', names })).names).toEqual(['a', 'b']);
    const box = { left: -1, top: 2, width: 4, height: 2.5 };
    for (const bbox of [
      [-1, 2, 3, 4.5],
      '[-1,2,3,4.5]',
      { x1: -1, y1: 2, x2: '3', y2: 4.5 },
      '[{"x1":-1,"y1":2,"x2":3,"y2":4.5}]',
    ])
      expect((await read({ name: 'a', bbox })).bbox).toEqual([box]);
    for (const level of ['strict', 0.5, '0.5'])
      expect((await read({ name: 'a', level })).level).toBe(level === 'strict' ? 'strict' : 0.5);
    const ms = Date.UTC(2017, 4, 17, 8, 58, 0, 930);
    for (const at of [
      '2017-05-17T08:58:00.930000',
      '2017-05-17 08:58:00.93Z',
      '2017-05-17T10:58:00.930+02:00',
    ])
      expect((await read({ name: 'a', at })).at).toBe(ms);
  });

  it('that are wrong are named, with what is accepted and what came', async () => {
    const wrong: [Record<string, unknown>, string][] = [
      [{}, 'name'],
      [{ name: '' }, 'name'],
      [{ name: ['a'] }, 'name'],
      [{ name: 'a'.repeat(21) }, 'name'],
      [{ name: 'a', limit: 0 }, 'limit'],
      [{ name: 'a', limit: 'two' }, 'limit'],
      [{ name: 'a', limit: 1.5 }, 'limit'],
      [{ name: 'a', isOn: 'maybe' }, 'isOn'],
      [{ name: 'a', share: '0x1' }, 'share'],
      [{ name: 'a', bbox: [3, 2, 3, 4] }, 'bbox'],
      [{ name: 'a', bbox: '[1,2,3' }, 'bbox'],
      [{ name: 'a', level: 'sure' }, 'level'],
      [{ name: 'a', at: 'yesterday' }, 'at'],
    ];
    for (const [body, param] of wrong) {
      const answer = await ask('/test/fields', post(body));
      expect(answer).toMatchObject({ status: 400, json: { code: 'BAD_PARAM', param } });
      expect(answer.json.reason).toContain(`${param} must be `);
    }
  });

  it('of many digits take no longer than others', async () => {
    const started = performance.now();
    for (const share of ['1'.repeat(200_000) + 'x', `0.${'1'.repeat(200_000)}x`, '1e'.repeat(100_000)])
      expect((await ask('/test/fields', post({ name: 'a', share }))).status).toBe(400);
    expect(performance.now() - started).toBeLessThan(2000);
    for (const [text, number] of [
      ['1.', 1],
      ['+.25e-1', 0.025],
      ['0', 0],
    ] as const)
      expect((await read({ name: 'a', share: text })).share).toBe(number);
  });

  it('that are empty count as absent, but meta', async () => {
    expect(await read({ name: 'a', share: '', meta: '' })).toEqual({ name: 'a', limit: 1, meta: '' });
  });
});

describe('bodies', () => {
  it('that are no whole JSON say so, and show nothing of what came', async () => {
    for (const body of ['{"name":"Ann"', '[', 'Ann', '\xff'])
      for (const type of ['application/json', undefined]) {
        const headers = type ? { 'Content-Type': type } : {};
        const bytes = Uint8Array.from(body, (char) => char.charCodeAt(0));
        const answer = await ask('/test/fields', { method: 'POST', body: bytes, headers });
        expect(answer).toMatchObject({ status: 400, json: { code: 'MALFORMED_JSON' } });
        expect(answer.text).not.toContain('Ann');
      }
    expect(await ask('/test/fields', post(['Ann']))).toMatchObject({ status: 400, json: { param: 'body' } });
    const deep = '['.repeat(1e6);
    expect(
      await ask('/test/fields', {
        method: 'POST',
        body: deep,
        headers: { 'Content-Type': 'application/json' },
      }),
    ).toMatchObject({ status: 400 });
  });

  it('of several parts that break off are refused', async () => {
    const form = new FormData();
    form.set('photo', new Blob([new Uint8Array(2000)]), 'a.jpg');
    const whole = new Request(`${BASE}/test/photo`, { method: 'POST', body: form });
    const type = whole.headers.get('content-type') as string;
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const send = (body: Uint8Array<ArrayBuffer>): ReturnType<typeof ask> =>
      ask('/test/photo', { method: 'POST', body, headers: { 'Content-Type': type } });
    expect(await send(bytes)).toMatchObject({ status: 200, json: { bytes: 2000, name: 'a.jpg' } });
    for (const length of [0, 1, 40, 500, bytes.length - 60, bytes.length - 8])
      expect(await send(bytes.slice(0, length))).toMatchObject({ status: 400, json: { code: 'BAD_PARAM' } });
    const none = { method: 'POST', body: bytes, headers: { 'Content-Type': 'multipart/form-data' } };
    expect(await ask('/test/photo', none)).toMatchObject({ status: 400 });
  });

  it('that are compressed are refused, as they may hold any number of bytes', async () => {
    const body = await new Response(
      new Blob(['{"name":"Ann"}']).stream().pipeThrough(new CompressionStream('gzip')),
    ).arrayBuffer();
    const type = { 'Content-Type': 'application/json' };
    const send = (body: BodyInit, encoding: string): ReturnType<typeof ask> =>
      ask('/test/fields', { method: 'POST', body, headers: { ...type, 'Content-Encoding': encoding } });
    const refused = await send(body, 'gzip');
    expect(refused).toMatchObject({ status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
    expect(refused.headers.get('accept-encoding')).toBe('identity');
    expect((await send('{"name":"Ann"}', 'identity')).json).toMatchObject({ name: 'Ann' });
  });

  it('that are too large are given up before they are read whole', async () => {
    const server = testServer({ maxBodyBytes: 1000 });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 100;
        controller.enqueue(new Uint8Array(100));
      },
    });
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
    expect(await ask('/test/bytes', init, server)).toMatchObject({
      status: 413,
      json: { code: 'BODY_TOO_LARGE' },
    });
    expect(sent).toBeLessThan(3000);
    const announced = { method: 'POST', body: new Uint8Array(10), headers: { 'Content-Length': '1001' } };
    expect((await ask('/test/bytes', announced, server)).status).toBe(413);
    expect((await ask('/test/bytes', { method: 'POST', body: Uint8Array.of(1, 2) }, server)).json).toEqual([
      1, 2,
    ]);
  });
});

describe('pictures', () => {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

  it('come as base64 and data URLs', async () => {
    for (const photo of [png, `data:image/png;base64,${png}`, ` ${png}\n`])
      expect((await ask('/test/photo', post({ photo }))).json).toMatchObject({ bytes: 70 });
  });

  it('are never what a host would take for a path of its own', async () => {
    for (const photo of [
      '/etc/passwd',
      './a.jpg',
      'file:///etc/passwd',
      'a.jpg',
      'blob:x',
      'ftp://x/a.jpg',
      'https://u:p@x/a.jpg',
      'javascript:1',
    ])
      expect(await ask('/test/photo', post({ photo }))).toMatchObject({
        status: 400,
        json: { code: 'BAD_PARAM', param: 'photo' },
      });
  });

  it('that are too large are 413', async () => {
    const server = testServer({ maxImageBytes: 60 });
    expect(await ask('/test/photo', post({ photo: png }), server)).toMatchObject({
      status: 413,
      json: { code: 'IMAGE_TOO_LARGE' },
    });
    const form = new FormData();
    form.set('photo', new Blob([new Uint8Array(61)]));
    expect((await ask('/test/photo', { method: 'POST', body: form }, server)).status).toBe(413);
  });

  it('are fetched as the options say', async () => {
    const url = 'https://photos.example/a.jpg';
    const asked: string[] = [];
    const fetchImages = async (given: string): Promise<Blob> => {
      asked.push(given);
      if (given.endsWith('no.jpg')) throw new Error('a secret of the inside');
      return new Blob([new Uint8Array(5)], { type: 'image/jpeg' });
    };
    const server = testServer({ fetchImages });
    expect((await ask('/test/photo', post({ photo: url }), server)).json).toEqual({
      bytes: 5,
      type: 'image/jpeg',
      url,
      name: url,
    });
    expect(asked).toEqual([url]);
    const failed = await ask('/test/photo', post({ photo: 'https://photos.example/no.jpg' }), server);
    expect(failed).toMatchObject({ status: 400, json: { code: 'IMAGE_DECODING_FAILED' } });
    expect(failed.text).not.toContain('secret');
    expect(await ask('/test/photo', post({ photo: url }), testServer({ fetchImages: false }))).toMatchObject({
      status: 400,
      json: { code: 'BAD_PARAM' },
    });
  });
});

describe('calls with a picture', () => {
  it('are so many at a time; others are answered beside them', async () => {
    const sent = new Map<string, (blob: Blob) => void>();
    const fetchImages = (url: string): Promise<Blob> => new Promise((resolve) => sent.set(url, resolve));
    const server = testServer({ fetchImages, maxPictures: 2 });
    const look = (name: string): ReturnType<typeof ask> =>
      ask('/test/photo', post({ photo: `https://photos.example/${name}` }), server);
    const first = [look('1.jpg'), look('2.jpg')];
    await expect.poll(() => sent.size).toBe(2);
    const refused = await look('3.jpg');
    expect(refused).toMatchObject({ status: 503, json: { code: 'SERVICE_UNAVAILABLE' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await ask('/test/names/Ann', {}, server)).status).toBe(200);
    sent.get('https://photos.example/1.jpg')?.(new Blob(['x']));
    expect((await first[0])?.status).toBe(200);
    const next = look('4.jpg');
    await expect.poll(() => sent.size).toBe(3);
    for (const send of sent.values()) send(new Blob(['x']));
    expect([(await first[1])?.status, (await next).status]).toEqual([200, 200]);
  });
});

describe('failures', () => {
  it('end a call whose client goes away', async () => {
    const leaving = new AbortController();
    const answer = ask('/test/fails/late', { signal: leaving.signal });
    leaving.abort();
    expect(await answer).toMatchObject({ status: 503, json: { code: 'SERVICE_UNAVAILABLE' } });
  });

  it('of who is told of answers are not the call’s', async () => {
    const onAnswered = (): never => {
      throw new Error('no disk for the log');
    };
    expect((await ask('/test/names/Ann', {}, testServer({ onAnswered }))).status).toBe(200);
  });

  it('tell what is known, and nothing of the inside', async () => {
    expect(await ask('/test/fails/known')).toMatchObject({ status: 409, json: { code: 'TAKEN' } });
    const other = await ask('/test/fails/other');
    expect(other).toMatchObject({ status: 500, json: { code: 'INTERNAL_ERROR' } });
    expect(other.text).not.toContain('secret');
  });
});

describe('the documentation', () => {
  it('comes from the routes, without a key', async () => {
    const { json, status } = await ask('/openapi.json', { headers: { 'x-api-key': 'wrong-key' } });
    expect(status).toBe(200);
    expect(json.openapi).toBe('3.1.0');
    const operation = json.paths['/test/fields'].post;
    expect(operation.parameters).toEqual([
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 10, description: 'A number', default: 1 },
      },
    ]);
    expect(operation.requestBody.content['application/json'].schema.required).toEqual(['name']);
    expect(json.paths['/test/names/{name}'].delete.responses['204']).toEqual({ description: '' });
  });

  it('is a page that loads nothing', async () => {
    const page = await ask('/docs', { headers: { Accept: 'text/html,*/*' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\/(?!localhost)/);
    expect((await ask('/docs')).json).toEqual({ results: ['v0', 'v1'] });
  });
});

describe('anything', () => {
  const STATUSES = new Set([200, 204, 400, 401, 404, 405, 409, 413, 415, 500, 503]);

  it('as a path, a method, a type and a body is answered', async () => {
    const paths = fc.oneof(
      fc.constantFrom(
        '/test/fields',
        '/test/photo',
        '/test/bytes',
        '/test/names/a',
        '/t/x',
        '/t/',
        '/docs/v1',
      ),
      fc.webPath(),
    );
    const types = fc.constantFrom(
      '',
      'application/json',
      'multipart/form-data; boundary=x',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      'a',
      ';',
    );
    const methods = fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .string()
        .map((text) =>
          new TextEncoder().encode(
            `--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\n${text}\r\n--x--`,
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(paths, methods, types, bodies, async (path, method, type, body) => {
        const url = `${BASE}/${path.slice(1)}`;
        const headers = { 'x-api-key': KEY, ...(type && { 'Content-Type': type }) };
        const response = await handle(new Request(url, { method, body: body, headers }));
        expect(STATUSES).toContain(response.status);
        const text = await response.text();
        if (text && response.headers.get('content-type')?.startsWith('application/json')) JSON.parse(text);
      }),
      { numRuns: 500 },
    );
  });
});
