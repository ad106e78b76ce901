import { expect, test } from '@playwright/test';
import { openDemo } from './demo-steps.ts';

test('two photos: the pairs, the verdict of each, and what it rests on', async ({ page }) => {
  await openDemo(page, 'compare');
  const first = page.getByRole('region', { name: 'First photo' });
  const second = page.getByRole('region', { name: 'Second photo' });
  await first.getByRole('button', { name: 'Sample 1:' }).click();
  await second.getByRole('button', { name: 'Sample 3:' }).click();

  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('Same person');
  await expect(verdict.getByRole('img', { name: /Face [AB]\d, aligned/ })).toHaveCount(2);
  await expect(verdict).toContainText('about 1 in 1,000 pairs of different people would pass');
  await expect(page.getByRole('heading', { name: '9 pairs, 1 of the same person' })).toBeVisible();

  await page
    .getByRole('button', { name: /different people/ })
    .first()
    .click();
  await expect(verdict).toContainText('Different people');
  const sure = Number(await verdict.getByRole('meter').getAttribute('aria-valuenow'));
  expect(sure).toBeLessThan(0.75);

  await second.getByRole('button', { name: 'Remove the second photo' }).click();
  await expect(verdict).toBeHidden();
});
