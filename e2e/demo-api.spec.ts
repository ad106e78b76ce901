import { expect, test, type Page } from '@playwright/test';
import { resolve } from 'node:path';
import { API_DIALECTS } from '../demo/src/model/api-dialects.ts';
import { checkSamples } from '../tools/test/doc-samples.ts';
import { openDemo } from './demo-steps.ts';

/** A call of the chosen interface. */
const card = (page: Page, title: string) => page.getByRole('article', { name: title });

/** Runs a call and answers its status. */
async function run(page: Page, title: string): Promise<string> {
  const call = card(page, title);
  await call.getByRole('button', { name: `Run: ${title}` }).click();
  await expect(call.locator('.api-status')).toBeVisible({ timeout: 60_000 });
  await expect(call.getByRole('button', { name: `Run: ${title}` })).toBeEnabled();
  return (await call.locator('.api-status').textContent()) ?? '';
}

test('the code beside the calls is code of the library', () => {
  const samples = API_DIALECTS.flatMap(({ api, calls }) =>
    calls.map(({ id, nf }) => ({ file: `${api} ${id}`, line: 1, language: 'ts', code: nf })),
  );
  expect(checkSamples(samples, resolve('dist/nearface.d.ts'))).toEqual([]);
});

const everyCall = 'each interface answers its main calls, on a sample photo, without a request to anybody';
test(everyCall, { tag: '@long' }, async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400 || (response.url().includes('/faces/') && !response.fromServiceWorker()))
      refused.push(`${response.status()} ${response.url()}`);
  });
  await openDemo(page);
  expect(asked.filter((path) => /rest-|service-worker|sw\.js/.test(path))).toEqual([]);
  await page.getByRole('link', { name: 'API' }).click();
  await expect(page.getByText('a service worker hands what begins with')).toBeVisible();
  expect(asked.some((path) => /\/rest-[\w-]+\.js$/.test(path))).toBe(true);
  await page.getByRole('button', { name: 'Sample 3:' }).click();
  await expect(page.getByRole('button', { name: 'Sample 3:' })).toHaveAttribute('aria-pressed', 'true');
  for (const { title, calls } of API_DIALECTS) {
    await page.getByRole('tab', { name: title }).click();
    for (const call of calls) {
      if (call.idFrom && call.title === 'Who was seen')
        // The job is asked for until it is done, as its clients do.
        await expect(async () => {
          await run(page, 'Ask how far it is');
          await expect(card(page, 'Ask how far it is').locator('.code.tall')).toContainText('"completed"');
        }).toPass({ timeout: 60_000 });
      const status = await run(page, call.title);
      expect([title, call.title, status]).toEqual([title, call.title, expect.stringMatching(/^20[014]$/)]);
    }
    await page.getByText(`All routes of ${title}`).click();
    await expect(
      page
        .getByRole('region', { name: `All routes of ${title}` })
        .getByRole('row')
        .nth(1),
    ).toBeVisible();
  }
  await page.getByRole('tab', { name: 'CompreFace' }).click();
  await expect(card(page, 'Recognise everybody in a photo')).toContainText('"subject": "API guest"');
  await expect(card(page, 'Compare two photos')).toContainText('"similarity":');
  // What was stored was deleted again.
  await expect(page.getByRole('button', { name: 'Settings and system' })).toContainText('0 faces');
  expect(asked.filter((path) => path.startsWith('/faces/')).length).toBeGreaterThan(15);
  // The server of the demo, which has no such paths, was asked nothing of it.
  expect(refused).toEqual([]);
});

test('what is wrong with a call is shown as it is answered', async ({ page }) => {
  await openDemo(page, 'api');
  await page.getByRole('tab', { name: 'FindFace' }).click();
  await expect(card(page, 'Delete the face').getByRole('button', { name: 'Run' })).toBeDisabled();
  await expect(card(page, 'Delete the face')).toContainText('Run “Enrol a face” first');
  expect(await run(page, 'Enrol a face')).toBe('200');
  expect(await run(page, 'Delete the face')).toBe('204');
  await expect(card(page, 'Delete the face')).toContainText('The answer has no body');
  expect(await run(page, 'Delete the face')).toBe('404');
  await expect(card(page, 'Delete the face')).toContainText('"code": "NOT_FOUND"');
});

test('the documentation opens in a tab, and its forms call this page', async ({ page, context }) => {
  await openDemo(page, 'api');
  const opening = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Open the documentation' }).click();
  const docs = await opening;
  await docs.locator('#key').fill('a-key-of-your-own');
  const list = docs.locator('details', { hasText: 'Lists the galleries' }).first();
  await list.locator('summary').click();
  await list.locator('[name=v]').fill('v1');
  await list.getByRole('button', { name: 'Send' }).click();
  await expect(list.getByRole('status')).toContainText('"default"');
});

test('tabs, calls and code are reached by the keyboard', async ({ page }) => {
  await openDemo(page, 'api');
  await expect(page.getByRole('button', { name: 'Run: List the subjects' })).toBeEnabled();
  await page.getByRole('tab', { name: 'CompreFace' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'FindFace' })).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { name: 'DeepVA' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Run: Make a job' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Make a job: 201' })).toBeAttached({
    timeout: 60_000,
  });
});

test('without a service worker the page calls the handler itself', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator.serviceWorker, 'register', {
      value: () => Promise.reject(new Error('no')),
    });
  });
  await openDemo(page, 'api');
  await expect(page.getByText('This browser runs no service worker here')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open the documentation' })).toHaveCount(0);
  expect(await run(page, 'Find the faces of a photo')).toBe('200');
});
