/** Who the faces of a video are: people, sightings, and cameras' own options, through the built library on generated clips. */
import { expect, type Page, test } from '@playwright/test';
import type { Box, Sighting } from '../src/index.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';
import type { PlainEvent, Told, WatchPage } from './watch-page.ts';

declare const watchPage: WatchPage;

/** People of the scenes who are enrolled, without a camera. */
const KNOWN = 4;
const HALF = { left: 0, top: 0, width: 320, height: 480 };

let server: StaticServer;
let page: Page;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  const { folder, script } = await buildPage('e2e/watch-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'watchPage' in window);
  await page.evaluate(async (known) => {
    const people = await watchPage.prepare(known);
    for (const name of ['crossing', 'leaving and returning']) await watchPage.clip(people, name);
  }, KNOWN);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
});

const follow = (name: string, options: object): Promise<Told> =>
  page.evaluate(([scene, given]) => watchPage.follow(scene, given), [name, options] as const);
const history = (cameraId: string): Promise<readonly Sighting[]> =>
  page.evaluate(
    async (id) => (await window.nf.history.search({ cameraIds: [id], limit: 1000 })).sightings,
    cameraId,
  );
const of = ({ events }: Told, type: PlainEvent['type']): PlainEvent[] =>
  events.filter((event) => event.type === type);
const AUTO = { people: 'auto', minShotScore: 0 } as const;

test('each report is a sighting; who comes again is the same person, and all is dated', async () => {
  const before = Date.now();
  const first = await follow('crossing', { ...AUTO, cameraId: 'door', keep: 'crops' });
  expect(of(first, 'best-shot')).toHaveLength(3);
  const sighted = of(first, 'sighted').map(({ sighting }) => sighting as Sighting);
  const persons = sighted.map(({ personId }) => personId);
  expect(new Set(persons).size).toBe(3);
  expect(persons).not.toContain(undefined);
  for (const [i, event] of of(first, 'sighted').entries())
    expect(sighted[i]).toMatchObject({
      cameraId: 'door',
      trackId: String(event['trackId']),
      pictures: ['thumbnail', 'crop'],
    });
  for (const lost of of(first, 'lost')) {
    const told = sighted.find(({ trackId }) => trackId === String(lost['trackId']));
    expect(lost['personId']).toBe(told?.personId);
    // Who it is found to be is told before.
    const named = first.events.filter(
      ({ type, trackId, personId }) =>
        (type === 'identified' || type === 'updated') &&
        trackId === lost['trackId'] &&
        personId === told?.personId,
    );
    expect(named.length).toBeGreaterThan(0);
  }
  for (const event of first.events)
    expect(event).toMatchObject({
      cameraId: 'door',
      timeMs: expect.any(Number),
      frameIndex: expect.any(Number),
    });
  const again = await follow('crossing', { ...AUTO, cameraId: 'door', startTime: 1000 });
  const noted = await history('door');
  expect(noted).toHaveLength(6);
  expect(new Set(noted.map(({ personId }) => personId))).toEqual(new Set(persons));
  const [late, early] = [noted.slice(0, 3), noted.slice(3)];
  // A file of which nobody knows when it was is dated from when it was watched.
  for (const { timeMs } of late) expect(timeMs).toBeGreaterThanOrEqual(before);
  const times = of(again, 'best-shot').map(({ timeMs }) => timeMs as number);
  expect(early.map(({ timeMs }) => timeMs).sort()).toEqual(times.sort());
  // What was enrolled without a camera is of another scope.
  const { faces, unknowns } = await page.evaluate(async () => {
    const { records } = await (await window.nf.galleries.get('default')).list();
    return {
      faces: records.map(({ personId }) => personId ?? null),
      unknowns: await (await window.nf.galleries.get('unknowns')).count(),
    };
  });
  expect(faces).toEqual(Array.from({ length: KNOWN }, () => null));
  expect(unknowns).toBe(3);
});

test('with global, enrolled people are who they are', async () => {
  // The strangers of the other camera would be more similar than the photos.
  await page.evaluate(async () => {
    const { people } = await window.nf.people.list();
    for (const { id } of people) await window.nf.people.delete(id);
  });
  const told = await follow('crossing', { ...AUTO, cameraId: 'gate', global: true });
  const found = await page.evaluate(async () => {
    const { records } = await (await window.nf.galleries.get('default')).list();
    return records.flatMap(({ personId, meta }) => (personId === undefined ? [] : [[personId, meta]]));
  });
  const names = new Map(found as [string, string][]);
  let known = 0;
  for (const lost of of(told, 'lost')) {
    const [match] = lost['matches'] as { record: { meta: string } }[];
    if (!match) continue;
    known++;
    expect(names.get(lost['personId'] as string)).toBe(match.record.meta);
  }
  expect(known).toBeGreaterThan(0);
});

test('enrolled reports are of their people, and sightings of their faces', async () => {
  await page.evaluate(() => window.nf.galleries.create('seen', { ifExists: 'get' }));
  const enrol = { galleries: ['seen'], meta: 'visitor', returnDetails: { attributes: true } };
  const told = await follow('crossing', { ...AUTO, cameraId: 'hall', action: 'enrol', enrol });
  const records = of(told, 'enrolled').map(({ record }) => record as Record<string, unknown>);
  expect(records).toHaveLength(3);
  for (const record of records) {
    expect(record).toMatchObject({ personId: expect.any(String), meta: 'visitor', cameraId: 'hall' });
    expect(record['attributes']).toHaveProperty('age');
  }
  const noted = await history('hall');
  expect(noted.map(({ faceId, personId }) => [faceId, personId]).sort()).toEqual(
    records.map(({ id, personId }) => [id, personId]).sort(),
  );
});

test('live, a track is one person however often it is reported', { tag: '@long' }, async () => {
  const told = await page.evaluate(async (auto) => {
    const people = await watchPage.prepare(0);
    const options = { ...auto, cameraId: 'live', scoreStep: 0, refreshMs: 1, action: 'none' } as const;
    return watchPage.live(people, 'leaving and returning', options, 'sighted', 4);
  }, AUTO);
  const persons = new Map<unknown, Set<unknown>>();
  for (const { trackId, sighting, error } of of(told, 'sighted')) {
    expect(error).toBeUndefined();
    const those = persons.get(trackId) ?? new Set();
    those.add((sighting as Sighting).personId);
    persons.set(trackId, those);
  }
  expect(persons.size).toBeGreaterThan(0);
  for (const those of persons.values()) expect(those.size).toBe(1);
  // No report is lost, also of those when it was stopped.
  expect(of(told, 'sighted')).toHaveLength(of(told, 'best-shot').length);
});

test("a camera's record says what its sessions begin with, the call what they do", async () => {
  await page.evaluate(async () => {
    const watch = { ...{ people: 'auto', minShotScore: 0, threshold: 0.9 }, action: 'enrol', enrol: {} };
    await window.nf.cameras.create({ id: 'half', rot: '320x480+0+0', watch });
  });
  const told = await follow('leaving and returning', { cameraId: 'half', action: 'none', maxDistance: 1 });
  for (const { box } of of(told, 'appeared'))
    expect((box as Box).left + (box as Box).width / 2).toBeLessThan(HALF.width);
  expect(of(told, 'sighted').length).toBeGreaterThan(0);
  expect(of(told, 'enrolled')).toEqual([]);
  const off = await follow('leaving and returning', {
    cameraId: 'half',
    people: 'off',
    action: 'none',
    rot: [320, 480, -1, 0],
  });
  expect(of(off, 'sighted')).toEqual([]);
  expect(of(off, 'appeared').length).toBeGreaterThan(0);
  for (const { box } of of(off, 'appeared'))
    expect((box as Box).left + (box as Box).width / 2).toBeGreaterThanOrEqual(HALF.width - 1);
});

test('options of people, cameras and regions are checked', async () => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf, library } = window;
    const clip = watchPage.clips.get('crossing')!;
    const watch = (options: object) => (): unknown => nf.watch(clip, options);
    const calls = [
      watch({ people: 'on' }),
      watch({ personThreshold: { fpir: 0.01 } }),
      watch({ global: 1 }),
      watch({ keep: 'all' }),
      watch({ rot: '0x480+0+0' }),
      watch({ rot: [1, 2, 3] }),
      watch({ roi: '640x480' }),
      watch({ minFaceSize: 90, maxFaceSize: 80 }),
      () => nf.cameras.create({ watch: { topK: 0 } }),
      () => nf.cameras.create({ watch: { cameraId: 'x' } }),
      () => nf.cameras.create({ watch: { threshold: 0.5, maxDistance: 1 } }),
      () => nf.cameras.create({ rot: '10x10-0+0' }),
      () => nf.cameras.update('half', { roi: [10, 10, -1, 0] }),
      () => nf.cameras.watchAll({ maxCameras: 0 }),
      () => nf.cameras.watchAll({ watch: { cameraId: 'x' } as object }),
      () => library.geometryFromText('10x10+0+0', 0, 0),
      () => library.geometryFromList([10, 10, -700, 0], 640, 480),
    ];
    const told = [];
    for (const call of calls) {
      const { code, details } = await outcomeOf(async () => call());
      told.push([code, details['param']]);
    }
    return told;
  });
  expect(outcomes).toEqual(
    [
      ...['people', 'personThreshold', 'global', 'keep', 'rot', 'rot', 'roi', 'maxFaceSize'].map(
        (name) => `options.${name}`,
      ),
      ...['camera.watch.topK', 'camera.watch.cameraId', 'camera.watch.maxDistance', 'camera.rot'],
      ...['patch.roi', 'options.maxCameras', 'options.watch.cameraId', 'geometry', 'geometry'],
    ].map((param) => ['BAD_PARAM', param]),
  );
  const outside = page.evaluate(() =>
    window.outcomeOf(() => watchPage.follow('crossing', { rot: '9x9+640+0' })),
  );
  expect(await outside).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.rot' } });
});

test('images in a row come at 25 a second unless another rate is named', async () => {
  const told = await page.evaluate(async () => {
    const watched = async (options: object): Promise<number[]> => {
      const times: number[] = [];
      const photos = ['/photos/sample1.jpg', '/photos/sample1.jpg', '/photos/sample1.jpg'];
      for await (const event of window.nf.watch(photos, options)) {
        if (event.type === 'lost') times.push(event.lastTimeMs);
        if (event.type === 'ended') times.push(event.stats.processed);
      }
      return times;
    };
    return [await watched({}), await watched({ fps: 10 })];
  });
  expect(told).toEqual([
    [80, 80, 80, 3],
    [200, 200, 200, 3],
  ]);
});

test('an image in a row that cannot be read is left out and told of', async () => {
  const told = await page.evaluate(async () => {
    const photo = '/photos/sample1.jpg';
    const told: unknown[] = [];
    const broken = new Blob(['\xff\xd8\xff no picture'], { type: 'image/jpeg' });
    for await (const event of window.nf.watch([broken, photo, '/photos/gone.jpg', photo, photo])) {
      if (event.type === 'source') told.push([event.change, event.frameIndex, event.error?.code]);
      if (event.type === 'lost') told.push([event.firstFrame, event.lastFrame]);
      if (event.type === 'ended') told.push(event.stats.processed);
    }
    return told;
  });
  const seen = [1, 4];
  expect(told).toEqual([
    ['skipped', 0, 'IMAGE_DECODING_FAILED'],
    ['skipped', 2, 'IMAGE_DECODING_FAILED'],
    ...[seen, seen, seen],
    3,
  ]);
});

test('all cameras of a group are watched; cameras that are added and deleted meanwhile come and go', async () => {
  const told = await page.evaluate(async () => {
    const { nf } = window;
    const clip = watchPage.clips.get('crossing')!;
    const make = (id: string, group = 'all'): Promise<unknown> => nf.cameras.create({ id, group });
    for (const id of ['a', 'b', 'c']) await make(id);
    await make('elsewhere', 'other');
    /** A camera that films the clip's first picture. */
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.getContext('2d')!.fillRect(0, 0, 64, 48);
    const stream = canvas.captureStream(10);
    const watching = nf.cameras.watchAll({
      group: 'all',
      maxCameras: 2,
      watch: { minShotScore: 0 },
      source: ({ id }) => (id === 'a' || id === 'd' ? clip : stream),
    });
    const seen: { type: string; cameraId: string; change?: string }[] = [];
    let most = 0;
    for await (const event of watching) {
      const { type, cameraId } = event;
      most = Math.max(most, watching.sessions.size);
      seen.push({ type, cameraId, ...(event.type === 'camera' && { change: event.change }) });
      if (event.type !== 'camera') continue;
      // a ends by itself; c takes its place, and is deleted; d comes.
      if (event.change === 'joined' && cameraId === 'c') void nf.cameras.delete('c').then(() => make('d'));
      if (event.change === 'left' && cameraId === 'd') break;
    }
    stream.getTracks().forEach((track) => track.stop());
    return { seen, most, left: watching.sessions.size };
  });
  const changes = told.seen.filter(({ type }) => type === 'camera');
  expect(changes.map(({ cameraId, change }) => `${cameraId} ${change}`)).toEqual(
    expect.arrayContaining(['a joined', 'a left', 'b joined', 'c joined', 'c left', 'd joined', 'd left']),
  );
  expect(changes.some(({ cameraId }) => cameraId === 'elsewhere')).toBe(false);
  expect(told.most).toBe(2);
  expect(told.left).toBe(0);
  const appeared = told.seen.filter(({ type }) => type === 'appeared').map(({ cameraId }) => cameraId);
  expect(appeared).toEqual(['a', 'a', 'a', 'd', 'd', 'd']);
});

test('a camera that cannot be watched is told of, and the others go on', async () => {
  const told = await page.evaluate(async () => {
    const { nf } = window;
    await nf.cameras.create({ id: 'bare', group: 'bad' });
    await nf.cameras.create({ id: 'gone', group: 'bad', url: '/nowhere.mp4' });
    await nf.cameras.create({ id: 'none', group: 'bad', deviceId: 'no such device' });
    const watching = nf.cameras.watchAll({ group: 'bad' });
    const failed: Record<string, string> = {};
    for await (const event of watching) {
      if (event.type === 'camera' && event.change === 'failed')
        failed[event.cameraId] = event.error?.code ?? '';
      if (Object.keys(failed).length === 3) break;
    }
    return failed;
  });
  expect(told).toEqual({
    bare: 'BAD_PARAM',
    gone: 'VIDEO_DECODING_FAILED',
    none: 'BACKEND_UNAVAILABLE',
  });
});
