import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { detectForm, end, start, type Started, started } from './started-server.ts';

test.describe('nearface serve', () => {
  let server: Started;
  test.beforeAll(async () => {
    server = await started(['--memory', '--rate', '40']);
  });
  test.afterAll(async () => {
    await end(server);
  });

  const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { ...init, headers: { Authorization: `Token ${server.key}` } });

  test('tells its key, where faces are kept, and where to read on', async () => {
    expect(server.key).toMatch(/^[\w-]{32}$/);
    expect(server.lines()).toContain('Faces are kept in memory: they are gone when the server stops');
    const [docs] = /http\S+\/docs/.exec(server.lines())!;
    expect((await fetch(docs)).status).toBe(200);
    expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('ok\n');
  });

  test('faces are enrolled and found by plain calls, with the key alone', async () => {
    const body = await detectForm('sample1.jpg');
    body.append('meta', 'Robin Vale');
    expect((await fetch(`${server.url}/v1/face`, { method: 'POST', body })).status).toBe(401);
    const added = await call('/v1/face', { method: 'POST', body });
    expect(added.status).toBe(200);
    const { results } = (await added.json()) as { results: { meta: string; id: number }[] };
    expect(results).toMatchObject([{ meta: 'Robin Vale' }]);
    const found = await call('/v1/identify', { method: 'POST', body: await detectForm('sample1.jpg') });
    const matches = Object.values(((await found.json()) as { results: Record<string, unknown[]> }).results);
    expect(matches[0]).toMatchObject([{ face: { meta: 'Robin Vale' } }]);
    const named = await call(`/v1/face/meta/${encodeURIComponent('Robin Vale')}`);
    expect(((await named.json()) as { results: unknown[] }).results).toHaveLength(1);
  });

  test('the JSON of a GET counts as its query', async () => {
    const body = JSON.stringify({ start: 'no time' });
    const status = await new Promise<number | undefined>((done, failed) => {
      const headers = {
        ...{ Authorization: `Token ${server.key}`, 'Content-Type': 'application/json' },
        'Content-Length': body.length,
      };
      const request = httpRequest(`${server.url}/v1/person/history/id/1`, { headers }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      });
      request.on('error', failed).end(body);
    });
    expect(status).toBe(400);
  });

  test('metrics are for those who have a key; the log tells of no name and no key', async () => {
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    const metrics = await (await call('/metrics')).text();
    expect(metrics).toMatch(/^nearface_faces 1$/m);
    expect(metrics).toMatch(
      /^nearface_request_seconds_count\{api="findface",method="POST",route="[^"]*face",status="200"\} 1$/m,
    );
    const log = server.log();
    const lines = log
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ api: 'findface', method: 'POST', status: 401 }));
    for (const secret of ['Robin', 'Vale', server.key]) expect(log).not.toContain(secret);
  });

  test('who calls too often must wait', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => call('/v1/galleries')));
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 200 || status === 429 || status === 503)).toBe(true);
  });
});

test('what is under way when the server is stopped is answered; then it ends', async () => {
  const server = await started(['--memory', '--token', 'none', '--max-calls', '1']);
  const body = await detectForm('sample3.jpg');
  const [first, second] = [1, 2].map(() => fetch(`${server.url}/v1/detect`, { method: 'POST', body }));
  const answers = Promise.all([first, second]);
  // The other one is refused at once, as one call is taken at a time.
  expect(await Promise.race([first, second])).toMatchObject({ status: 503 });
  server.process.kill('SIGTERM');
  expect((await answers).map((answer) => answer?.status).sort()).toEqual([200, 503]);
  expect(await end(server)).toBe(0);
  expect(server.lines()).toContain('Stopping');
});

test('whatever is said on the wire, the server goes on', async () => {
  const server = await started(['--memory', '--public-url', 'https://faces.example', '--keep', 'crops']);
  const { port, host } = new URL(server.url);
  const head = (line: string, ...more: readonly string[]): string =>
    [`${line} HTTP/1.1`, `Host: ${host}`, `Authorization: Token ${server.key}`, 'Connection: close', ...more]
      .map((each) => `${each}\r\n`)
      .join('') + '\r\n';
  const say = (text: string): Promise<string> =>
    new Promise((done) => {
      let answer = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
      socket.setTimeout(500, () => socket.destroy());
      socket.on('data', (data) => (answer += data.toString('latin1')));
      socket.on('error', () => undefined).on('close', () => done(answer));
    });
  const [json, history] = ['Content-Type: application/json', '/v1/person/history/id/1'];
  const chunked = 'Transfer-Encoding: chunked';
  const rests: readonly (readonly [string, RegExp])[] = [
    // Bodies that break off, are no chunks, or are larger than any GET's: nobody waits for them, and nobody falls.
    [`${head(`GET ${history}`, json, 'Content-Length: 100')}{"start"`, /^$/],
    [`${head(`GET ${history}`, json, chunked)}zz\r\n`, /^HTTP\/1.1 400 /],
    [`${head(`GET ${history}`, json, 'Content-Length: 70000')}${'x'.repeat(70_000)}`, /^HTTP\/1.1 200 /],
    [`${head(`GET ${history}`, json, chunked)}13\r\n{"start":"no time"}\r\n0\r\n\r\n`, /^HTTP\/1.1 400 /],
    [`${head('POST /v1/history/search', json, 'Content-Length: 100')}{"start"`, /^$/],
    [`${head('POST /v1/history/search', json, chunked)}2\r\n{}\r\nzz\r\n`, /^HTTP\/1.1 400 /],
    [`${head('POST /v1/history/search', json, chunked)}2\r\n{}\r\n0\r\n\r\n`, /^HTTP\/1.1 200 /],
    [
      `${head('POST /v1/history/search', json, 'Expect: 100-continue', 'Content-Length: 2')}{}`,
      /100 Continue[^]* 200 /,
    ],
    [head(`GET ${server.url}/v1/galleries`), /^HTTP\/1.1 200 /],
    [head('OPTIONS *'), /^HTTP\/1.1 400 /],
    [head('TRACE /v1/galleries'), /^HTTP\/1.1 405 /],
    [head('HEAD /v1/galleries'), /^HTTP\/1.1 200 [^]*\r\n\r\n$/],
    [head('GET /v1/../healthz'), /ok\n$/],
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', /^HTTP\/1.1 400 /],
    ['\x16\x03\x01 no HTTP at all\r\n\r\n', /^HTTP\/1.1 400 /],
  ];
  for (const [text, answer] of rests)
    expect([text.slice(0, 200), await say(text)]).toEqual([
      expect.any(String),
      expect.stringMatching(answer),
    ]);
  const body = await detectForm('sample2.jpg');
  const headers = { Authorization: `Token ${server.key}` };
  const added = await fetch(`${server.url}/v1/face`, { method: 'POST', body, headers });
  const { results } = (await added.json()) as { results: { thumbnail: string }[] };
  expect(results[0]!.thumbnail).toMatch(/^https:\/\/faces\.example\/t\//);
  expect(server.log()).not.toContain('Error');
  expect(await end(server)).toBe(0);
});

test('without a key, pages of others are refused', async () => {
  const server = await started(['--memory', '--token', 'none']);
  const status = async (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((done, failed) => {
      httpRequest(`${server.url}/v1/galleries`, { headers }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      })
        .on('error', failed)
        .end();
    });
  expect(await status({})).toBe(200);
  expect(await status({ Host: 'rebound.example' })).toBe(403);
  expect(await status({ Origin: 'https://page.example' })).toBe(403);
  expect(await end(server)).toBe(0);
});

test('faces are in the folder when the server is started again', { tag: '@long' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-data-'));
  const ask = async (server: Started, path: string): Promise<unknown> => {
    const headers = { Authorization: `Token ${server.key}` };
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: await detectForm('sample2.jpg'),
    });
    return ((await answer.json()) as { results: unknown }).results;
  };
  const first = await started(['--data', folder]);
  expect(first.lines()).toContain(`Faces are kept in ${folder}`);
  const [face] = (await ask(first, '/v1/face')) as { id: number }[];
  expect(await end(first)).toBe(0);
  const second = await started(['--data', folder]);
  const found = Object.values((await ask(second, '/v1/identify')) as Record<string, unknown[]>);
  expect(found[0]).toMatchObject([{ face: { id: face!.id } }]);
  expect(await end(second)).toBe(0);
  const other = await started(['--data', folder, '--embedding', 'fused']);
  expect(other.lines()).toMatch(
    /^Gallery default holds faces of the model mobilefacenet-2, .*by fused: give --embedding/m,
  );
  expect(await end(other)).toBe(0);
  await rm(folder, { recursive: true });
});

test('a command line that cannot be is refused with what to write', async () => {
  for (const [flags, words] of [
    [['--token', 'none', '--host', '0.0.0.0'], 'give a key'],
    [['--port', 'eighty'], '--port must be a whole number'],
    [['--tls-cert', 'cert.pem'], '--tls-key'],
    [['--colour', 'red'], 'colour'],
    [['--memory', '--data', 'faces'], 'give one of them'],
    [['--keep', 'all'], '--keep must be'],
  ] as const) {
    const child = start(flags);
    let said = '';
    child.stdout!.on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, said]).toEqual([2, expect.stringContaining(words)]);
  }
});

test('what keeps a server from starting is said in a line, with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-refused-'));
  const file = join(folder, 'file');
  await writeFile(file, 'no folder, and no certificate');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const nobody = (closed.address() as AddressInfo).port;
  await new Promise((done) => closed.close(done));
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['--memory', '--port', String(port)],
      new RegExp(`port ${port} of 127\\.0\\.0\\.1 is taken.*--port ${port + 1} `),
    ],
    [
      ['--data', join(file, 'faces')],
      /database in \S+faces could not be opened \(ENOTDIR.*folder may be written/,
    ],
    [
      ['--memory', '--tls-cert', join(folder, 'none.pem'), '--tls-key', file],
      /--tls-cert \S+none\.pem cannot be read/,
    ],
    [['--memory', '--tls-cert', file, '--tls-key', file], /--tls-cert and --tls-key cannot be used/],
    [['--memory', '--embedding', 'none-such'], /--embedding: the manifest has no model 'none-such'; it has:/],
    [
      ['--database-url', `postgres://ann:secret@127.0.0.1:${nobody}/faces`],
      new RegExp(
        `postgres://127\\.0\\.0\\.1:${nobody}/faces does not answer \\(.*ECONNREFUSED.*see that the server runs`,
      ),
    ],
  ];
  const ended = refused.map(async ([flags, words]) => {
    const child = start(flags);
    let [said, log] = ['', ''];
    child.stdout!.on('data', (text: string) => (said += text));
    child.stderr!.on('data', (text: string) => (log += text));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, log, said]).toEqual([2, '', expect.stringMatching(words)]);
    expect(said.trim().split('\n').at(-1)).toMatch(/^nearface serve: /);
    expect(said).not.toContain('secret');
  });
  await Promise.all(ended);
  taken.close();
  await rm(folder, { recursive: true });
});
