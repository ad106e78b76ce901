import { expect, test } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, findChromium } from '../tools/chromium.ts';
import { enrol, leftToRight, openDemo, openSample, sampleBytes } from './demo-steps.ts';

const executablePath = findChromium();
const launch = (...args: readonly string[]) => ({
  args: [...chromiumArgs, ...args],
  ...(executablePath ? { executablePath } : {}),
});

/** JPEGs one after another are a Motion JPEG file, which Chromium plays as a camera. */
function cameraFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nearface-camera-')), 'camera.mjpeg');
  writeFileSync(path, Buffer.concat([sampleBytes(3), sampleBytes(3)]));
  return path;
}

test.describe('with a camera', () => {
  test.use({
    launchOptions: launch(
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${cameraFile()}`,
    ),
  });

  test('an enrolled person is named in the camera picture', async ({ page }) => {
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
});

test.describe('with a camera that is refused', () => {
  test.use({ launchOptions: launch('--use-fake-device-for-media-stream') });

  test('the refusal is explained', async ({ page }) => {
    await openDemo(page, 'camera');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('alert')).toContainText('The camera was refused');
    await expect(page.getByRole('alert')).toContainText('Allow the camera for this page');
  });
});

test.describe('without a camera', () => {
  test.use({
    launchOptions: launch(
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=device-count=0',
    ),
  });

  test('its absence is explained', async ({ page }) => {
    await openDemo(page, 'camera');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('alert')).toContainText('No camera was found');
  });
});
