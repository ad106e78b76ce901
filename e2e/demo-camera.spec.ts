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

test('an enrolled person is named in the camera picture', async ({ pageWith }) => {
  const page = await pageWith(
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${cameraFile()}`,
  );
  await openDemo(page);
  const [, , last] = await leftToRight(await openSample(page, 1, 3));
  await enrol(page, last!, 'Robin Vale');
  await page.getByRole('link', { name: 'Camera' }).click();
  await page.getByLabel('Mode').selectOption('accurate');
  await page.getByRole('button', { name: 'Start' }).click();
  const panel = page.getByRole('complementary', { name: 'What the camera shows' });
  await expect(panel.locator('.seen-names')).toHaveText('Robin Vale');
  await expect(panel.getByRole('heading', { name: '3 faces' })).toBeVisible();
  await expect.poll(async () => Number(await page.getByTestId('fps').textContent())).toBeGreaterThan(0);
  await expect(panel.getByRole('row', { name: /detect/ })).toContainText('ms');

  await page.getByRole('button', { name: 'Take a picture and enrol' }).click();
  await expect(page.locator('figure').getByRole('button', { name: /^Face \d/ })).toHaveCount(3);
  await page.getByRole('link', { name: 'Camera' }).click();
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible();
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
