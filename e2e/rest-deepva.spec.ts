import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import type * as Rest from '../src/rest/index.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import { openPage, serveLibrary } from './library.ts';
import { openRest, type RestSetting } from './rest-host.ts';
import type { WatchPage } from './watch-page.ts';

declare const watchPage: WatchPage;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const KEY = 'deepva-test-key';
const MODULES = { face_recognition: { cluster_unknowns: true, enable_top_k: true, top_k: 2 } };
const ENDED = ['completed', 'failed', 'cancelled'];

test.describe('in Node', () => {
  let { nf, host, end } = {} as RestSetting;
  let photos: readonly Buffer<ArrayBuffer>[];

  test.beforeAll(async () => {
    ({ nf, host, end, photos } = await openRest({ tokens: [KEY], maxImageBytes: 2e6 }));
    photos = photos.slice(0, 2);
    await (await nf.galleries.get()).add(photos[0]!, { meta: 'Ann' });
  });
  test.afterAll(() => end());

  async function call(method: string, path: string, body?: object): Promise<{ status: number; json: Json }> {
    const isForm = body instanceof FormData;
    const response = await fetch(path.startsWith('http') ? path : `${host.url}${path}`, {
      method,
      headers: {
        Authorization: `Key ${KEY}`,
        ...(body && !isForm && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  }

  const dataUrl = (photo: Buffer): string => `data:image/jpeg;base64,${photo.toString('base64')}`;

  /** Asks how far a job is, as its clients do, until it has ended. */
  async function ended(id: string): Promise<Json> {
    let job: Json;
    await expect(async () => {
      job = (await call('GET', `/api/v1/jobs/${id}/`)).json;
      expect(ENDED).toContain(job.state);
    }).toPass({ timeout: 60_000 });
    return job;
  }

  test('a job of photos finds who is in them', async () => {
    const sources = photos.map(dataUrl);
    const made = await call('POST', '/api/v1/jobs/', { sources, modules: MODULES, tag: 'gate' });
    expect(made).toMatchObject({
      status: 201,
      json: { state: 'waiting', progress: 0, tag: 'gate', result: null, media_type: 'image' },
    });
    const job = await ended(made.json.id);
    expect(job).toMatchObject({
      ...{ state: 'completed', errors: [], progress: 1 },
      sources: ['data:image/jpeg', 'data:image/jpeg'],
      modules: { face_recognition: { ...MODULES.face_recognition, state: 'completed' } },
    });
    const [first, second] = job.result.summary;
    expect(first.items).toEqual([{ type: 'face', label: 'Ann', module: 'face_recognition' }]);
    expect(second.items[0].label).toBe('Unknown #1');
    expect(Object.keys(first.info)).toEqual(['resolution']);
    const page = (await call('GET', `${job.result.detailed_link}/?limit=1`)).json;
    expect(page).toMatchObject({ total: 2, offset: 0, limit: 1 });
    const [ann] = page.data;
    expect(ann).toMatchObject({
      ...{ frame_start: 0, frame_end: 0, time_start: 0, tc_start: '00:00:00:00' },
      meta: { person: 'Ann', closest_person: null, closest_k_persons: [{ person: 'Ann' }] },
    });
    expect(ann.meta.mean_similarity).toBeGreaterThan(0.99);
    expect([...Buffer.from(ann.thumbnail.image, 'base64').subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const { x, y, w, h } = ann.detections[0].data;
    for (const share of [x, y, w, h]) expect(share).toBeGreaterThan(0);
    expect(x + w).toBeLessThanOrEqual(1);
    const next = (await call('GET', page.next)).json;
    expect(next).toMatchObject({
      next: null,
      data: [{ meta: { person: 'Unknown #1', closest_person: 'Ann' } }],
    });
    expect(await call('DELETE', `/api/v1/jobs/${job.id}/`)).toMatchObject({ status: 204 });
    expect((await call('GET', `/jobs/${job.id}`)).status).toBe(404);
  });

  test('files come in a form, beside the job as JSON', async () => {
    const form = new FormData();
    form.append('source', new Blob([photos[0]!], { type: 'image/jpeg' }), 'ann.jpg');
    form.append('source', new Blob([photos[1]!], { type: 'image/jpeg' }), 'bob.jpg');
    form.set('job', JSON.stringify({ modules: MODULES, tag: 'form' }));
    const made = await call('POST', '/jobs', form);
    expect(made.json).toMatchObject({ tag: 'form', sources: ['ann.jpg', 'bob.jpg'] });
    expect((await ended(made.json.id)).state).toBe('completed');
  });

  test('a video fails with a text that says why, and does not fail the photos beside it', async () => {
    const video = new Blob([new Uint8Array(5000)], { type: 'video/mp4' });
    const form = new FormData();
    form.set('source', video, 'clip.mp4');
    form.set('modules', JSON.stringify({ face_recognition: {} }));
    const alone = await ended((await call('POST', '/jobs/', form)).json.id);
    expect(alone).toMatchObject({ state: 'failed', media_type: 'video', result: null });
    expect(alone.errors).toEqual(['clip.mp4: Node decodes no videos']);
    form.append('source', new Blob([photos[0]!], { type: 'image/jpeg' }), 'ann.jpg');
    const both = await ended((await call('POST', '/jobs/', form)).json.id);
    expect(both).toMatchObject({
      state: 'completed',
      errors: [expect.stringContaining('decodes no videos')],
    });
    expect(both.result.summary[1].items[0].label).toBe('Ann');
  });

  test('galleries are named by models; celebrities stand for default', async () => {
    const staff = await nf.galleries.create('staff', { label: 'The staff' });
    await staff.add(photos[1]!, { meta: 'Bob' });
    const label = async (parameters: object): Promise<string> => {
      const modules = { face_recognition: parameters };
      const { json } = await call('POST', '/jobs/', { sources: [dataUrl(photos[1]!)], modules });
      return (await ended(json.id)).result.summary[0].items[0].label as string;
    };
    expect(await label({})).toBe('Unknown');
    expect(await label({ model: 'staff' })).toBe('Bob');
    expect(await label({ model: 'celebrities', models: ['The staff'] })).toBe('Bob');
    expect(await label({ model: 'staff', max_distance: 0 })).not.toBe('Ann');
  });

  test('what is wrong is told, and makes no job', async () => {
    const before = (await call('GET', '/jobs/')).json.total;
    const server = createServer((_, response) => response.end('secret'));
    await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
    const inside = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.jpg`;
    const photo = dataUrl(photos[0]!);
    const module = { face_recognition: {} };
    const large = new FormData();
    const jpeg = Buffer.concat([photos[0]!, new Uint8Array(2e6)]);
    large.set('source', new Blob([jpeg], { type: 'image/jpeg' }), 'a.jpg');
    large.set('modules', JSON.stringify(module));
    const cut = new FormData();
    cut.set('job', '{"modules":');
    const wrong: readonly [object, number, string, string][] = [
      [{ sources: [photo] }, 400, 'BAD_PARAM', 'modules'],
      [{ sources: [photo], modules: { object_detection: {} } }, 400, 'BAD_PARAM', 'object_detection'],
      [{ modules: module }, 400, 'BAD_PARAM', 'sources'],
      [{ sources: [], modules: module }, 400, 'BAD_PARAM', 'sources'],
      [{ sources: photo, modules: module }, 400, 'BAD_PARAM', 'sources'],
      [{ sources: [1], modules: module }, 400, 'BAD_PARAM', 'sources[0]'],
      [{ sources: [photo, 'storage://7'], modules: module }, 400, 'BAD_PARAM', 'no storage here'],
      [{ sources: ['/etc/passwd'], modules: module }, 400, 'BAD_PARAM', 'sources[0]'],
      [{ sources: [inside], modules: module }, 400, 'IMAGE_DECODING_FAILED', 'private address'],
      [{ sources: [photo], modules: { face_recognition: { model: 'nobody' } } }, 400, 'BAD_PARAM', 'model'],
      [{ sources: [photo], modules: module, tag: 'x'.repeat(1025) }, 400, 'BAD_PARAM', 'tag'],
      [{ sources: Array(1001).fill('data:,'), modules: module }, 400, 'BAD_PARAM', '1000'],
      [large, 413, 'IMAGE_TOO_LARGE', 'source[0]'],
      [cut, 400, 'MALFORMED_JSON', 'job'],
    ];
    for (const [body, status, code, told] of wrong) {
      const answer = await call('POST', '/api/v1/jobs/', body);
      expect([told, answer]).toEqual([
        told,
        { status, json: { code, detail: expect.stringContaining(told) } },
      ]);
    }
    server.close();
    expect((await call('GET', '/jobs/')).json.total).toBe(before);
    const closed = await fetch(`${host.url}/jobs/`, { headers: { Authorization: 'Key another-key' } });
    expect([closed.status, (await closed.json()).code]).toEqual([401, 'AUTH_FAILED']);
    expect(await call('PUT', '/api/v1/jobs/')).toMatchObject({ status: 405 });
    expect(await call('GET', '/api/v1/jobs/1/2/3')).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND' },
    });
  });
});

test(
  'in a page a job goes through a video, and one that a page left goes on',
  { tag: '@long' },
  async ({ page }) => {
    test.setTimeout(300_000);
    const { script, folder } = await buildPage('e2e/watch-page.ts');
    const server = await serveLibrary({ [PAGE_PREFIX]: folder });
    await openPage(page, server);
    await page.addScriptTag({ type: 'module', url: script });
    await page.waitForFunction(() => 'watchPage' in window);
    const people = await page.evaluate(() => watchPage.prepare(2));
    await page.evaluate((all) => watchPage.clip(all, 'leaving and returning').then(() => null), people);
    const openHandler = () =>
      page.evaluate(async (key) => {
        const { createHandler } = (await import(`${location.origin}/lib/rest.js`)) as typeof Rest;
        const handle = createHandler(window.nf, { tokens: [key], apis: ['deepva'] });
        window.call = async (path, init = {}) => {
          const headers = { Authorization: `Key ${key}` };
          const response = await handle(new Request(new URL(path, location.origin), { ...init, headers }));
          return { status: response.status, json: (await response.json()) as unknown };
        };
      }, KEY);
    await openHandler();
    const made: Json = await page.evaluate(async (modules) => {
      const form = new FormData();
      form.append('source', watchPage.clips.get('leaving and returning')!, 'clip.mp4');
      form.append('modules', JSON.stringify(modules));
      return (await window.call('/jobs/', { method: 'POST', body: form })).json;
    }, MODULES);
    expect(made).toMatchObject({ state: 'waiting', media_type: 'video', sources: ['clip.mp4'] });
    const job = (): Promise<Json> =>
      page.evaluate(async (id) => (await window.call(`/jobs/${id}/`)).json, made.id);
    await expect(async () => expect((await job()).progress).toBeGreaterThan(0)).toPass({ timeout: 60_000 });
    // The page ends in the middle of it.
    await page.reload();
    await page.waitForFunction(() => 'ready' in window);
    await page.evaluate(async () => {
      window.nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
    });
    await openHandler();
    let told: Json;
    await expect(async () => {
      told = await job();
      expect(told.state).toBe('completed');
    }).toPass({ timeout: 240_000, intervals: [1000] });
    const [{ info, items }] = told.result.summary;
    expect(info).toEqual({
      fps: expect.any(Number),
      resolution: [expect.any(Number), expect.any(Number)],
      total_frames: expect.any(Number),
      duration: expect.any(Number),
    });
    expect(items.length).toBeGreaterThan(0);
    const results: Json = await page.evaluate(
      async (id) => (await window.call(`/jobs/${id}/detailed-results/?limit=1000`)).json,
      made.id,
    );
    expect(results.total).toBe(results.data.length);
    for (const one of results.data) {
      expect(one.time_start).toBeCloseTo(one.frame_start / info.fps, 9);
      expect(one.tc_start).toMatch(/^00:00:\d\d[:;]\d\d$/);
      expect(one.detections[0].frame_index).toBeGreaterThanOrEqual(one.frame_start);
    }
    expect(results.data.map((one: Json) => one.meta.person)).toEqual(
      expect.arrayContaining(items.map((one: Json) => one.label)),
    );
    await server.close();
  },
);
