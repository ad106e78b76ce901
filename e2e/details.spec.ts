import { expect, test } from '@playwright/test';
import type { Attributes, Face, Quality } from '../src/index.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

const ITEMS = [
  'brightness',
  'sharpness',
  'mouthClosed',
  'eyesOpen',
  'centered',
  'size',
  'integrity',
  'completeness',
  'alignment',
] as const satisfies (keyof Quality)[];

test('a detail is there only if asked for, and its model is loaded only then', async ({ page }) => {
  await openPage(page, server);
  const seen = await page.evaluate(async () => {
    const { nf } = window;
    const roles = (): string[] => nf.info.models.map(({ role }) => role).sort();
    const plain = await nf.detect('/photos/sample3.jpg', { mode: 'fast' });
    const rolesBefore = roles();
    const emotions = await nf.detect('/photos/sample3.jpg', { returnDetails: { attributes: ['emotions'] } });
    const rolesThen = roles();
    const timings = Object.keys(nf.info.timings);
    await nf.detect('/photos/sample3.jpg', { returnDetails: { attributes: true } });
    return {
      plain: Object.keys(plain.faces[0]!).sort(),
      emotions: emotions.faces.map((face) => Object.keys(face.attributes!)),
      rolesBefore,
      rolesThen,
      rolesAfter: roles(),
      timings,
    };
  });
  expect(seen.plain).toEqual(['position', 'score']);
  expect(seen.emotions).toEqual([['emotions'], ['emotions'], ['emotions']]);
  // A face of which the detectors are not sure is judged by mesh and embedding; here they are sure.
  expect(seen.rolesBefore).toEqual(['detector', 'nearDetector']);
  // A covered mouth takes the emotions away, so that what covers a face is looked at, too.
  expect(seen.rolesThen).toEqual(
    [...seen.rolesBefore, 'embedding', 'emotion', 'landmarks', 'occlusion', 'traits'].sort(),
  );
  expect(seen.rolesAfter).toEqual([...seen.rolesThen, 'describer'].sort());
  expect(seen.timings).toContain('emotions');
  expect(seen.timings).not.toContain('demographics');
});

test('quality and attributes of the 22 people in the photos', async ({ page }) => {
  await openPage(page, server);
  const faces = await page.evaluate(async () => {
    const all: { quality: Quality; attributes: Attributes }[] = [];
    for (let sample = 1; sample <= 6; sample++) {
      const found: readonly Face[] = (
        await window.nf.detect(`/photos/sample${sample}.jpg`, {
          returnDetails: { quality: true, attributes: true },
        })
      ).faces;
      all.push(...found.map(({ quality, attributes }) => ({ quality: quality!, attributes: attributes! })));
    }
    return all;
  });
  expect(faces).toHaveLength(22);
  for (const { quality, attributes } of faces) {
    expect(Object.keys(quality).sort()).toEqual([...ITEMS].sort());
    const { brightness, completeness, ...shares } = quality;
    expect(Math.abs(brightness)).toBeLessThanOrEqual(1);
    for (const share of [...Object.values(completeness), ...Object.values(shares)]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    const { age, emotions } = attributes;
    expect(age!.upperLimit - age!.lowerLimit).toBeCloseTo(10, 5);
    expect((age!.upperLimit + age!.lowerLimit) / 2).toBeCloseTo(age!.value, 5);
    const { sleepy, ...seven } = emotions!;
    expect(sleepy).toBeGreaterThanOrEqual(0);
    expect(Object.values(seven).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 3);
  }
  // Adult women without mask, hat or beard, as anybody can see.
  const share = (holds: (attributes: Attributes) => boolean): number =>
    faces.filter(({ attributes }) => holds(attributes)).length / faces.length;
  expect(share(({ gender }) => gender!.value === 'female')).toBeGreaterThan(0.8);
  expect(share(({ age }) => age!.value > 15 && age!.value < 50)).toBeGreaterThan(0.9);
  expect(share(({ mask }) => mask!.value === 'without')).toBeGreaterThan(0.9);
  expect(share(({ facialHair }) => facialHair!.value === 'without')).toBeGreaterThan(0.9);
  expect(share(({ glasses }) => glasses!.value === 'without')).toBeGreaterThan(0.9);
  expect(share(({ hat }) => hat!.value === 'without')).toBeGreaterThan(0.9);
  expect(share(({ helmet }) => helmet!.value === 'without')).toBe(1);
});
