import { expect, test } from '@playwright/test';
import type { Completeness } from '../src/index.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';
import type { coverAll as CoverAll, Seen } from './occlusion-page.ts';

declare const coverAll: typeof CoverAll;

let server: StaticServer;
let seen: Seen[];

test.beforeAll(async ({ browser }) => {
  const { folder, script } = await buildPage('e2e/occlusion-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  const page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'coverAll' in window);
  seen = await page.evaluate(() => coverAll());
  await page.close();
});
test.afterAll(() => server.close());

const PARTS = ['leftEyeBrow', 'rightEyeBrow', 'leftEye', 'rightEye', 'nose', 'mouth', 'faceContour'] as const;

/** What was said of faces with this over them; a face not found again has nothing visible. */
function of(...covers: readonly Seen['cover'][]): Partial<Completeness>[] {
  const chosen = seen.filter(({ cover }) => covers.includes(cover));
  return chosen.map(({ completeness }) => completeness ?? {});
}

function share<T>(all: readonly T[], holds: (one: T) => boolean): number {
  return all.filter(holds).length / all.length;
}

test('nothing is missing of faces as they are', () => {
  const faces = of('nothing');
  expect(faces).toHaveLength(22);
  for (const part of PARTS)
    expect(
      share(faces, (face) => face[part]! >= 0.9),
      part,
    ).toBeGreaterThan(0.85);
  expect(share(faces, ({ total }) => total! >= 0.95)).toBeGreaterThan(0.85);
});

test('the part that a patch covers is the one that is missing most', () => {
  const single = PARTS.flatMap((part) => of(part).map((face) => ({ part, face })));
  expect(single.length).toBeGreaterThan(100);
  const right = ({ part, face }: (typeof single)[number]): boolean =>
    (face[part] ?? 1) < 0.9 && PARTS.every((other) => other === part || face[other]! >= face[part]!);
  expect(share(single, right)).toBeGreaterThan(0.8);
});

test('a part falls alone: those that are not its neighbours stay', () => {
  const far = {
    leftEyeBrow: ['mouth', 'rightEye'],
    rightEyeBrow: ['mouth', 'leftEye'],
    leftEye: ['mouth', 'rightEyeBrow'],
    rightEye: ['mouth', 'leftEyeBrow'],
    nose: ['leftEyeBrow', 'rightEyeBrow'],
    mouth: ['leftEye', 'rightEye', 'leftEyeBrow', 'rightEyeBrow'],
    faceContour: ['nose'],
  } as const;
  for (const part of PARTS) {
    const faces = of(part);
    for (const other of far[part])
      expect(
        share(faces, (face) => (face[other] ?? 0) >= 0.9),
        `${other} with ${part} covered`,
      ).toBeGreaterThan(0.8);
  }
});

test('sunglasses hide both eyes and leave the mouth', () => {
  const faces = of('sunglasses');
  expect(share(faces, ({ leftEye = 1, rightEye = 1 }) => leftEye < 0.5 && rightEye < 0.5)).toBeGreaterThan(
    0.85,
  );
  expect(share(faces, ({ mouth = 0 }) => mouth >= 0.9)).toBeGreaterThan(0.85);
});

test('a mask hides nose and mouth and leaves the eyes', () => {
  const faces = of('mask');
  expect(share(faces, ({ nose = 1, mouth = 1 }) => nose < 0.6 && mouth < 0.5)).toBeGreaterThan(0.85);
  expect(share(faces, ({ leftEye = 0, rightEye = 0 }) => leftEye >= 0.9 && rightEye >= 0.9)).toBeGreaterThan(
    0.85,
  );
});
