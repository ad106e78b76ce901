import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { encrypt, enrolSamples, file, filmOfSample, openDemo, openSample, showFaces } from './demo-steps.ts';

// One visit goes through every page.
test.describe.configure({ timeout: 240_000 });

/** Serious and critical findings of axe, of all its rules or of some, in words. */
async function findings(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
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
  await page.getByLabel('Who is this?').fill('Robin Vale');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tabpanel', { name: 'Who' }).getByLabel('Who is this?')).toHaveValue('');
  await check('photo, someone enrolled');
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
  await showFaces(page);
  await page.getByRole('list', { name: 'Faces' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Delete this face…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('tab', { name: 'People' }).click();
  await page.getByRole('list', { name: 'People' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Delete this person…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Nobody is enrolled')).toBeVisible();
  await check('people, empty');
  await enrolSamples(page);
  await page.getByRole('list', { name: 'People' }).getByRole('checkbox').first().check();
  await page.getByRole('list', { name: 'People' }).getByRole('checkbox').nth(1).check();
  await check('people');
  await page.getByRole('list', { name: 'People' }).getByRole('button').first().click();
  await page.getByRole('dialog').getByRole('checkbox').first().check();
  await check('a person');
  await page.keyboard.press('Escape');
  await showFaces(page);
  await page.getByRole('list', { name: 'Faces' }).getByRole('button').first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('a face');
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByText('Nobody was seen yet')).toBeVisible();
  await check('history, empty');
  await page.getByRole('link', { name: 'Storage' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('22 faces');
  await page.getByRole('button', { name: 'Encrypt…' }).click();
  await check('encrypting');
  await page.keyboard.press('Escape');
  await page.getByLabel('Add photos or a zip').setInputFiles([file('broken.jpg', Buffer.from('no picture'))]);
  await expect(page.getByRole('list', { name: 'Photos that were not enrolled' })).toBeVisible();
  await page.getByLabel('Passphrase for the archive').fill('correct horse');
  await check('storage');

  await page.getByRole('link', { name: 'Camera' }).click();
  await check('camera');
  await page.getByRole('button', { name: 'Watch a clip of the sample photos' }).click();
  await page.getByRole('button', { name: 'Look only in…' }).click();
  const shot = page.getByRole('region', { name: 'Best shots' }).getByRole('button').first();
  await shot.click();
  await expect(page.getByRole('region', { name: 'Name the face' })).toBeVisible();
  await check('camera, on');
  await page.getByRole('link', { name: 'Video' }).click();
  await check('video, empty');
  const buffer = await filmOfSample(page, 3, 8);
  await page.getByLabel('Choose a video').setInputFiles({ name: 'a.webm', mimeType: 'video/webm', buffer });
  await page
    .getByRole('button', { name: /, from 0:00/ })
    .first()
    .click();
  await expect(
    page.getByRole('region', { name: 'Who else it might be' }).getByRole('meter').first(),
  ).toBeVisible();
  await check('video');
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('region', { name: 'Visits per day' })).toBeVisible();
  await check('history');
  await page.getByRole('link', { name: 'Compare' }).click();
  for (const side of ['First photo', 'Second photo']) {
    await page.getByRole('region', { name: side }).getByRole('button', { name: 'Sample 1:' }).click();
  }
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('Same person');
  await check('compare');

  await page.getByRole('link', { name: 'Thresholds' }).click();
  await expect(page.getByRole('region', { name: 'Too few people' })).toBeVisible();
  await check('thresholds, too few people');
  await page.getByRole('button', { name: 'Enrol the samples, each in three versions' }).click();
  await expect(page.getByRole('region', { name: 'Recommendation' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('slider', { name: 'Threshold' }).press('Home');
  await page.getByRole('button', { name: 'Look through it' }).click();
  await expect(page.getByRole('button', { name: 'Look again' })).toBeVisible();
  await check('thresholds');

  await page.getByRole('link', { name: 'Benchmark' }).click();
  await check('benchmark, empty');
  await page.getByRole('button', { name: 'Measure' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText(/\d ms/);
  await check('benchmark, under way');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('region', { name: 'Verdict' })).toBeVisible();
  await check('benchmark');

  await page.getByRole('link', { name: 'API' }).click();
  await page.getByRole('button', { name: 'Run: Find the faces of a photo' }).click();
  await expect(page.getByRole('region', { name: 'Find the faces of a photo, the answer' })).toBeVisible();
  await page.getByText('All routes of CompreFace').click();
  await check('API');

  await page.getByRole('link', { name: 'Storage' }).click();
  await encrypt(page, 'correct horse');
  await check('storage, encrypted');
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Locked', exact: true })).toBeVisible({ timeout: 60_000 });
  await check('storage, locked');
  await page.getByRole('link', { name: 'People' }).click();
  await check('people, locked');
  await page.getByRole('link', { name: 'API' }).click();
  await check('API, locked');
}

/** Goes over to other colours; none is on its way from the last. */
async function setScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => {
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
  });
}

/** How far the page is wider than the window, in pixels. */
function excess(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

for (const width of [1440, 390]) {
  test.describe(`${width} px wide`, () => {
    test.use({ viewport: { width, height: 844 } });

    test(
      'axe finds nothing serious on any page, light and dark, and none is wider than the window',
      { tag: '@long' },
      async ({ page }) => {
        await visit(page, async (where) => {
          expect.soft(await excess(page), where).toBeLessThanOrEqual(0);
          expect.soft(await findings(page), where).toEqual([]);
          // Nothing but colours differs, and those are the same at any width.
          if (width < 1000) return;
          await setScheme(page, 'dark');
          expect.soft(await findings(page, ['color-contrast']), `${where}, dark`).toEqual([]);
          await setScheme(page, 'light');
        });
      },
    );
  });
}
