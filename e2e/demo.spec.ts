import { expect, test } from '@playwright/test';
import { enrol, leftToRight, openDemo, openSample, sampleBytes, showFaces } from './demo-steps.ts';

test('a sample shows its faces with boxes, points and numbers', async ({ page }) => {
  await openDemo(page);
  const boxes = await openSample(page, 1, 3);
  const picture = await page.locator('figure img').boundingBox();
  for (const box of await boxes.all()) {
    const place = await box.boundingBox();
    expect(place!.x).toBeGreaterThanOrEqual(picture!.x);
    expect(place!.x + place!.width).toBeLessThanOrEqual(picture!.x + picture!.width);
  }
  await page.getByLabel('Landmarks', { exact: true }).check();
  const points = await page.locator('path.landmarks').getAttribute('d');
  expect(points?.match(/M/g)).toHaveLength(3 * 106);
  await page.getByLabel('Mesh').check();
  const mesh = await page.locator('path.mesh').getAttribute('d');
  expect(mesh?.match(/M/g)).toHaveLength(3 * 478);

  await (await leftToRight(boxes))[0]!.click();
  const panel = page.getByRole('complementary', { name: 'Faces' });
  await page.getByRole('tab', { name: 'Numbers' }).click();
  await expect(panel).toContainText(/Yaw\s*[+−]\d+°/);
  await expect(panel).toContainText(/Score\s*0\.\d{3}/);
  await expect(panel.getByRole('row', { name: /embed/ })).toContainText(/ms/);
});

test('people enrolled in one photo are named in another, and after a reload', async ({ page }) => {
  await openDemo(page);
  const [first, , last] = await leftToRight(await openSample(page, 1, 3));
  await enrol(page, last!, 'Robin Vale');
  await enrol(page, first!, 'Kim Moss');

  const named = async (): Promise<(string | null)[]> => {
    const boxes = await leftToRight(page.locator('figure').getByRole('button', { name: /^Face \d/ }));
    return Promise.all(boxes.map((box) => box.getAttribute('aria-label')));
  };
  await openSample(page, 3, 3);
  await expect.poll(async () => (await named())[1]).toMatch(/Robin Vale \d+ %/);
  expect((await named())[0]).toMatch(/not known/);
  expect((await named())[2]).toMatch(/not known/);

  await page.reload();
  await openDemo(page);
  await openSample(page, 3, 3);
  await expect.poll(async () => (await named())[1]).toMatch(/Robin Vale/);
  await page.getByRole('link', { name: 'People' }).click();
  await showFaces(page);
  await expect(page.getByRole('list', { name: 'Faces' }).getByRole('img')).toHaveCount(0);
  const tiles = page.getByRole('list', { name: 'Faces' }).getByRole('button');
  await expect(tiles).toHaveText(['Robin Vale', 'Kim Moss']);
  await expect(page.locator('.face-tile img')).toHaveCount(2);
});

test('someone is enrolled with the keyboard alone', async ({ page }) => {
  await openDemo(page);
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press('Tab');
      const label = await page.evaluate(() => {
        const element = document.activeElement;
        const image = element?.querySelector('img')?.alt;
        return element?.getAttribute('aria-label') ?? image ?? element?.textContent ?? '';
      });
      if (name.test(label)) return;
    }
    throw new Error(`Tab never came to ${String(name)}`);
  };
  await tabTo(/Sample 1/);
  await page.keyboard.press('Enter');
  await expect(page.locator('figure').getByRole('button', { name: /^Face \d/ })).toHaveCount(3);
  await tabTo(/^Face 1, not known/);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Who is this?')).toBeFocused();
  await page.keyboard.type('Sam Berry');
  await page.keyboard.press('Enter');
  await expect(page.locator('figure').getByRole('button', { name: /Face 1, Sam Berry/ })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Sam Berry' })).toHaveCount(1);
});

test('the system dialog tells what runs', async ({ page }) => {
  await openDemo(page);
  await page.getByRole('button', { name: 'Settings and system' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settings and system' });
  await expect(dialog).toContainText('WebAssembly');
  await expect(dialog.getByRole('table').last().getByRole('row')).not.toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Settings and system' })).toBeFocused();
});

test('photos can be dropped and pasted', async ({ page }) => {
  await openDemo(page);
  const hand = (type: 'drop' | 'paste', name: string): Promise<void> =>
    page.evaluate(
      async ([type, name, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
        const init = { bubbles: true, cancelable: true };
        const event =
          type === 'drop'
            ? new DragEvent('drop', { ...init, dataTransfer: data })
            : new ClipboardEvent('paste', { ...init, clipboardData: data });
        const target = type === 'drop' ? '.drop-area' : 'body';
        document.querySelector(target)?.dispatchEvent(event);
      },
      [type, name, sampleBytes(6).toString('base64')] as const,
    );
  const boxes = page.locator('figure').getByRole('button', { name: /^Face \d/ });
  await hand('drop', 'dropped.jpg');
  await expect(page.getByRole('button', { name: 'Show dropped.jpg' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(boxes).toHaveCount(4);
  await hand('paste', 'pasted.jpg');
  await expect(page.getByRole('button', { name: 'Show pasted.jpg' })).toHaveAttribute('aria-pressed', 'true');
  await expect(boxes).toHaveCount(4);
  await page.getByRole('button', { name: 'Close pasted.jpg' }).click();
  await expect(page.getByRole('button', { name: 'Show dropped.jpg' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});
