import { expect, test } from '@playwright/test';
import { openDemo } from './demo-steps.ts';

test('the first load tells what is read in megabytes, with a bar that moves', async ({ page }) => {
  // A start that goes on after all is read, as the galleries' worker is held back.
  let release = (): void => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/nearface/gallery.worker.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('./');
  const start = page.locator('.start');
  await expect(start).toContainText('Starting the models', { timeout: 60_000 });
  await expect(start).toContainText(/\d\.\d\sMB read/);
  await expect(start).not.toContainText(/\d{5}/);
  // All is read, so that nobody can say how long it takes: the bar moves.
  await expect(start.getByRole('progressbar')).not.toHaveAttribute('value');
  release();
  await expect(start).toBeHidden({ timeout: 60_000 });
});

test('a model that is being read is named, with its bar as full as it is', async ({ page }) => {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      const [panel, bar] = [document.querySelector('.start'), document.querySelector('.start progress')];
      if (panel && bar instanceof HTMLProgressElement)
        seen.push(`${panel.textContent} at ${bar.position.toFixed(3)}`);
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  // One after the other, so that some are read while others are not.
  let models = 0;
  await page.route('**/models/*.onnx', async (route) => {
    await new Promise((done) => setTimeout(done, 300 * models++));
    await route.continue();
  });
  await openDemo(page);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  const reading = seen.filter((text) => text.includes('Loading the model '));
  expect(reading.length).toBeGreaterThan(0);
  for (const text of reading) expect(text).toMatch(/Loading the model [\w-]+….* of \d.* at 0\.\d+$/);
});
