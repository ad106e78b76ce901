import { expect, test } from '@playwright/test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serve } from '../tools/serve.ts';
import { file, openDemo, openSample } from './demo-steps.ts';

const assets = resolve(import.meta.dirname, '../dist-demo/nearface');

test('a file that is no picture is explained where it was opened', async ({ page }) => {
  await openDemo(page);
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(file('notes.jpg', Buffer.from('not a picture')));
  await expect(page.getByRole('alert')).toContainText('not a picture that the browser can read');
  await openSample(page, 2, 3);
});

test('a missing model is explained, and a second try starts', async ({ page }) => {
  await page.route('**/models/*.onnx', (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto('./');
  await expect(page.getByRole('alert')).toContainText('A model could not be loaded', { timeout: 60_000 });
  await page.unroute('**/models/*.onnx');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Settings and system' })).toContainText(/thread|WebGPU/, {
    timeout: 60_000,
  });
});

test('a folder without the library is explained', async ({ page }) => {
  await page.route('**/nearface/**', (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto('./');
  await expect(page.getByRole('alert')).toContainText('nearface/', { timeout: 60_000 });
});

/** The demo's assets, with the gallery worker in a browser that refuses IndexedDB. */
function assetsWithoutStorage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nearface-no-storage-'));
  for (const name of readdirSync(assets)) symlinkSync(join(assets, name), join(folder, name));
  const worker = join(folder, 'gallery.worker.js');
  rmSync(worker);
  const refuse = `IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };`;
  writeFileSync(worker, `${refuse}\n${readFileSync(join(assets, 'gallery.worker.js'), 'utf8')}`);
  return folder;
}

test('a browser that refuses storage is explained, and people can be enrolled all the same', async ({
  page,
}) => {
  const folder = assetsWithoutStorage();
  const server = await serve({ root: { '/': join(assets, '..'), '/nearface/': folder }, isolated: true });
  await page.goto(server.url);
  await expect(page.getByRole('alert')).toContainText('does not let this page store anything', {
    timeout: 60_000,
  });
  await page.goto(`${server.url}/#/people`);
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('heading', { name: '22 faces enrolled, 0 photos failed' })).toBeVisible({
    timeout: 60_000,
  });
  await server.close();
  rmSync(folder, { recursive: true });
});

test('a worker that dies is explained, and the next try works', async ({ page }) => {
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    Object.assign(globalThis, { workers });
    globalThis.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (String(url).includes('vision')) workers.push(this);
      }
    };
  });
  await openDemo(page);
  await page.getByRole('button', { name: 'Sample 5:' }).click();
  await expect(page.getByText('Looking for faces…').first()).toBeVisible();
  await page.evaluate(() => {
    const { workers } = globalThis as unknown as { workers: Worker[] };
    workers.at(-1)?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  });
  await expect(page.getByRole('alert')).toContainText('The worker that runs the models ended');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('figure').getByRole('button', { name: /^Face \d/ })).toHaveCount(5);
});
