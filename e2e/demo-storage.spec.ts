import { expect, test } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { file, openDemo, sampleBytes } from './demo-steps.ts';

test('groups are found, named at once, and merged', async ({ page }) => {
  await openDemo(page, 'people');
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Group the faces' }).click();
  const groups = page.getByRole('list', { name: 'Groups' }).getByRole('listitem');
  await expect(groups.first()).toBeVisible();
  const found = await groups.count();
  expect(found).toBeGreaterThan(1);
  await groups.first().getByLabel('Name of the group').fill('Robin Vale');
  await groups.first().getByRole('button', { name: 'Name all' }).click();
  await expect(groups.first().getByRole('img', { name: 'Robin Vale' }).first()).toBeVisible();
  for (const i of [0, 1]) await groups.nth(i).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Merge 2 groups' }).click();
  await expect(groups).toHaveCount(found - 1);
  await page.getByRole('link', { name: 'People' }).click();
  await expect(
    page.getByRole('list', { name: 'Faces' }).getByRole('button', { name: 'Robin Vale' }).nth(3),
  ).toBeVisible();
});

test('a gallery of the model of version 0.1 is explained, and converted', async ({ page }) => {
  await page.route('**/models/manifest.json', async (route) => {
    const manifest = (await (await route.fetch()).json()) as { defaults: Record<string, string> };
    await route.fulfill({
      json: { ...manifest, defaults: { ...manifest.defaults, embedding: 'mobilefacenet' } },
    });
  });
  await openDemo(page, 'people');
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 60_000 });
  await page.unroute('**/models/manifest.json');
  await page.reload();
  await openDemo(page, 'photo');
  await page.getByRole('button', { name: 'Sample 1:' }).click();
  await expect(page.getByRole('alert')).toContainText('Convert them on the page Storage');
  await page.getByRole('link', { name: 'Storage' }).click();
  const panel = page.getByRole('region', { name: 'Conversion' });
  await expect(panel).toContainText('“default”');
  await panel.getByRole('button', { name: 'Convert them' }).click();
  await expect(panel).toBeHidden();
  await page.getByRole('link', { name: 'Photo' }).click();
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(
    page
      .locator('figure')
      .getByRole('button', { name: /^Face \d+, \w/ })
      .first(),
  ).toBeVisible();
});

test('photos are enrolled by a job, the database is encrypted, unlocked and erased', async ({ page }) => {
  await openDemo(page, 'storage');
  await expect(page.getByText('No jobs are stored.')).toBeVisible();
  await page
    .getByLabel('Add photos or a zip')
    .setInputFiles([
      file('robin.jpg', sampleBytes(1)),
      file('kim.jpg', sampleBytes(2)),
      file('broken.jpg', Buffer.from('not a picture')),
    ]);
  const job = page.getByRole('list', { name: 'Stored jobs' }).getByRole('listitem');
  await expect(job).toContainText('Done: 3 photos into “default”');
  await expect(job).toContainText('2 enrolled, 1 failed');
  const saved = page.waitForEvent('download');
  await job.getByRole('button', { name: 'Save the report' }).click();
  expect((await saved).suggestedFilename()).toBe('enrolment.csv');

  await page.getByRole('button', { name: 'Encrypt…' }).click();
  await page.getByLabel('New passphrase').fill('correct horse');
  await page.getByRole('dialog').getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Protection' })).toContainText('are encrypted');
  await page.reload();
  await expect(page.getByRole('form', { name: 'Unlock' })).toBeVisible({ timeout: 60_000 });
  await page.getByLabel('Passphrase', { exact: true }).fill('wrong horse');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByText('This passphrase does not open them.')).toBeVisible({ timeout: 60_000 });
  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('2 faces', {
    timeout: 60_000,
  });

  await page.getByRole('button', { name: 'Erase everything…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('0 faces');
  await expect(page.getByText('No jobs are stored.')).toBeVisible();
});

test('a gallery is exported, erased, and imported by dropping the file', async ({ page }) => {
  await openDemo(page, 'storage');
  await page.getByLabel('Add photos or a zip').setInputFiles([file('robin.jpg', sampleBytes(1))]);
  await expect(page.getByRole('list', { name: 'Stored jobs' })).toContainText('1 enrolled');
  await page.getByLabel('Passphrase of the archive').fill('correct horse');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export “default”' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('default.nearface');
  const bytes = await readFile(await saved.path());
  await page.getByRole('button', { name: 'Erase everything…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('0 faces');

  await page.getByLabel('Passphrase of the archive').fill('wrong horse');
  const panel = page.getByRole('region', { name: 'Export and import' });
  await page.getByLabel('Import a file').setInputFiles(file('default.nearface', bytes));
  await expect(page.getByRole('alert')).toContainText('encrypted');
  await page.getByLabel('Passphrase of the archive').fill('correct horse');
  const data = await page.evaluateHandle(
    (content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(content)], 'default.nearface'));
      return transfer;
    },
    [...bytes],
  );
  await panel.dispatchEvent('drop', { dataTransfer: data });
  await expect(panel).toContainText('1 face imported into “default”.');
  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByRole('list', { name: 'Faces' }).getByRole('button')).toHaveText(['robin']);
});
