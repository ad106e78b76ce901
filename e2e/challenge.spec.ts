import { expect, test, type Page } from '@playwright/test';
import type { ChallengeOptions, ChallengeStep } from '../src/index.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import type { ChallengePage, Player, Went } from './challenge-page.ts';
import { openPage, serveLibrary } from './library.ts';

declare const challengePage: ChallengePage;

let server: StaticServer;
let page: Page;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  const { folder, script } = await buildPage('e2e/challenge-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'challengePage' in window);
  expect(await page.evaluate(() => challengePage.prepare(5))).toBe(5);
  expect(await page.evaluate(() => challengePage.prepare(1))).toBe(3);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
});

const play = (player: Player, options: ChallengeOptions = {}): Promise<Went> =>
  page.evaluate(([who, how]) => challengePage.play(who, how), [player, options] as const);
const told = ({ events }: Went): readonly string[] => events.filter((event) => !event.startsWith('hint'));

for (const step of ['turn-left', 'turn-right', 'nod', 'blink', 'smile'] as const)
  test(`somebody who is asked for it, and does: ${step}`, { tag: '@long' }, async () => {
    const went = await play({ who: '5/0' }, { steps: [step] });
    expect(told(went)).toEqual([`asked ${step}`, `done ${step}`, 'ended']);
    expect(went.result).toMatchObject({ passed: true, steps: [{ step }] });
    expect(went.cosine).toBeGreaterThan(0.7);
    expect(went.result.best!.score).toBeGreaterThan(0.3);
  });

test(
  'another step than the one asked for fails, as a recording in another order would',
  { tag: '@long' },
  async () => {
    const does = { 'turn-left': 'turn-right', 'turn-right': 'turn-left' } as const;
    const went = await play({ who: '5/0', does }, { steps: ['turn-left', 'turn-right'] });
    expect(went.result).toMatchObject({ passed: false, reason: 'wrong-step', steps: [] });
    expect(told(went).slice(1)).toEqual([expect.stringMatching(/^wrong turn-/), 'ended']);
  },
);

test(
  'another person in the middle fails, and one who does the steps for a picture of somebody',
  { tag: '@long' },
  async () => {
    const steps: readonly ChallengeStep[] = ['turn-left', 'nod'];
    const swapped = await play({ who: '5/0', then: '1/2' }, { steps });
    expect(swapped.result).toMatchObject({ passed: false, reason: 'another-person' });
    const acted = await play({ who: '5/0', actor: '1/2' }, { steps, stepTimeoutMs: 4000 });
    expect(acted.result).toMatchObject({ passed: false, steps: [] });
  },
);

test('a still picture does nothing, and time is up', { tag: '@long' }, async () => {
  const went = await play(
    { who: '5/0', does: { smile: 'nothing' } },
    { steps: ['smile'], stepTimeoutMs: 1000 },
  );
  expect(went.result).toMatchObject({ passed: false, reason: 'timeout', step: 'smile', steps: [] });
});

test('options are checked, files are refused, and it can be stopped', { tag: '@long' }, async () => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const never = async function* (): AsyncGenerator<ImageBitmap> {
      await new Promise(() => undefined);
      yield undefined as never;
    };
    const refused = [];
    for (const options of [
      { steps: [] },
      { steps: ['nod', 'nod'] },
      { count: 6 },
      { step: 1 },
      { threshold: { fpir: 0.1 } },
    ])
      refused.push(await outcomeOf(() => nf.challenge(never(), options as object).result));
    const file = await outcomeOf(() => nf.challenge(new Blob([])).result);
    const running = nf.challenge(never());
    const stopped = outcomeOf(() => running.result);
    await running.stop();
    const aborter = new AbortController();
    aborter.abort();
    const aborted = await outcomeOf(async () => {
      for await (const event of nf.challenge(never(), { signal: aborter.signal })) void event;
    });
    const silent = await nf.challenge(never(), { timeoutMs: 1000 }).result;
    return { refused, file, stopped: await stopped, aborted, silent };
  });
  expect(outcomes.refused.map(({ code, details }) => [code, details['param']])).toEqual([
    ['BAD_PARAM', 'options.steps'],
    ['BAD_PARAM', 'options.steps'],
    ['BAD_PARAM', 'options.count'],
    ['BAD_PARAM', 'options.step'],
    ['BAD_PARAM', 'options.threshold'],
  ]);
  expect(outcomes.file).toMatchObject({ code: 'BAD_PARAM', details: { param: 'source' } });
  expect(outcomes.stopped.code).toBe('ABORTED');
  expect(outcomes.aborted.code).toBe('ABORTED');
  expect(outcomes.silent).toMatchObject({ passed: false, reason: 'timeout' });
});

test('disposal of what looks ends a challenge at once', { tag: '@long' }, async () => {
  const { code } = await page.evaluate(async () => {
    const { library, outcomeOf } = window;
    const other = await library.NearFace.create({ assets: '/lib/', device: 'wasm' });
    const never = new ReadableStream<ImageBitmap>();
    const { result } = other.challenge(never);
    return outcomeOf(async () => {
      await Promise.all([result, other.dispose()]);
    });
  });
  expect(code).toBe('DISPOSED');
});
