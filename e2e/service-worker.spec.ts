/** Requests of an app's pages that its service worker hands to the page that holds an instance. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type * as Rest from '../src/rest/index.ts';
import type * as Worker from '../src/service-worker/index.ts';
import type { StaticServer } from '../tools/serve.ts';
import { serveLibrary } from './library.ts';

const KEY = 'service-worker-test-key';

/** The two lines of an app's service worker, beside one of its own. */
const SERVICE_WORKER = `import { forwardRequests } from '/lib/service-worker.js';
forwardRequests();
self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/own') event.respondWith(new Response('of the app itself'));
});`;

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>app</title><script type="module">
window.worker = await import('/lib/service-worker.js');
await navigator.serviceWorker.register('sw.js', { type: 'module' });
await navigator.serviceWorker.ready;
if (!navigator.serviceWorker.controller)
  await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
window.opened = true;
</script></html>`;

declare global {
  interface Window {
    readonly worker: typeof Worker;
    answering: Worker.Answering;
    /** What the handler of a test has noted. */
    noted: string[];
    /** Lets a handler of a test go on. */
    goOn: () => void;
    pending: Promise<unknown>;
  }
}

let server: StaticServer;
let folder: string;
let asked: string[] = [];

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearface-app-'));
  await writeFile(join(folder, 'sw.js'), SERVICE_WORKER);
  await writeFile(join(folder, 'index.html'), PAGE);
  server = await serveLibrary({ '/': folder }, {}, (path) => asked.push(path));
});
test.afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
test.beforeEach(() => {
  asked = [];
});

async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/index.html`);
  await page.waitForFunction(() => 'opened' in window);
  return page;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** What `fetch` in a page answers. */
function ask(page: Page, path: string, init: Init = {}): Promise<Answer> {
  return page.evaluate(
    async ([address, given]) => {
      const started = performance.now();
      const response = await fetch(address, given);
      return { status: response.status, text: await response.text(), ms: performance.now() - started };
    },
    [path, init] as const,
  );
}

/** Makes a page answer with its name, and with the method, headers and body that came. */
async function echo(page: Page, name: string): Promise<void> {
  await page.evaluate((own) => {
    window.noted = [];
    window.answering = window.worker.answerRequests(async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      const sum = body.reduce((total, byte) => (total + byte) % 1_000_003, 0);
      const { method, url } = request;
      window.noted.push(`${method} ${new URL(url).pathname}`);
      const header = request.headers.get('x-own');
      return Response.json({ own, method, url, header, bytes: body.length, sum }, { status: 201 });
    });
  }, name);
  // Its lock is asked for, and then held.
  await page.evaluate(async () => {
    for (;;) {
      const { held = [], pending = [] } = await navigator.locks.query();
      if ([...held, ...pending].some(({ name: lock }) => lock?.startsWith('nearface-requests:'))) return;
    }
  });
}

test('while no page answers, calls are 503 with a reason, and other paths are the app’s', async ({
  context,
}) => {
  const page = await open(context);
  const answer = await ask(page, '/faces/v1/face', { method: 'POST', body: 'x' });
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text)).toEqual({
    ...{ code: 'SERVICE_UNAVAILABLE', status: 503 },
    reason: expect.stringContaining('No page of this app'),
  });
  expect((await ask(page, '/own')).text).toBe('of the app itself');
  expect((await ask(page, '/facesofothers')).status).toBe(404);
  expect((await ask(page, '/photos/sample1.jpg')).status).toBe(200);
  expect(asked.filter((path) => path.startsWith('/faces/'))).toEqual([]);
});

test('every interface is answered by the page’s instance, in that page and in others', async ({
  context,
}) => {
  const page = await open(context);
  const other = await open(context);
  await page.evaluate(async (key) => {
    const { NearFace } = (await import(`${location.origin}/lib/nearface.js`)) as typeof window.library;
    const { createHandler } = (await import(`${location.origin}/lib/rest.js`)) as typeof Rest;
    window.nf = await NearFace.create({ assets: '/lib/', device: 'wasm', database: null });
    const tokens = [{ key, inPath: true }];
    window.answering = window.worker.answerRequests(createHandler(window.nf, { tokens, basePath: '/faces' }));
  }, KEY);
  for (const one of [page, other]) {
    const added = await one.evaluate(async (key) => {
      const form = new FormData();
      form.set('photo', await (await fetch('/photos/sample1.jpg')).blob(), 'a.jpg');
      form.set('meta', 'Ann');
      const headers = { Authorization: `Token ${key}` };
      const response = await fetch('/faces/v1/face', { method: 'POST', body: form, headers });
      return { status: response.status, json: (await response.json()) as unknown };
    }, KEY);
    expect(added).toMatchObject({ status: 200, json: { results: [{ meta: 'Ann' }] } });
    const calls: readonly [string, string, string, string | undefined][] = [
      ['GET', '/v1/galleries', '"default"', undefined],
      ['GET', '/api/v1/recognition/subjects', '"Ann"', undefined],
      ['POST', '/', '"IMAGE_DECODING_FAILED"', '{"requests":[{"image":"data:image/png;base64,AAAA"}]}'],
      ['GET', '/stat/list/1/5', '"cnt_linear"', undefined],
      ['GET', '/v1/version', 'v1.', undefined],
      ['GET', '/api/v1/jobs/', '"total":0', undefined],
    ];
    for (const [method, path, told, body] of calls) {
      const init = { method, ...(body && { body, headers: { 'Content-Type': 'application/json' } }) };
      const answer = await ask(one, `/faces/t/${KEY}${path}`, init);
      expect([path, answer.status, answer.text]).toEqual([path, 200, expect.stringContaining(told)]);
    }
    expect((await ask(one, '/faces/v1/galleries')).status).toBe(401);
  }
  // The page of forms, opened as any other page, calls the same instance.
  await other.goto(`${server.url}/faces/docs/v1`);
  await other.locator('#key').fill(KEY);
  const card = other.locator('details', { hasText: 'Lists the galleries' }).first();
  await card.locator('summary').click();
  await card.locator('[name=v]').fill('v1');
  await card.getByRole('button', { name: 'Send' }).click();
  await expect(card.getByRole('status')).toContainText('"default"');
  expect(asked.filter((path) => path.startsWith('/faces'))).toEqual([]);
});

test('requests come over whole: method, headers, and bodies of any size', async ({ context }) => {
  const page = await open(context);
  await echo(page, 'only');
  const small = await ask(page, '/faces/a%20b?c=d', {
    method: 'PUT',
    body: 'abc',
    headers: { 'x-own': 'own' },
  });
  expect([small.status, JSON.parse(small.text)]).toEqual([
    201,
    {
      ...{ own: 'only', method: 'PUT', url: `${server.url}/faces/a%20b?c=d`, header: 'own' },
      ...{ bytes: 3, sum: 97 + 98 + 99 },
    },
  ]);
  for (const method of ['GET', 'HEAD', 'DELETE', 'POST'])
    expect((await ask(page, '/faces/x', { method })).status).toBe(201);
  const large = await page.evaluate(async () => {
    const bytes = new Uint8Array(40e6);
    for (let i = 0; i < bytes.length; i += 1009) bytes[i] = i % 251;
    const sum = bytes.reduce((total, byte) => (total + byte) % 1_000_003, 0);
    const response = await fetch('/faces/large', { method: 'POST', body: new Blob([bytes]) });
    return { told: (await response.json()) as { bytes: number; sum: number }, sum };
  });
  expect(large.told).toMatchObject({ bytes: 40e6, sum: large.sum });
  const many = await page.evaluate(() =>
    Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const response = await fetch(`/faces/${i}`, { method: 'POST', body: 'x'.repeat(i) });
        return ((await response.json()) as { bytes: number }).bytes;
      }),
    ),
  );
  expect(many).toEqual(Array.from({ length: 60 }, (_, i) => i));
});

test('a body that is refused is not sent to its end', async ({ context }) => {
  const page = await open(context);
  await page.evaluate(() => {
    window.answering = window.worker.answerRequests(async (request) => {
      const reader = request.body!.getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return new Response(String(value!.length), { status: 413 });
    });
  });
  const told = await page.evaluate(async () => {
    const response = await fetch('/faces/x', { method: 'POST', body: new Blob([new Uint8Array(50e6)]) });
    return { status: response.status, first: Number(await response.text()) };
  });
  expect(told.status).toBe(413);
  expect(told.first).toBeLessThan(50e6);
});

test('answers come piece by piece, as they are asked for, and end when they are left', async ({
  context,
}) => {
  const page = await open(context);
  await page.evaluate(() => {
    window.noted = [];
    window.answering = window.worker.answerRequests(async () => {
      let piece = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          window.noted.push(`made ${++piece}`);
          controller.enqueue(new Uint8Array(1e6).fill(piece));
          if (piece === 2000) controller.close();
        },
        cancel: () => void window.noted.push('left'),
      });
      return new Response(body, { headers: { 'X-Own': 'own', 'Content-Type': 'video/x' } });
    });
  });
  const told = await page.evaluate(async () => {
    const response = await fetch('/faces/x');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    await new Promise((later) => setTimeout(later, 500));
    const made = window.noted.length;
    await reader.cancel();
    return { first: value![0], made, own: response.headers.get('x-own') };
  });
  expect(told).toMatchObject({ first: 1, own: 'own' });
  expect(told.made).toBeLessThan(100);
  await page.waitForFunction(() => window.noted.includes('left'));
});

test('who goes away ends the call', async ({ context }) => {
  const page = await open(context);
  await page.evaluate(() => {
    window.noted = [];
    window.answering = window.worker.answerRequests(async (request) => {
      request.signal.addEventListener('abort', () => window.noted.push('aborted'));
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => void window.noted.push('left'),
      });
      return new Response(body);
    });
  });
  // Chromium tells a service worker that a caller is gone once the answer has begun, and not before.
  const name = await page.evaluate(async () => {
    const leaving = new AbortController();
    const init = { method: 'POST', body: 'x', signal: leaving.signal };
    const ended = (await fetch('/faces/x', init)).text().then(
      () => 'answered',
      (error: Error) => error.name,
    );
    leaving.abort();
    return ended;
  });
  expect(name).toBe('AbortError');
  await page.waitForFunction(() => window.noted.includes('aborted') && window.noted.includes('left'));
});

test('one page answers at a time; the next takes over when it is closed, or stops', async ({ context }) => {
  const [first, second, third] = [await open(context), await open(context), await open(context)];
  const who = async (): Promise<string> =>
    (JSON.parse((await ask(third, '/faces/x')).text) as { own: string }).own;
  await echo(first, 'first');
  await echo(second, 'second');
  expect(await who()).toBe('first');
  await first.close();
  expect(await who()).toBe('second');
  await echo(third, 'third');
  expect(await who()).toBe('second');
  await second.evaluate(() => window.answering.stop());
  expect(await who()).toBe('third');
  await third.evaluate(() => window.answering.stop());
  await third.evaluate(() => window.answering.stop());
  expect((await ask(third, '/faces/x')).status).toBe(503);
});

test('a page that is closed in the middle of a call: 503, at once', async ({ context }) => {
  const [page, other] = [await open(context), await open(context)];
  await page.evaluate(() => {
    window.noted = [];
    window.answering = window.worker.answerRequests(() => {
      window.noted.push('begun');
      return new Promise(() => undefined);
    });
  });
  await other.evaluate(() => {
    window.pending = fetch('/faces/x', { method: 'POST', body: 'x' }).then(async (response) => [
      response.status,
      await response.json(),
    ]);
  });
  await page.waitForFunction(() => window.noted.length > 0);
  await page.close();
  expect(await other.evaluate(() => window.pending)).toEqual([
    503,
    { code: 'SERVICE_UNAVAILABLE', status: 503, reason: expect.stringContaining('was closed') },
  ]);
});

test('a service worker that was ended by the browser finds the page again', async ({ context, browser }) => {
  const page = await open(context);
  await echo(page, 'only');
  expect((await ask(page, '/faces/x')).status).toBe(201);
  const session = await browser.newBrowserCDPSession();
  const workers = async (): Promise<readonly string[]> => {
    const { targetInfos } = await session.send('Target.getTargets');
    return targetInfos.filter(({ type }) => type === 'service_worker').map(({ targetId }) => targetId);
  };
  const running = await workers();
  expect(running).toHaveLength(1);
  await session.send('Target.closeTarget', { targetId: running[0]! });
  await expect.poll(workers).toEqual([]);
  expect((await ask(page, '/faces/x')).status).toBe(201);
  expect(await workers()).toHaveLength(1);
  await session.detach();
});

test('wrong options and places are refused', async ({ context }) => {
  const page = await open(context);
  const codes = await page.evaluate(() => {
    const { answerRequests, forwardRequests } = window.worker;
    const handle = async (): Promise<Response> => new Response();
    const calls: readonly (() => unknown)[] = [
      () => answerRequests(undefined as never),
      () => answerRequests(handle, { basePath: '/' }),
      () => answerRequests(handle, { basePath: 'faces' }),
      () => answerRequests(handle, { basepath: '/faces' } as never),
      () => forwardRequests({ claim: 'yes' as never }),
      () => forwardRequests({ basePath: '' }),
      () => forwardRequests(),
    ];
    return calls.map((call) => {
      try {
        call();
        return 'none';
      } catch (error) {
        const { code, message, details } = error as Error & { code: string; details: { param?: string } };
        return [code, details.param ?? message];
      }
    });
  });
  expect(codes).toEqual([
    ['BAD_PARAM', 'handle'],
    ['BAD_PARAM', 'options.basePath'],
    ['BAD_PARAM', 'options.basePath'],
    ['BAD_PARAM', 'options.basepath'],
    ['BAD_PARAM', 'options.claim'],
    ['BAD_PARAM', 'options.basePath'],
    ['BACKEND_UNAVAILABLE', expect.stringContaining('service worker')],
  ]);
  expect((await ask(page, '/faces/x')).status).toBe(503);
});
