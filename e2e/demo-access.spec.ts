import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { openDemo, openSample } from './demo-steps.ts';

// One visit goes through every page.
test.describe.configure({ timeout: 240_000 });

/** Serious and critical findings of axe, in words. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

async function visit(page: Page, check: (where: string) => Promise<void>): Promise<void> {
  await openDemo(page);
  await check('photo, empty');
  await openSample(page, 1, 3);
  await page.getByRole('button', { name: 'Face 2, not known' }).click();
  await check('photo');
  for (const section of ['Quality', 'Attributes', 'Numbers']) {
    await page.getByRole('tab', { name: section }).click();
    await check(`photo, ${section}`);
  }
  await page.getByRole('button', { name: 'Area' }).click();
  await page.getByText('Compare the modes').click();
  await page.getByRole('button', { name: 'Run all three' }).click();
  await expect(page.getByRole('button', { name: 'Run again' })).toBeVisible();
  await page.getByText('Call and answer').click();
  await check('photo, all open');
  await page.getByRole('button', { name: 'Numbered landmarks' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('landmarks');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Settings and system' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('system');
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByText('Nobody is enrolled')).toBeVisible();
  await check('people, empty');
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 60_000 });
  await check('people');
  await page.getByRole('list', { name: 'Faces' }).getByRole('button').first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('a face');
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Group the faces' }).click();
  await expect(page.getByRole('list', { name: 'Groups' })).toBeVisible();
  await check('groups');
  await page.getByRole('link', { name: 'Storage' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('22 faces');
  await page.getByRole('button', { name: 'Encrypt…' }).click();
  await check('encrypting');
  await page.keyboard.press('Escape');
  await check('storage');

  await page.getByRole('link', { name: 'Camera' }).click();
  await check('camera');
  await page.getByRole('link', { name: 'Compare' }).click();
  for (const side of ['First photo', 'Second photo']) {
    await page.getByRole('region', { name: side }).getByRole('button', { name: 'Sample 1:' }).click();
  }
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('Same person');
  await check('compare');
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1440, height: 900 } });

    test('axe finds nothing serious on any page', async ({ page }) => {
      await visit(page, async (where) => {
        expect.soft(await findings(page), where).toEqual([]);
      });
    });
  });
}

for (const width of [1440, 390]) {
  test.describe(`${width} px wide`, () => {
    test.use({ viewport: { width, height: 844 } });

    test('no page is wider than the window', async ({ page }) => {
      await visit(page, async (where) => {
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect.soft(excess, where).toBeLessThanOrEqual(0);
      });
    });
  });
}
