import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chromiumArgs, findChromium } from '../tools/chromium.ts';
import { buildPage } from '../tools/pages.ts';
import { enrol, leftToRight, openDemo, openSample, sampleBytes } from './demo-steps.ts';
import type { ActBeforeCamera } from './sign-in-actor.ts';

/** A page whose camera shows a still picture of three people, or of none. */
const test = base.extend<{ pageOf: (sample: number) => Promise<Page> }>({
  pageOf: async ({ playwright, baseURL }, use) => {
    const browsers: { close(): Promise<void> }[] = [];
    await use(async (sample) => {
      const executablePath = findChromium();
      const path = join(mkdtempSync(join(tmpdir(), 'nearface-sign-in-')), 'camera.mjpeg');
      writeFileSync(path, Buffer.concat([sampleBytes(sample), sampleBytes(sample)]));
      const camera = [
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${path}`,
      ];
      const browser = await playwright.chromium.launch({
        args: [...chromiumArgs, ...camera],
        ...(executablePath ? { executablePath } : {}),
      });
      browsers.push(browser);
      const context = await browser.newContext(baseURL ? { baseURL } : {});
      return context.newPage();
    });
    for (const browser of browsers) await browser.close();
  },
});

/** Serious and critical findings of axe. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

test(
  'signing in: nobody enrolled, then a still picture before the camera, which does nothing',
  { tag: '@long' },
  async ({ pageOf }) => {
    const page = await pageOf(1);
    await openDemo(page, 'sign-in');
    await expect(page.getByRole('heading', { name: 'Nobody has a name here yet' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Start' })).toHaveCount(0);
    expect(await findings(page)).toEqual([]);

    await page.getByRole('link', { name: 'Photo', exact: true }).first().click();
    const [, , last] = await leftToRight(await openSample(page, 1, 3));
    await enrol(page, last!, 'Robin Vale');
    await page.getByRole('link', { name: 'Sign in' }).click();
    const form = page.getByRole('form', { name: 'Who signs in' });
    await expect(form.getByLabel('I am')).toHaveValue('Robin Vale');

    // By the keyboard alone.
    await form.getByRole('button', { name: 'Start' }).focus();
    await page.keyboard.press('Enter');
    const asked = page.getByRole('region', { name: 'Before the camera' });
    await expect(asked.getByRole('status')).toHaveText(
      'Several faces can be seen; only one person should be before the camera.',
    );
    await expect(asked.getByRole('list', { name: 'Steps' }).getByRole('listitem')).toHaveCount(3);
    expect(await findings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Stop' }).focus();
    await page.keyboard.press('Enter');
    await expect(form.getByRole('button', { name: 'Start' })).toBeVisible();
  },
);

test(
  'signing in: somebody who does what the page says is let in under their own name, and under no other',
  { tag: '@long' },
  async ({ pageOf }) => {
    test.setTimeout(240_000);
    const page = await pageOf(5);
    await openDemo(page);
    const boxes = await leftToRight(await openSample(page, 5, 5));
    await enrol(page, boxes[0]!, 'Robin Vale');
    await enrol(page, boxes[1]!, 'Kim Moss');
    const { folder, script } = await buildPage('e2e/sign-in-actor.ts');
    await page.evaluate(await readFile(join(folder, basename(script)), 'utf8'));
    await page.evaluate(() =>
      (globalThis as unknown as { actBeforeCamera: ActBeforeCamera }).actBeforeCamera(5),
    );
    await page.getByRole('link', { name: 'Sign in' }).click();
    const form = page.getByRole('form', { name: 'Who signs in' });
    // It is a picture that acts.
    await form.getByLabel('Refuse prints by their look').uncheck();
    const result = page.getByRole('region', { name: 'Result' });
    await form.getByLabel('I am').selectOption('Robin Vale');
    await form.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'Done:' }).first()).toBeVisible({
      timeout: 60_000,
    });
    await expect(result.getByRole('heading')).toHaveText('Signed in as Robin Vale', { timeout: 60_000 });
    await expect(result.getByRole('heading')).toBeFocused();
    await expect(result.getByAltText('The best look at the face')).toBeVisible();
    expect(await findings(page)).toEqual([]);

    await form.getByLabel('I am').selectOption('Kim Moss');
    await result.getByRole('button', { name: 'Again' }).click();
    await expect(result.getByRole('heading')).toHaveText('This is not Kim Moss, or not surely', {
      timeout: 90_000,
    });
  },
);
