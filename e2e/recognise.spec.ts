import { expect, type Page, test } from '@playwright/test';
import type * as Library from '../src/index.ts';
import type { Appearance, RecogniseJobSummary } from '../src/index.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';
import type { WatchPage } from './watch-page.ts';

declare const watchPage: WatchPage;

/** People of the scenes who are enrolled. */
const KNOWN = 2;
/** How often the page is reloaded in the middle of the job. */
const RELOADS = 3;

let server: StaticServer;
let page: Page;
let script: string;
let people: readonly string[];

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  const built = await buildPage('e2e/watch-page.ts');
  ({ script } = built);
  server = await serveLibrary({ [PAGE_PREFIX]: built.folder });
  page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'watchPage' in window);
  people = await page.evaluate((known) => watchPage.prepare(known), KNOWN);
  await page.evaluate((all) => watchPage.clip(all, 'leaving and returning').then(() => null), people);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
});

/** An appearance without what differs between two jobs, its picture by its size. */
type Told = Omit<Appearance, 'id' | 'thumbnail'> & { readonly bytes: number };

/** Makes a job of the clip, or takes the one of an id, and works at it until so many frames were looked at. */
function work(
  id: string | undefined,
  options: object,
  frames = Infinity,
): Promise<{
  readonly id: string;
  readonly info: RecogniseJobSummary;
  readonly first: number;
  readonly told: Told[];
}> {
  return page.evaluate(
    async ([known, given, most]) => {
      const { nf } = window;
      const clip = () =>
        new File([watchPage.clips.get('leaving and returning')!], 'clip.mp4', { type: 'video/mp4' });
      const job = known === null ? await nf.jobs.recognise(clip(), given) : await nf.jobs.get(known);
      if (job.kind !== 'recognise') throw new Error('the job enrols');
      let first = -1;
      const info = await job.run({
        onProgress: ({ frame }) => {
          if (first < 0) first = frame;
          if (most !== null && frame >= most) void job.pause();
        },
      });
      const { appearances } = await job.results({ limit: 1000 });
      const told = appearances.map(({ id: _, thumbnail, ...one }) => ({
        ...one,
        bytes: thumbnail?.size ?? 0,
      }));
      return { id: job.id, info, first, told };
    },
    [id ?? null, options, Number.isFinite(frames) ? frames : null] as const,
  );
}

let whole: Awaited<ReturnType<typeof work>>;

test('a job finds who is in a video, when, and who of them nobody knows', async () => {
  test.setTimeout(240_000);
  whole = await work(undefined, { clusterUnknowns: true, topK: 2, tag: 'gate' });
  const { info, told } = whole;
  expect(info).toMatchObject({
    kind: 'recognise',
    state: 'done',
    progress: 1,
    mediaType: 'video',
    tag: 'gate',
    errors: [],
  });
  const [source] = info.sources;
  expect(source).toMatchObject({ name: 'clip.mp4', status: 'done', mediaType: 'video' });
  expect(source?.framesDone).toBe(source?.totalFrames);
  expect(told.length).toBeGreaterThan(1);
  expect(source?.labels.toSorted()).toEqual([...new Set(told.map(({ person }) => person))].sort());
  for (const one of told) {
    expect(one.frameStart).toBeLessThan(one.frameEnd);
    expect(one.detections[0]?.frameIndex).toBeGreaterThanOrEqual(one.frameStart);
    expect(one.detections.at(-1)?.frameIndex).toBeLessThanOrEqual(one.frameEnd);
    expect(one.timecodeStart).toMatch(/^00:00:\d\d:\d\d$/);
    expect(one.bytes).toBeGreaterThan(500);
    expect(one.closestPersons?.length).toBeLessThanOrEqual(2);
    expect(one.meanSimilarity).toBeCloseTo(1 - one.meanDistance! ** 2 / 2, 9);
    const isKnown = people.slice(0, KNOWN).includes(one.person);
    expect(one.person).toMatch(isKnown ? /^sample/ : /^Unknown #\d+$/);
    // Nobody is called by a name who is nearer to another.
    if (isKnown) expect(one.closestPerson).toBe(one.person);
  }
  expect(told.some(({ person }) => people.slice(0, KNOWN).includes(person))).toBe(true);
});

test('a job that is paused, and whose page is reloaded in the middle of a frame, tells the same', async () => {
  test.setTimeout(400_000);
  const begun = await work(undefined, { clusterUnknowns: true, topK: 2, tag: 'gate' }, 20);
  const { id } = begun;
  let { info } = begun;
  expect(info.state).toBe('paused');
  const at = info.sources[0]?.framesDone ?? 0;
  expect(at).toBeGreaterThanOrEqual(20);
  const states: string[] = [];
  for (let reload = 0; reload < RELOADS && states.at(-1) !== 'done'; reload++) {
    // The page ends while the job runs: it is not told.
    await page.evaluate(
      async ([job, seconds]) => {
        const found = await window.nf.jobs.get(job);
        void found.run();
        await new Promise((resolve) => setTimeout(resolve, seconds));
      },
      [id, 900 + 700 * reload] as const,
    );
    await page.reload();
    await page.waitForFunction(() => 'ready' in window);
    await page.evaluate(async () => {
      window.nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
    });
    const state = await page.evaluate(
      async (job) => (await (await window.nf.jobs.get(job)).info()).state,
      id,
    );
    states.push(state);
  }
  expect(states.join(' ')).toMatch(/^paused( paused)*( done)?$/);
  const ended = await work(id, {});
  ({ info } = ended);
  // On a fast machine the last of the pages has seen the end.
  if (states.at(-1) === 'paused') expect(ended.first).toBeGreaterThanOrEqual(at);
  expect(info.state).toBe('done');
  expect(ended.told).toEqual(whole.told);
});

test('reports are files that stand for themselves', async ({ browser }) => {
  const { html, csv, json } = await page.evaluate(async (id) => {
    const job = await window.nf.jobs.get(id);
    if (job.kind !== 'recognise') throw new Error('the job enrols');
    const text = async (format: 'html' | 'csv' | 'json') => (await job.report(format)).text();
    return { html: await text('html'), csv: await text('csv'), json: await text('json') };
  }, whole.id);
  expect(csv.trim().split('\r\n')).toHaveLength(1 + whole.told.length);
  expect((JSON.parse(json) as { appearances: unknown[] }).appearances).toHaveLength(whole.told.length);
  const shown = await browser.newPage();
  const problems: string[] = [];
  shown.on('console', (message) => problems.push(message.text()));
  shown.on('request', (request) => {
    if (!/^(data|about):/.test(request.url())) problems.push(request.url());
  });
  await shown.setContent(html);
  await expect(shown.getByRole('heading', { level: 1 })).toHaveText('gate');
  await expect(shown.getByRole('table').getByRole('row')).toHaveCount(1 + whole.told.length);
  await expect(shown.locator('.lane')).toHaveCount(new Set(whole.told.map(({ person }) => person)).size);
  const isShown = await shown
    .locator('img')
    .evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth > 0));
  expect(isShown).toBe(true);
  expect(problems).toEqual([]);
  for (const [name, width] of [
    ['wide', 1440],
    ['narrow', 390],
  ] as const) {
    await shown.setViewportSize({ width, height: 900 });
    await shown.screenshot({ path: `test-results/report-${name}.png`, fullPage: true });
    const overflow = await shown.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
  await shown.close();
});

test('a session gives the same report, of the events that it told', async () => {
  test.setTimeout(120_000);
  const { rows, wrong } = await page.evaluate(async (photo) => {
    const { nf } = window;
    const blob = await (await fetch(photo)).blob();
    const session = nf.watch(Array<Blob>(8).fill(blob), { fps: 25, motionThreshold: 0 });
    const events: Library.VideoEvent[] = [];
    for await (const event of session) if (event.type === 'lost') events.push(event);
    const { source } = session;
    const csv = await (
      await nf.report(events, { format: 'csv', title: 'door', ...(source && { source }) })
    ).text();
    const html = await (await nf.report(events, { title: 'door' })).text();
    const lanes = html.split('class="lane').length - 1;
    const outcome = await window.outcomeOf(() => nf.report(events, { format: 'pdf' as 'csv' }));
    return { rows: csv.trim().split('\r\n').slice(1), wrong: [outcome.code, lanes > 0] };
  }, '/photos/sample1.jpg');
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatch(/^track-\d+,door,.*,00:00:00:00,00:00:00:07,/);
  expect(wrong).toEqual(['BAD_PARAM', true]);
});

test('images, damaged files and unknown people who are kept', async () => {
  test.setTimeout(120_000);
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const photo = new File([await (await fetch('/photos/sample3.jpg')).blob()], 'group.jpg');
    const sources = [
      photo,
      new File(['no video'], 'broken.mp4', { type: 'video/mp4' }),
      '/photos/sample3.jpg',
    ];
    const told = async () => {
      const extra = { of: ['a test'] };
      const job = await nf.jobs.recognise(sources, { indexUnknowns: true, faceDetectionScale: 1500, extra });
      const info = await job.run();
      const { appearances, total } = await job.results();
      const labels = appearances.map(({ sourceIndex, person, isUnknown, indexedIdentity, timecodeEnd }) => {
        return { sourceIndex, person, isUnknown, indexedIdentity, timecodeEnd };
      });
      return { job, info, labels, total };
    };
    const first = await told();
    const second = await told();
    const unknown = first.labels.find(({ indexedIdentity }) => indexedIdentity !== undefined)!;
    await nf.people.enrol(unknown.indexedIdentity!, 'Kim', { galleries: ['default'] });
    const renamed = (await second.job.results()).appearances.map(({ person }) => person);
    const labels = (await second.job.info()).sources[0]?.labels;
    const third = await told();
    const again = third.labels.filter(({ sourceIndex, person }) => sourceIndex === 0 && person === 'Kim');
    await nf.people.delete(unknown.indexedIdentity!);
    const deleted = JSON.stringify([(await third.job.results()).appearances, await third.job.info()]);
    const strip = ({ info, labels: told, total }: typeof first) => ({ info, labels: told, total });
    return { first: strip(first), second: strip(second), renamed, labels, again, deleted, unknown };
  });
  expect(seen.first.info).toMatchObject({
    ...{ state: 'done', mediaType: 'mixed', extra: { of: ['a test'] } },
    sources: [
      { name: 'group.jpg', status: 'done', mediaType: 'image' },
      { name: 'broken.mp4', status: 'failed', error: { code: 'VIDEO_DECODING_FAILED' } },
      { name: 'sample3.jpg', status: 'done', mediaType: 'image' },
    ],
  });
  expect(seen.first.info.errors).toEqual([expect.stringMatching(/^broken\.mp4: /)]);
  const own = seen.first.labels.filter(({ sourceIndex }) => sourceIndex === 0);
  expect(own.length).toBeGreaterThan(1);
  for (const { isUnknown, indexedIdentity } of own)
    expect(isUnknown).toBe(indexedIdentity ? true : undefined);
  // The same photo shows the same people, in this job and in the next.
  const bare = (labels: typeof own): unknown => labels.map(({ sourceIndex: _, ...one }) => one);
  expect(bare(seen.first.labels.filter(({ sourceIndex }) => sourceIndex === 2))).toEqual(bare(own));
  expect(seen.second.labels).toEqual(seen.first.labels);
  expect(own[0]?.timecodeEnd).toBe('00:00:00:00');
  // Whoever is named is so in what was seen before, and is found by that name from then on.
  expect(seen.unknown.person).toMatch(/^Unknown #\d+$/);
  expect(seen.renamed).toContain('Kim');
  expect(seen.labels).toContain('Kim');
  expect(seen.again).toMatchObject([{ person: 'Kim' }]);
  expect(seen.deleted).not.toContain('Kim');
});

test('jobs take turns, and one that waits can be paused', async () => {
  test.setTimeout(120_000);
  const states = await page.evaluate(async () => {
    const { nf } = window;
    const make = async () => nf.jobs.recognise(['/photos/sample1.jpg', '/photos/sample2.jpg']);
    const [a, b, c] = [await make(), await make(), await make()];
    const order: string[] = [];
    const run = async (name: string, job: typeof a) => {
      const { state } = await job.run({ onProgress: () => void (order.at(-1) !== name && order.push(name)) });
      return state;
    };
    const running = [run('a', a), run('b', b), run('c', c)];
    while ((await b.info()).state !== 'waiting' || (await a.info()).state !== 'running')
      await new Promise((resolve) => setTimeout(resolve, 5));
    await b.pause();
    const twice = await window.outcomeOf(() => a.run());
    const ended = await Promise.all(running);
    return {
      ended,
      order,
      twice: twice.code,
      after: await run('b', b),
      wrong: (await window.outcomeOf(() => nf.jobs.recognise([]))).code,
      extra: (await window.outcomeOf(() => nf.jobs.recognise('/photos/sample1.jpg', { extra: NaN }))).details,
    };
  });
  expect(states).toEqual({
    ended: ['done', 'paused', 'done'],
    order: ['a', 'c', 'b'],
    twice: 'BAD_PARAM',
    after: 'done',
    wrong: 'BAD_PARAM',
    extra: expect.objectContaining({ param: 'options.extra' }),
  });
});
