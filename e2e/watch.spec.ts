import { expect, type Page, test } from '@playwright/test';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import { scenes } from '../tools/video/scene-list.ts';
import { cutsOf, frameCount, type Scene, truthOf } from '../tools/video/scenes.ts';
import { iou } from '../src/geometry/boxes.ts';
import type { Box } from '../src/index.ts';
import { openPage, serveLibrary } from './library.ts';
import type { PlainEvent, Told, WatchPage } from './watch-page.ts';

declare const watchPage: WatchPage;

/** A face counts as in the picture from this share on that is seen of it. */
const VISIBLE = 0.5;
/** People of the scenes who are enrolled. */
const KNOWN = 4;

let server: StaticServer;
let page: Page;
let people: readonly string[];

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  const { folder, script } = await buildPage('e2e/watch-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  page = await browser.newPage();
  await page.addInitScript(`
    const Original = Worker;
    const started = [];
    window.Worker = class extends Original {
      constructor(url, options) {
        super(url, options);
        started.push({ url: String(url), worker: this });
      }
    };
    window.killWorker = (script) => started.findLast(({ url }) => url.endsWith(script)).worker.terminate();`);
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'watchPage' in window);
  people = await page.evaluate((known) => watchPage.prepare(known), KNOWN);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
});

interface Followed {
  readonly scene: Scene;
  readonly told: Told;
  readonly of: (type: PlainEvent['type']) => PlainEvent[];
}

async function follow(name: string, options: object = {}): Promise<Followed> {
  await page.evaluate(([all, scene]) => watchPage.clip(all, scene).then(() => null), [people, name] as const);
  const told = await page.evaluate(([scene, given]) => watchPage.follow(scene, given), [
    name,
    options,
  ] as const);
  const scene = scenes({ people, seed: 7, pace: 0.75 }).find((one) => one.name === name)!;
  return { scene, told, of: (type) => told.events.filter((event) => event.type === type) };
}

/** Who is where a box is in a frame. */
function personAt(scene: Scene, frame: number, box: Box): string {
  const faces = truthOf(scene, frame).filter(({ visible }) => visible > 0.2);
  const best = faces.sort((a, b) => iou(b.box, box) - iou(a.box, box))[0];
  return best && iou(best.box, box) > 0.3 ? best.person : 'nobody';
}

/** The first and last frame of each person's stay; gaps of up to `gap` frames do not end one. */
function stays(scene: Scene, gap: number): { person: string; first: number; last: number }[] {
  const cuts = new Set(cutsOf(scene));
  const found: { person: string; first: number; last: number }[] = [];
  for (let frame = 0; frame < frameCount(scene); frame++) {
    for (const { person, visible } of truthOf(scene, frame)) {
      if (visible < VISIBLE) continue;
      const open = found.findLast((stay) => stay.person === person);
      const isCut = [...cuts].some((cut) => open !== undefined && cut > open.last && cut <= frame);
      if (open && !isCut && frame - open.last <= gap) open.last = frame;
      else found.push({ person, first: frame, last: frame });
    }
  }
  return found;
}

/** Whom each track was where it appeared. */
function owners({ scene, of }: Followed): Map<unknown, string> {
  return new Map(
    of('appeared').map(({ trackId, frameIndex, box }) => [
      trackId,
      personAt(scene, frameIndex as number, box as Box),
    ]),
  );
}

/** The names that the tracks ended with. */
function names({ of }: Followed): Map<unknown, string | undefined> {
  return new Map(
    of('lost').map(({ trackId, matches }) => {
      const [first] = matches as { record: { meta: string } }[];
      return [trackId, first?.record.meta];
    }),
  );
}

/** Every stay is a track, begun and ended within `slack` frames, and nobody else is. */
function expectStays(followed: Followed, slack: number, gap = 75): void {
  const owner = owners(followed);
  const told = followed.of('lost').map(({ trackId, firstFrame, lastFrame }) => ({
    person: owner.get(trackId),
    first: firstFrame as number,
    last: lastFrame as number,
  }));
  const left = [...told];
  for (const stay of stays(followed.scene, gap)) {
    const i = left.findIndex(
      ({ person, first, last }) =>
        person === stay.person &&
        Math.abs(first - stay.first) <= slack &&
        Math.abs(last - stay.last) <= slack,
    );
    expect(i, `${JSON.stringify(stay)} among ${JSON.stringify(told)}`).toBeGreaterThanOrEqual(0);
    left.splice(i, 1);
  }
  expect(left).toEqual([]);
}

function expectNames(followed: Followed): void {
  const enrolled = people.slice(0, KNOWN);
  const name = names(followed);
  for (const [trackId, person] of owners(followed))
    expect(name.get(trackId), person).toBe(enrolled.includes(person) ? person : undefined);
}

test('people who cross keep their tracks and their names', async () => {
  const followed = await follow('crossing');
  expectStays(followed, 2);
  expectNames(followed);
  expect(followed.told.events.at(-1)!.type).toBe('ended');
});

test('who leaves for a second and returns keeps the track; who goes behind a pillar too', async () => {
  for (const name of ['leaving and returning', 'behind a pillar']) {
    const followed = await follow(name);
    expectStays(followed, 3);
    expectNames(followed);
  }
});

test('a cut ends all tracks at once, and an empty scene has none', async () => {
  const followed = await follow('cuts and emptiness');
  const [first, second] = cutsOf(followed.scene);
  const ended = followed.of('lost').filter(({ reason }) => reason === 'cut');
  const last = new Set(ended.map(({ lastFrame }) => lastFrame));
  expect(last).toContain(first! - 1);
  expect(last).toContain(second! - 1);
  // Those of one take are over before any of the next begins.
  for (const { trackId, frameIndex } of followed.of('appeared')) {
    const lost = followed.of('lost').find((event) => event['trackId'] === trackId)!;
    for (const cut of cutsOf(followed.scene))
      if ((frameIndex as number) < cut) expect(lost['lastFrame']).toBeLessThan(cut);
  }
  expectNames(followed);
  // Nobody is looked for where nothing moves.
  expect(followed.told.stats.still).toBeGreaterThan(20);
});

test('two runs over a file tell the same', async () => {
  const runs = [await follow('behind a pillar'), await follow('behind a pillar')];
  const [a, b] = runs.map(({ told }) =>
    told.events.filter(({ type }) => type !== 'progress' && type !== 'ended'),
  );
  expect(a!.length).toBeGreaterThan(5);
  expect(a).toEqual(b);
});

test('offline each track is reported once, its best shot, after it has left', async () => {
  const { of, told } = await follow('crossing', {
    minShotScore: 0,
    returnDetails: { attributes: ['demographics'] },
  });
  const shots = of('best-shot');
  expect(shots).toHaveLength(3);
  for (const shot of shots) {
    expect(shot).toMatchObject({ crop: { mediaType: 'image/jpeg' }, modelId: 'mobilefacenet-2' });
    expect(shot['attributes']).toHaveProperty('age');
    const lost = of('lost').find(({ trackId }) => trackId === shot['trackId'])!;
    expect(lost['best']).toMatchObject({ frameIndex: shot['frameIndex'], score: shot['score'] });
    expect(told.events.indexOf(lost)).toBe(told.events.indexOf(shot) + 1);
  }
});

test('regions and sizes say who is reported', async () => {
  const half = { left: 0, top: 0, width: 320, height: 480 };
  const inHalf = await follow('leaving and returning', { roi: half });
  expect(new Set(owners(inHalf).values()).size).toBe(1);
  const searched = await follow('leaving and returning', { rot: half });
  for (const { box } of searched.of('appeared'))
    expect((box as Box).left + (box as Box).width / 2).toBeLessThan(320);
  expect((await follow('leaving and returning', { minFaceSize: 300 })).of('appeared')).toEqual([]);
  const outside = page.evaluate(
    ([scene]) =>
      window.outcomeOf(() => watchPage.follow(scene, { roi: { left: 900, top: 0, width: 9, height: 9 } })),
    ['leaving and returning'] as const,
  );
  expect(await outside).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.roi' } });
});

test('a vision worker that dies is replaced, and the tracks go on', async () => {
  const told = page.evaluate(() => {
    setTimeout(() => window.killWorker('vision.worker.js'), 1500);
    return watchPage.follow('crossing', {});
  });
  const { events } = await told;
  expect(events.filter(({ type }) => type === 'source')).toMatchObject([{ change: 'recovered' }]);
  expect(events.filter(({ type }) => type === 'appeared')).toHaveLength(3);
});

test('of a file that is cut short all is told that was seen before, then what is wrong', async () => {
  const told = await page.evaluate(async () => {
    const whole = watchPage.clips.get('crossing')!;
    // The index of the frames lies at the end of this one: bytes in the middle are made unreadable instead.
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const third = Math.floor(bytes.length / 3);
    bytes.fill(0, third, third + 40_000);
    const types: string[] = [];
    const outcome = await window.outcomeOf(async () => {
      for await (const { type } of window.nf.watch(new Blob([bytes], { type: whole.type }))) types.push(type);
    });
    return { types, code: outcome.code };
  });
  expect(told.code).toBe('VIDEO_DECODING_FAILED');
  expect(told.types).toContain('appeared');
  expect(told.types.filter((type) => type === 'lost')).toHaveLength(
    told.types.filter((type) => type === 'appeared').length,
  );
  expect(told.types).not.toContain('ended');
});

test('reports are enrolled', async () => {
  await page.evaluate(() => window.nf.galleries.create('seen', { ifExists: 'get' }));
  const options = { action: 'enrol', enrol: { galleries: ['seen'], meta: 'visitor' }, minShotScore: 0 };
  const { of } = await follow('crossing', options);
  expect(of('enrolled')).toHaveLength(3);
  const stored = await page.evaluate(async () => (await window.nf.galleries.get('seen')).count());
  expect(stored).toBe(3);
});

test('live: reports come while the face is there, faces are known at any time, and an overlay shows them', async () => {
  const told = await page.evaluate(
    (all) => watchPage.live(all, 'crossing', { minShotScore: 0 }, 'identified'),
    people,
  );
  const types = told.events.map(({ type }) => type);
  expect(types).toContain('best-shot');
  expect(types.indexOf('best-shot')).toBeLessThan(types.includes('lost') ? types.indexOf('lost') : Infinity);
  expect(told.faces).toBeGreaterThan(0);
  // Times are those of the clock.
  expect(Math.abs((told.events[0]!['timeMs'] as number) - Date.now())).toBeLessThan(60_000);
  expect(told.stats.processed).toBeGreaterThan(0);
});

test('options are checked, and a session can be stopped at any time', async () => {
  const outcomes = await page.evaluate(async () => {
    const clip = watchPage.clips.get('crossing')!;
    const bad = [
      { motionScale: 0 },
      { topK: 11 },
      { threshold: 0.5, maxDistance: 1 },
      { enrol: {} },
      { rio: {} },
    ];
    const codes = [];
    for (const options of bad) codes.push(await window.outcomeOf(() => window.nf.watch(clip, options)));
    const source = await window.outcomeOf(() => window.nf.watch(7 as never).opened);
    const session = window.nf.watch(clip);
    const [first] = await Promise.all([session[Symbol.asyncIterator]().next(), session.opened]);
    const stats = await session.stop();
    const again = await session.stop();
    const types = [];
    for await (const { type } of session) types.push(type);
    const aborter = new AbortController();
    aborter.abort();
    const aborted = [];
    for await (const { type } of window.nf.watch(clip, { signal: aborter.signal })) aborted.push(type);
    return { codes, source, first: first.value?.type, stats, again, last: types.at(-1), aborted };
  });
  expect(outcomes.codes.map(({ code, details }) => [code, details['param']])).toEqual([
    ['BAD_PARAM', 'options.motionScale'],
    ['BAD_PARAM', 'options.topK'],
    ['BAD_PARAM', 'options.maxDistance'],
    ['BAD_PARAM', 'options.enrol'],
    ['BAD_PARAM', 'options.rio'],
  ]);
  expect(outcomes.source).toMatchObject({ code: 'BAD_PARAM', details: { param: 'source' } });
  expect(outcomes.first).toBe('appeared');
  expect(outcomes.last).toBe('ended');
  expect(outcomes.aborted).toEqual(['ended']);
  expect(outcomes.again.processed).toBe(outcomes.stats.processed);
});
