import { expect, test } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { withAuthenticator } from './authenticator.ts';
import { encrypt, file, openDemo, sampleBytes, showFaces } from './demo-steps.ts';

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
  const job = page.getByRole('list', { name: 'Stored jobs' }).locator(':scope > li');
  await expect(job).toContainText('Done: 3 photos into “default”');
  await expect(job).toContainText('2 enrolled, 1 failed');
  await expect(job.getByRole('list', { name: 'Photos that were not enrolled' })).toHaveText(
    /^broken\.jpg.*not a picture that the browser can read/,
  );
  const saved = page.waitForEvent('download');
  await job.getByRole('button', { name: 'Save the report' }).click();
  expect((await saved).suggestedFilename()).toBe('enrolment.csv');

  await page.getByRole('button', { name: 'Encrypt…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New passphrase').fill('correct horse');
  await dialog.getByLabel('The same passphrase again').fill('correct hose');
  await dialog.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(dialog.getByLabel('The same passphrase again')).toBeFocused();
  await dialog.getByLabel('The same passphrase again').fill('correct horse');
  await dialog.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Protection' })).toContainText('are encrypted');
  await page.getByRole('button', { name: 'Renew the templates…' }).click();
  await dialog.getByRole('button', { name: 'Renew', exact: true }).click();
  await expect(page.getByText('The templates are renewed.')).toBeVisible();
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

test('a passkey is added, unlocks the faces after a reload, and is removed', async ({ page, baseURL }) => {
  await withAuthenticator(page);
  // WebAuthn knows no sites that are numbers.
  await page.goto(`${baseURL!.replace('127.0.0.1', 'localhost')}/#/storage`);
  const panel = page.getByRole('region', { name: 'Protection' });
  await page.getByRole('button', { name: 'Encrypt…' }).click({ timeout: 60_000 });
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New passphrase').fill('correct horse');
  await dialog.getByLabel('The same passphrase again').fill('correct horse');
  await dialog.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(panel).toContainText('None. With one, a fingerprint');
  await panel.getByRole('button', { name: 'Add a passkey…' }).click();
  await expect(panel).toContainText('nearface demo, added');
  await panel.getByRole('button', { name: 'Add a passkey…' }).click();
  await expect(panel.getByRole('alert')).toContainText('has a passkey of this database already');

  await page.reload();
  await page.getByRole('button', { name: 'Use a passkey…' }).click({ timeout: 60_000 });
  await expect(panel).toContainText('nearface demo, added', { timeout: 60_000 });
  await panel.getByRole('button', { name: 'Remove the passkey nearface demo' }).click();
  await expect(panel).toContainText('None. With one, a fingerprint');

  await page.reload();
  await page.getByRole('button', { name: 'Use a passkey…' }).click({ timeout: 60_000 });
  await expect(page.getByRole('form', { name: 'Unlock' }).getByRole('alert')).toContainText(
    'This passkey does not open the database',
    { timeout: 60_000 },
  );
});

test('a gallery is exported, erased, and imported by dropping the file', async ({ page }) => {
  await openDemo(page, 'storage');
  await page.getByLabel('Add photos or a zip').setInputFiles([file('robin.jpg', sampleBytes(1))]);
  await expect(page.getByRole('list', { name: 'Stored jobs' })).toContainText('1 enrolled');
  const panel = page.getByRole('region', { name: 'Export and import' });
  const download = page.waitForEvent('download');
  await panel.getByLabel('Passphrase for the archive').fill('correct horse');
  await page.getByRole('button', { name: 'Export “default”' }).click();
  await expect(panel.getByLabel('The same passphrase again')).toBeFocused();
  await panel.getByLabel('The same passphrase again').fill('correct horse');
  await page.getByRole('button', { name: 'Export “default”' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('default.nearface');
  await expect(panel).toContainText('1 face exported.');
  const bytes = await readFile(await saved.path());
  await page.getByRole('button', { name: 'Erase everything…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('0 faces');

  await page.getByLabel('Passphrase of the file').fill('wrong horse');
  await page.getByLabel('Import a file').setInputFiles(file('default.nearface', bytes));
  await expect(page.getByRole('alert')).toContainText('encrypted');
  await page.getByLabel('Passphrase of the file').fill('correct horse');
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
  await showFaces(page);
  await expect(page.getByRole('list', { name: 'Faces' }).getByRole('button')).toHaveText(['robin']);
});

test('what is locked says so, and can be unlocked, locked again and erased', async ({ page }) => {
  await openDemo(page, 'storage');
  await page.getByLabel('Add photos or a zip').setInputFiles([file('robin.jpg', sampleBytes(1))]);
  await expect(page.getByRole('list', { name: 'Stored jobs' })).toContainText('1 enrolled');
  await encrypt(page, 'correct horse');

  const protection = page.getByRole('region', { name: 'Protection' });
  const status = page.getByRole('button', { name: 'Settings and system' });
  await protection.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(protection.getByRole('heading', { name: 'Locked', exact: true })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText('It is not encrypted')).toHaveCount(0);
  await expect(page.getByText('No jobs are stored.')).toHaveCount(0);
  await expect(status).toContainText('Locked');
  await expect(status).not.toContainText('faces');
  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByText('robin')).toHaveCount(0);
  await page.getByRole('link', { name: 'Storage', exact: true }).first().click();

  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('1 face', {
    timeout: 60_000,
  });

  await protection.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(protection.getByRole('heading', { name: 'Locked', exact: true })).toBeVisible({
    timeout: 60_000,
  });
  await protection.getByRole('button', { name: 'Erase everything…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('0 faces', {
    timeout: 60_000,
  });
  await expect(protection).toContainText('It is not encrypted');
});

test('a page whose database another one encrypts asks for the passphrase', async ({ page, context }) => {
  await openDemo(page, 'storage');
  const other = await context.newPage();
  await openDemo(other, 'storage');
  await encrypt(other, 'correct horse');
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  const alert = page.getByRole('alert').first();
  await expect(alert).toContainText('Another page has changed the database');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('form', { name: 'Unlock' })).toBeVisible({ timeout: 60_000 });
});

test('the device can be changed after the passphrase was set', async ({ page }) => {
  await openDemo(page, 'storage');
  await encrypt(page, 'correct horse');
  await page.getByRole('button', { name: 'Settings and system' }).click();
  await page.getByLabel('Device').selectOption('wasm');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'Protection' })).toContainText('are encrypted');
  await expect(page.getByRole('button', { name: 'Settings and system' })).toContainText(/thread/, {
    timeout: 60_000,
  });
  await expect(page.getByRole('form', { name: 'Unlock' })).toHaveCount(0);
});

test('damage and a loss are told, mended and cleared away', async ({ page }) => {
  await openDemo(page, 'people');
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 60_000 });
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const name = (await indexedDB.databases()).find(({ name }) => name?.startsWith('nearface'))?.name ?? '';
    const db = await done(indexedDB.open(name));
    const tx = db.transaction(['vectors', 'state'], 'readwrite');
    const [row] = (await done(tx.objectStore('vectors').getAll())) as { vectors: Float32Array }[];
    await done(tx.objectStore('vectors').put({ ...row, vectors: row?.vectors.slice(10) }));
    const state = (await done(tx.objectStore('state').get('state'))) as object;
    await done(tx.objectStore('state').put({ ...state, lost: true }, 'state'));
    db.close();
  });
  for (let turn = 0; turn < 2; turn++) {
    await page.reload();
    await openDemo(page, 'storage');
    await expect(page.getByRole('region', { name: 'Lost' })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Understood' }).click();
  await expect(page.getByRole('region', { name: 'Lost' })).toBeHidden();
  const damage = page.getByRole('region', { name: 'Damage' });
  await expect(damage).toContainText(/[1-9]\d* faces? cannot be read/);
  await page.getByRole('button', { name: 'Export “default”' }).click();
  const told = /^0 faces exported\. Damaged, and not in the file: [1-9]\d* faces?\.$/;
  await expect(page.getByRole('form', { name: 'Export' }).getByText(told)).toBeVisible();
  await damage.getByRole('button', { name: 'Delete what is damaged' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
  await expect(damage).toBeHidden();
  await expect(page.getByRole('region', { name: 'What it takes up' })).toContainText('0 faces');
});
