import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

/** People in the six photos, counted by eye. */
const FACES = [3, 3, 3, 4, 5, 4];
/** Rough centres of the faces, as shares of the photo's width and height, marked by eye. */
const CENTRES = [
  [
    [0.27, 0.39],
    [0.49, 0.43],
    [0.81, 0.26],
  ],
  [
    [0.23, 0.23],
    [0.51, 0.26],
    [0.81, 0.21],
  ],
  [
    [0.36, 0.36],
    [0.61, 0.28],
    [0.83, 0.34],
  ],
  [
    [0.18, 0.23],
    [0.39, 0.14],
    [0.56, 0.22],
    [0.71, 0.2],
  ],
  [
    [0.24, 0.75],
    [0.35, 0.4],
    [0.45, 0.18],
    [0.62, 0.25],
    [0.79, 0.39],
  ],
  [
    [0.19, 0.42],
    [0.41, 0.33],
    [0.66, 0.3],
    [0.83, 0.28],
  ],
] as const;

test('22 faces in the six photos, none false', async ({ page }) => {
  await openPage(page, server);
  const found = await page.evaluate(async () => {
    const all = [];
    for (let sample = 1; sample <= 6; sample++) {
      const { width, height, faces } = await window.nf.detect(`/photos/sample${sample}.jpg`);
      all.push(
        faces.map(({ position: { left, top, width: w, height: h } }) => [
          (left + w / 2) / width,
          (top + h / 2) / height,
          w / width,
        ]),
      );
    }
    return all;
  });
  expect(found.map((faces) => faces.length)).toEqual(FACES);
  CENTRES.forEach((centres, i) => {
    for (const [x, y] of centres) {
      const near = found[i]!.filter(([fx, fy, size]) => Math.hypot(fx! - x, fy! - y) < size! / 2);
      expect(near, `sample ${i + 1} at ${x}, ${y}`).toHaveLength(1);
    }
  });
});

test('the same person in samples 1 and 3 is recognised, nobody else is', async ({ page }) => {
  await openPage(page, server);
  const names = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.create('samples');
    const { faces } = await window.nf.detect('/photos/sample1.jpg');
    const leftToRight = [...faces].sort((a, b) => a.position.left - b.position.left);
    for (const [i, { position }] of leftToRight.entries()) {
      await gallery.add('/photos/sample1.jpg', { boxes: [position], meta: `person ${i + 1}` });
    }
    const found = await gallery.identify('/photos/sample3.jpg', { faces: 'all', threshold: 'strict' });
    return found
      .map(({ face, matches }) => ({
        x: face!.position.left,
        names: matches.map(({ record }) => record.meta),
      }))
      .sort((a, b) => a.x - b.x)
      .map(({ names }) => names);
  });
  expect(names).toEqual([[], ['person 3'], []]);
});

test('landmarks lie on the face: eyes, nose and mouth in their places', async ({ page }) => {
  await openPage(page, server);
  const faces = await page.evaluate(async () => {
    const returnDetails = { landmarks: true, mesh: true, angle: true };
    const { faces } = await window.nf.detect('/photos/sample6.jpg', { returnDetails });
    return faces.map(({ position, landmarks, mesh, angle }) => ({ position, landmarks, mesh, angle }));
  });
  expect(faces).toHaveLength(4);
  for (const { position, landmarks, mesh, angle } of faces) {
    expect(landmarks).toHaveLength(106);
    expect(mesh).toHaveLength(478);
    const at = (i: number): { x: number; y: number } => landmarks![i]!;
    for (const i of [74, 77, 46, 90]) {
      expect(at(i).x).toBeGreaterThan(position.left);
      expect(at(i).x).toBeLessThan(position.left + position.width);
    }
    expect(at(74).x).toBeLessThan(at(77).x);
    expect(at(16).y).toBeGreaterThan(at(90).y);
    for (const value of [angle!.pitch, angle!.yaw, angle!.roll]) expect(Math.abs(value)).toBeLessThan(45);
  }
});
