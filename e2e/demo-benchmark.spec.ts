import { expect, test } from '@playwright/test';
import { openDemo } from './demo-steps.ts';

test(
  'every backend of the machine is measured, told and copied',
  { tag: '@long' },
  async ({ page, context }) => {
    test.setTimeout(400_000);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openDemo(page, 'benchmark');
    await page.getByRole('button', { name: 'Measure' }).click();
    await expect(page.getByRole('progressbar', { name: 'Measured' })).toBeVisible();
    const search = page.getByRole('region', { name: 'Search', exact: true });
    await expect(search).toContainText('Search of 100,000 faces', { timeout: 380_000 });
    const rows = page.getByRole('region', { name: 'Backends' }).getByRole('row');
    // The demo's pages are isolated; of GPUs there is a software one at most.
    await expect(rows).toHaveCount(3);
    await expect(rows.nth(1)).toContainText(/WebAssembly, 1 thread.*SIMD relaxed/);
    for (const row of [rows.nth(1), rows.nth(2)])
      await expect(row.getByRole('cell').filter({ hasText: /^\d+(\.\d)? ms$/ })).toHaveCount(3);
    await expect(page.getByText(/of which 20 were found/)).toBeVisible();
    await expect(page.getByText(/^WebGPU: /)).toBeVisible();
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await expect(verdict).toContainText(/times as fast as|as fast as each other/);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^nearface \d+\.\d+\.\d+, benchmark\n.*\n\d+ cores, .*cross-origin isolated\n/);
    expect(text).toMatch(
      /\nWebAssembly, 1 thread \[SIMD relaxed\]: to start [\d.]+ ms, one face [\d.]+ ms, 20 faces [\d.]+ ms\n/,
    );
    expect(text).toMatch(/\nSearch of 100,000 faces: [\d.]+ ms for one probe/);
    expect(text).toMatch(/\nNearFace\.create\(\{ device: 'wasm'.*\}\)$/);
  },
);

test('a benchmark can be cancelled, and leaves nothing behind', { tag: '@long' }, async ({ page }) => {
  await openDemo(page, 'benchmark');
  await page.getByRole('button', { name: 'Measure' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText(/\d ms/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Measure again' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  // The page's own instance works on.
  await page.getByRole('link', { name: 'Photo' }).click();
  await page.getByRole('button', { name: 'Sample 2:' }).click();
  await expect(page.locator('figure').getByRole('button', { name: /^Face \d/ })).toHaveCount(3);
});
