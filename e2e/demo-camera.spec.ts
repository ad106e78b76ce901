import { expect, test as base, type Page } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, findChromium } from '../tools/chromium.ts';
import { enrol, leftToRight, openDemo, openSample, sampleBytes } from './demo-steps.ts';

/** A page in a browser of its own, whose switches say which cameras there are. */
const test = base.extend<{ pageWith: (...args: readonly string[]) => Promise<Page> }>({
  pageWith: async ({ playwright, baseURL }, use) => {
    const browsers: { close(): Promise<void> }[] = [];
    await use(async (...args) => {
      const executablePath = findChromium();
      const browser = await playwright.chromium.launch({
        args: [...chromiumArgs, ...args],
        ...(executablePath ? { executablePath } : {}),
      });
      browsers.push(browser);
      return browser.newPage(baseURL ? { baseURL } : {});
    });
    for (const browser of browsers) await browser.close();
  },
});

/** JPEGs one after another are a Motion JPEG file, which Chromium plays as a camera. */
function cameraFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nearface-camera-')), 'camera.mjpeg');
  writeFileSync(path, Buffer.concat([sampleBytes(3), sampleBytes(3)]));
  return path;
}

test('faces are named on the camera, a stranger by a press, and noted in the history', async ({
  pageWith,
}) => {
  const page = await pageWith(
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${cameraFile()}`,
  );
  await openDemo(page);
  const [, , last] = await leftToRight(await openSample(page, 1, 3));
  await enrol(page, last!, 'Robin Vale');
  await page.getByRole('link', { name: 'Camera' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  const panel = page.getByRole('complementary', { name: 'What the camera shows' });
  await expect(panel.locator('.seen-names')).toHaveText('Robin Vale');
  await expect(panel.getByRole('heading', { name: '3 faces' })).toBeVisible();
  await expect.poll(async () => Number(await page.getByTestId('fps').textContent())).toBeGreaterThan(0);
  await expect(page.locator('.trail')).toHaveCount(3);

  // The shape of the camera's picture, whole in the window.
  const stage = (await page.locator('figure.stage').boundingBox())!;
  expect(stage.y + stage.height).toBeLessThanOrEqual(page.viewportSize()!.height + 1);

  // A stranger is given a name on the spot, and stays named.
  const boxes = page.locator('figure').getByRole('button');
  await expect(page.getByRole('region', { name: 'Best shots' }).getByRole('button')).toHaveCount(3);
  await boxes.filter({ hasText: '?' }).first().click();
  await page.getByRole('region', { name: 'Name the face' }).getByLabel('Who is this?').fill('Kim Moss');
  await page.keyboard.press('Enter');
  await expect(boxes.filter({ hasText: 'Kim Moss' })).toHaveCount(1);
  await expect(panel.locator('.seen-names')).toHaveText(/Kim Moss.*Robin Vale|Robin Vale.*Kim Moss/);
  const noted = panel.getByRole('region', { name: 'Noted in the history' });
  await expect(noted.getByRole('listitem')).toHaveCount(3);

  // Details on demand.
  for (const what of ['Mesh', 'Pose', 'Mood']) await page.getByLabel(what).check();
  await expect(page.locator('.pose-axis').first()).toBeAttached();
  await expect(page.locator('path.mesh')).toHaveAttribute('d', /^M/);

  // An area in numbers, then drawn: faces outside of it are not reported any more.
  await page.getByRole('button', { name: 'Look only in…' }).click();
  const half = Math.round(
    (await page.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth)) / 2,
  );
  await page.getByLabel('Width').fill(String(half));
  await page.getByLabel('Width').blur();
  await expect(panel.getByRole('heading', { name: /^[12] faces?$/ })).toBeVisible();
  const frame = page.locator('figure.stage');
  await frame.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await frame.boundingBox())!;
  await page.mouse.move(x + width - 4, y + 4);
  await page.mouse.down();
  await page.mouse.move(x + 4, y + height - 4, { steps: 4 });
  await page.mouse.up();
  await expect(panel.getByRole('heading', { name: '3 faces' })).toBeVisible();
  await page.getByRole('button', { name: 'Whole picture' }).click();
  await expect(page.locator('.area-box')).toHaveCount(0);

  await page.getByRole('button', { name: 'Take a picture and enrol' }).click();
  await expect(page.locator('figure').getByRole('button', { name: /^Face \d/ })).toHaveCount(3);
  await page.getByRole('link', { name: 'History' }).click();
  const seen = page.getByRole('list', { name: /^Seen on/ }).getByRole('listitem');
  await expect(seen.filter({ hasText: 'Kim Moss' }).first()).toBeVisible();
  await page.getByRole('link', { name: 'Camera' }).click();
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible();
});

test('one of several cameras is chosen; in place of a camera the clip of the samples is watched', async ({
  pageWith,
}) => {
  const page = await pageWith(
    '--use-fake-device-for-media-stream=device-count=2',
    '--use-fake-ui-for-media-stream',
  );
  await openDemo(page, 'camera');
  await page.getByRole('button', { name: 'Start' }).click();
  const cameras = page.getByLabel('Camera', { exact: true });
  await expect(cameras.getByRole('option')).toHaveCount(2);
  const [first, second] = await cameras
    .getByRole('option')
    .evaluateAll((options) => (options as HTMLOptionElement[]).map(({ value }) => value));
  const device = (): Promise<string | undefined> =>
    page
      .locator('video')
      .evaluate(
        (video: HTMLVideoElement) =>
          (video.srcObject as MediaStream).getVideoTracks()[0]?.getSettings().deviceId,
      );
  expect(await device()).toBe(first);
  await cameras.selectOption(second!);
  await expect.poll(device).toBe(second);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Watch a clip of the sample photos' }).click();
  await expect(page.getByRole('region', { name: 'Best shots' }).getByRole('button').first()).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('The camera is off')).toBeVisible();
});

test('a camera that is refused is explained', async ({ pageWith }) => {
  const page = await pageWith('--use-fake-device-for-media-stream', '--deny-permission-prompts');
  await openDemo(page, 'camera');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('alert')).toContainText('The camera was refused');
  await expect(page.getByRole('alert')).toContainText('Allow the camera for this page');
});

test('a missing camera is explained', async ({ pageWith }) => {
  const page = await pageWith(
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=device-count=0',
  );
  await openDemo(page, 'camera');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('alert')).toContainText('No camera was found');
});
