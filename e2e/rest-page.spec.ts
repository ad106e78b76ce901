import { expect, test } from '@playwright/test';
import type * as Rest from '../src/rest/index.ts';
import { openPage, serveLibrary } from './library.ts';
import type { StaticServer } from '../tools/serve.ts';

declare global {
  interface Window {
    /** Calls the handler of the page, and answers the status and what JSON says. */
    call(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly json: unknown }>;
  }
}

let server: StaticServer;

test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('the handler answers in a page, and nothing leaves it', async ({ page }) => {
  await openPage(page, server);
  await page.evaluate(async () => {
    const { createHandler } = (await import(`${location.origin}/lib/rest.js`)) as typeof Rest;
    const handle = createHandler(window.nf, { tokens: ['a-key-in-a-page'], basePath: '/faces' });
    window.call = async (path, init = {}) => {
      const headers = {
        'x-api-key': 'a-key-in-a-page',
        Authorization: 'Token a-key-in-a-page',
        ...init.headers,
      };
      const response = await handle(new Request(`${location.origin}/faces${path}`, { ...init, headers }));
      return { status: response.status, json: (await response.json()) as unknown };
    };
  });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const found = await page.evaluate(async () => {
    const photo = await (await fetch('/photos/sample1.jpg')).blob();
    const form = new FormData();
    form.set('file', photo, 'a.jpg');
    const detected = await window.call('/api/v1/detection/detect?limit=2', { method: 'POST', body: form });
    const other = new FormData();
    other.set('photo', photo, 'a.jpg');
    other.set('meta', 'Ann');
    const added = await window.call('/v1/face', { method: 'POST', body: other });
    const known = await window.call('/v1/identify?threshold=none', { method: 'POST', body: other });
    const { results } = added.json as { results: { id: number }[] };
    const subjects = await window.call('/api/v1/recognition/subjects');
    return { detected, added, known, subjects, id: results[0]!.id };
  });
  expect(found.detected).toMatchObject({ status: 200, json: { result: [{ box: {} }, { box: {} }] } });
  expect(found.added.status).toBe(200);
  expect(JSON.stringify(found.known.json)).toContain(String(found.id));
  // One store behind both interfaces.
  expect(found.subjects.json).toEqual({ subjects: ['Ann'] });
  expect(requests.filter((url) => !/\/(lib|photos)\//.test(new URL(url).pathname))).toEqual([]);
});

test('the page of forms makes real calls', async ({ page }) => {
  await openPage(page, server);
  const html = await page.evaluate(async () => {
    const { createHandler } = (await import(`${location.origin}/lib/rest.js`)) as typeof Rest;
    const handle = createHandler(window.nf, { tokens: ['a-key-in-a-page'], apis: ['findface', 'deepva'] });
    const answer = await handle(new Request(`${location.origin}/docs/v1`));
    return { text: await answer.text(), policy: answer.headers.get('content-security-policy') ?? '' };
  });
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  const asked: { url: string; key: string | undefined; body: string | null }[] = [];
  await page.route('**/docs/v1', (route) =>
    route.fulfill({
      body: html.text,
      headers: { 'content-type': 'text/html', 'content-security-policy': html.policy },
    }),
  );
  await page.route('**/v1/face/id/**', (route) => {
    const request = route.request();
    asked.push({ url: request.url(), key: request.headers()['authorization'], body: request.postData() });
    return route.fulfill({ json: { id: 7, meta: 'Ann' } });
  });
  await page.route('**/jobs', (route) => {
    const sent = route.request().postDataBuffer()?.toString('latin1') ?? '';
    const files = [...sent.matchAll(/name="source"; filename="([^"]+)"/g)].map(([, name]) => name);
    return route.fulfill({
      status: 201,
      json: { files, modules: /name="modules"\r\n\r\n(.*)\r/.exec(sent)?.[1] },
    });
  });
  await page.goto(`${server.url}/docs/v1`);
  await page.getByLabel('Key').fill('a-key-in-a-page');
  const card = page.locator('details', { hasText: 'Changes a face' });
  await card.locator('summary').click();
  await card.getByLabel('id *').fill('7');
  await card.locator('[name=v]').fill('v1');
  await card.locator('[name=meta]').fill('Ann');
  await card.getByRole('button', { name: 'Send' }).click();
  await expect(card.getByRole('status')).toContainText('"meta": "Ann"');
  expect(asked).toEqual([
    { url: `${server.url}/v1/face/id/7`, key: 'Token a-key-in-a-page', body: '{"meta":"Ann"}' },
  ]);
  expect(await page.locator('details').count()).toBeGreaterThan(25);
  const jobs = page.locator('details', { hasText: 'Makes a job' }).first();
  await jobs.locator('summary').click();
  const file = (name: string) => ({ name, mimeType: 'image/jpeg', buffer: Buffer.from('x') });
  await jobs.locator('[name=source]').setInputFiles([file('a.jpg'), file('b.jpg')]);
  await jobs.locator('[name=modules]').fill('{"face_recognition":{}}');
  await jobs.getByRole('button', { name: 'Send' }).click();
  await expect(jobs.getByRole('status')).toContainText('"b.jpg"');
  expect(JSON.parse((await jobs.locator('pre').textContent())!.replace(/^[^{]*/, ''))).toEqual({
    files: ['a.jpg', 'b.jpg'],
    modules: '{"face_recognition":{}}',
  });
  expect(problems).toEqual([]);
});
