import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('liveness is told if asked for, of faces with enough around them, and its model is loaded only then', async ({
  page,
}) => {
  await openPage(page, server);
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const roles = (): string[] => nf.info.models.map(({ role }) => role);
    const plain = await nf.detect('/photos/sample1.jpg', { returnDetails: { angle: true } });
    const before = roles();
    const asked = await nf.detect('/photos/sample1.jpg', { returnDetails: { liveness: true } });
    // The same face, with nothing around it.
    const { left, top, width, height } = asked.faces[0]!.position;
    const photo = await createImageBitmap(await (await fetch('/photos/sample1.jpg')).blob());
    const tight = Object.assign(document.createElement('canvas'), { width, height });
    tight.getContext('2d')!.drawImage(photo, -left, -top);
    const cut = await nf.detect(tight, { returnDetails: { liveness: true } });
    return {
      plain: plain.faces.map((face) => 'liveness' in face),
      before,
      asked: asked.faces.map(({ liveness }) => liveness),
      after: roles(),
      timings: Object.keys(nf.info.timings),
      cut: cut.faces.map((face) => 'liveness' in face),
    };
  });
  expect(seen.plain).toEqual([false, false, false]);
  expect(seen.before).not.toContain('liveness');
  expect(seen.after).toContain('liveness');
  expect(seen.timings).toContain('liveness');
  expect(seen.asked).toHaveLength(3);
  for (const liveness of seen.asked) {
    expect(liveness!.score).toBeGreaterThanOrEqual(0);
    expect(liveness!.score).toBeLessThanOrEqual(1);
    expect(liveness!.value).toBe(liveness!.score >= 0.5 ? 'live' : 'spoof');
  }
  expect(seen.cut).toEqual([false]);
});

test('minLiveness: gates of add, addMany and compare', { tag: '@long' }, async ({ page }) => {
  await openPage(page, server);
  const seen = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const photo = '/photos/sample1.jpg';
    const { faces } = await nf.embed(photo, { faces: 'biggest', returnDetails: { liveness: true } });
    const { score } = faces[0]!.liveness!;
    const refused = await gallery.add(photo, { minLiveness: 1 });
    const many = await gallery.addMany([photo], { minLiveness: 1 });
    const passed = await gallery.add(photo, { minLiveness: score });
    const self = await nf.compare(photo, photo, { minLivenessA: score });
    const failing = await nf.compare(photo, photo, { minLivenessB: 1 });
    const plain = await nf.compare(photo, photo);
    const { embedding } = faces[0]!;
    return {
      score,
      refused,
      many: many.outcomes.map(({ status }) => status),
      passed: passed.records.length,
      self: [self.verified, self.live, self.a!.faces[0]!.liveness, self.b!.faces[0]!.liveness] as const,
      failing: [failing.verified, failing.live, failing.confidence, failing.pairs[0]!.live] as const,
      plain: 'live' in plain,
      wrong: await outcomeOf(() => nf.compare(embedding!, photo, { minLivenessA: 0.5 })),
      aligned: await outcomeOf(() => gallery.add(photo, { input: 'aligned', minLiveness: 0.5 })),
      range: await outcomeOf(() => gallery.add(photo, { minLiveness: 2 })),
    };
  });
  const { score } = seen;
  expect(seen.refused.records).toEqual([]);
  expect(seen.refused.rejected[0]!.liveness!.score).toBe(score);
  expect(seen.refused.rejected[0]!.shortfalls).toEqual([
    { item: 'liveness', value: score, min: 1, max: 1, by: 1 - score },
  ]);
  expect(seen.many).toEqual(['rejected']);
  expect(seen.passed).toBe(1);
  expect(seen.self).toEqual([true, true, { value: score >= 0.5 ? 'live' : 'spoof', score }, undefined]);
  expect(seen.failing.slice(0, 2)).toEqual([false, false]);
  expect(seen.failing[2]).toBeGreaterThan(0.9);
  expect(seen.failing[3]).toBe(false);
  expect(seen.plain).toBe(false);
  expect(seen.wrong).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.minLivenessA' } });
  expect(seen.aligned).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.minLiveness' } });
  expect(seen.range).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.minLiveness' } });
});

test(
  'minLiveness of watch: tracks below it are neither reported nor looked up',
  { tag: '@long' },
  async ({ page }) => {
    await openPage(page, server);
    const seen = await page.evaluate(async () => {
      const { nf } = window;
      const gallery = await nf.galleries.get();
      await gallery.add('/photos/sample1.jpg', { meta: 'Sam' });
      const told = async (minLiveness: number): Promise<(readonly [string, boolean])[]> => {
        const frames = Array.from({ length: 6 }, () => '/photos/sample1.jpg');
        const events: (readonly [string, boolean])[] = [];
        for await (const event of nf.watch(frames, { minLiveness, minShotScore: 0, motionThreshold: 0 }))
          if ('trackId' in event) events.push([event.type, 'liveness' in event]);
        return events;
      };
      return { refused: await told(1), passed: await told(0) };
    });
    const types = (events: readonly (readonly [string, boolean])[]): string[] => events.map(([type]) => type);
    expect(types(seen.refused)).toContain('appeared');
    expect(types(seen.refused)).not.toContain('best-shot');
    expect(types(seen.refused)).not.toContain('identified');
    expect(types(seen.passed)).toContain('best-shot');
    expect(types(seen.passed)).toContain('identified');
    // It is measured for the gate, and was not asked for.
    expect(seen.passed.every(([, has]) => !has)).toBe(true);
  },
);
