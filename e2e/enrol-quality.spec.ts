import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => openPage(page, server));

test('minQuality: a face below it is a value, not an exception, and nothing of it is stored', async ({
  page,
}) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const gallery = await nf.galleries.get();
    const photo = '/photos/sample1.jpg';
    const strict = { sharpness: [0.999, 1], yaw: [-90, 90] } as const;
    const refused = await gallery.add(photo, { minQuality: strict });
    const count = await gallery.count();
    const passed = await gallery.add(photo, { minQuality: { sharpness: [0.3, 1] }, meta: 'Sam' });
    return { refused, count, passed, stored: await gallery.get(passed.records[0]!.id) };
  });
  expect(seen.refused.records).toEqual([]);
  expect(seen.refused.rejected).toHaveLength(1);
  const { position, quality: measured, angle, shortfalls, reliability } = seen.refused.rejected[0]!;
  const quality = measured!;
  expect(reliability).toBeGreaterThan(0.3);
  expect(position.width).toBeGreaterThan(50);
  expect(angle.yaw).toBeGreaterThan(-90);
  expect(shortfalls).toEqual([
    { item: 'sharpness', value: quality.sharpness, min: 0.999, max: 1, by: 0.999 - quality.sharpness },
  ]);
  expect(seen.count).toBe(0);
  expect(seen.passed.rejected).toEqual([]);
  expect(seen.stored.quality).toEqual(quality);
  expect(seen.stored.meta).toBe('Sam');
  expect(seen.stored).not.toHaveProperty('attributes');
});

test('of several faces, those below minQuality are left out', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const gallery = await nf.galleries.get();
    const how = { faces: 'all', mode: 'accurate' } as const;
    const { faces } = await nf.detect('/photos/sample4.jpg', { returnDetails: { quality: true } });
    const middle = faces.map(({ quality }) => quality!.centered).sort((a, b) => a - b)[1]!;
    const minQuality = { centered: [middle, 1] } as const;
    const report = await gallery.add('/photos/sample4.jpg', { ...how, minQuality });
    return {
      found: faces.length,
      report,
      passed: faces.filter(({ quality }) => quality!.centered >= middle).length,
      count: await gallery.count(),
    };
  });
  expect(seen.report.records).toHaveLength(seen.passed);
  expect(seen.report.rejected).toHaveLength(seen.found - seen.passed);
  expect(seen.count).toBe(seen.passed);
  for (const { shortfalls } of seen.report.rejected) expect(shortfalls[0]!.item).toBe('centered');
});

test('addMany counts the rejected apart from the failed', async ({ page }) => {
  const report = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    const sharp = await window.drawSample(1, 1280, 853);
    const blurred = Object.assign(document.createElement('canvas'), { width: 1280, height: 853 });
    const context = blurred.getContext('2d')!;
    context.filter = 'blur(6px)';
    context.drawImage(sharp, 0, 0);
    const items = [sharp, blurred, new File(['no photo'], 'notes.jpg')];
    const { outcomes, ...counts } = await gallery.addMany(items, {
      minQuality: { sharpness: [0.4, 1] },
    });
    return { counts, statuses: outcomes.map(({ status }) => status) };
  });
  expect(report).toEqual({
    counts: { processed: 3, added: 1, rejected: 1, failed: 1 },
    statuses: ['added', 'rejected', 'failed'],
  });
});

test('returnDetails: quality and attributes are stored in the record', async ({ page }) => {
  const stored = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    const returnDetails = { quality: true, attributes: ['demographics'] } as const;
    const { records } = await gallery.add('/photos/sample2.jpg', { returnDetails });
    return (await gallery.list()).records.find(({ id }) => id === records[0]!.id);
  });
  expect(stored!.quality!.sharpness).toBeGreaterThan(0.3);
  expect(Object.keys(stored!.attributes!).sort()).toEqual(['age', 'gender']);
});

test('a gate with an unknown item is refused before the photo is looked at', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    return window.outcomeOf(() =>
      gallery.add('/photos/none.jpg', { minQuality: { sharpnes: [0, 1] } as object }),
    );
  });
  expect(outcome.code).toBe('BAD_PARAM');
  expect(outcome.message).toContain('options.minQuality.sharpnes');
});

test('a face that is there but too small is told as such, with the option that decides', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const photo = await window.drawSample(1, 260, 173);
    const nobody = Object.assign(document.createElement('canvas'), { width: 260, height: 173 });
    return [
      await outcomeOf(() => gallery.add(photo)),
      await outcomeOf(() => nf.compare(photo, '/photos/sample1.jpg')),
      await outcomeOf(() => gallery.add(nobody)),
    ];
  });
  expect(outcomes.map(({ code }) => code)).toEqual(['FACE_TOO_SMALL', 'FACE_TOO_SMALL', 'NO_FACE']);
  expect(outcomes[0]!.message).toMatch(/measures 2\d pixels, minFaceSize is 32/);
  expect(outcomes[2]!.message).toMatch(/minFaceSize/);
});

test('a face of embed is enrolled as it is, and a gallery that is there can be taken', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const staff = await nf.galleries.create('staff', { ifExists: 'get' });
    const { faces } = await nf.embed('/photos/sample1.jpg', { faces: 'biggest' });
    const face = faces[0]!;
    const record = await staff.addEmbedding({ ...face, embedding: face.embedding! }, { meta: 'Sam' });
    const again = await nf.galleries.create('staff', { ifExists: 'get' });
    const exists = await outcomeOf(() => nf.galleries.create('staff'));
    const foreign = { embedding: face.embedding!, modelId: 'another' };
    return {
      reliability: face.reliability,
      record,
      count: await again.count(),
      exists,
      foreign: await outcomeOf(() => staff.addEmbedding(foreign)),
    };
  });
  expect(seen.record.reliability).toBeCloseTo(seen.reliability!, 2);
  expect(seen.record).not.toHaveProperty('reliabilityAssumed');
  expect(seen.count).toBe(1);
  expect(seen.exists.code).toBe('GALLERY_EXISTS');
  expect(seen.exists.message).toMatch(/ifExists: 'get'/);
  expect(seen.foreign.code).toBe('MODEL_MISMATCH');
});
