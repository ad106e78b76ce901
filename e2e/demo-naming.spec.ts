import { expect, test, type Locator, type Page } from '@playwright/test';
import { enrol, leftToRight, openDemo, openSample } from './demo-steps.ts';

const box = (page: Page, name: RegExp): Locator => page.locator('figure').getByRole('button', { name });
const field = (page: Page): Locator => page.getByLabel(/^(Who is this|Add as another)/);

test('a face that is chosen while the last one is saved stays chosen', async ({ page }) => {
  await openDemo(page);
  await openSample(page, 1, 3);
  await box(page, /^Face 1,/).click();
  await field(page).fill('Robin Vale');
  // The press on another face comes in the same task as the form, before anything is saved.
  await page.evaluate(() => {
    document.querySelector<HTMLFormElement>('.face-card-body form')?.requestSubmit();
    document.querySelectorAll<HTMLElement>('figure .face-box')[2]?.click();
  });
  await expect(box(page, /^Face 3,/)).toHaveAttribute('aria-pressed', 'true');
  await field(page).pressSequentially('Kim Moss');
  await expect(box(page, /^Face 1, Robin Vale/)).toBeVisible();
  await expect(box(page, /^Face 3,/)).toHaveAttribute('aria-pressed', 'true');
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveValue('Kim Moss');
  await page.keyboard.press('Enter');
  await expect(box(page, /^Face 3, Kim Moss/)).toBeVisible();
});

test('names that are given one right after the other are all shown', async ({ page }) => {
  // Answers of searches come late: a name is saved while those before it are still being looked up.
  await page.addInitScript(() => {
    const searches = new Set<unknown>();
    const { postMessage, addEventListener } = Worker.prototype;
    Worker.prototype.postMessage = function (
      this: Worker,
      ...args: [{ id?: unknown; path?: string[] }, never]
    ) {
      if (args[0].path?.includes('search')) searches.add(args[0].id);
      postMessage.apply(this, args);
    };
    Worker.prototype.addEventListener = function (this: Worker, type: string, listener: EventListener) {
      const later = (event: Event): void => {
        const { id } = ((event as MessageEvent).data ?? {}) as { id?: unknown };
        if (searches.has(id)) setTimeout(() => listener.call(this, event), 4000);
        else listener.call(this, event);
      };
      addEventListener.call(this, type, later);
    };
  });
  await openDemo(page);
  await openSample(page, 1, 3);
  for (const [i, name] of ['Robin Vale', 'Kim Moss', 'Sam Berry'].entries()) {
    await page.locator('figure .face-box').nth(i).click();
    await field(page).fill(name);
    await page.keyboard.press('Enter');
  }
  await expect(page.locator('figure .face-box.named .face-label')).toHaveText([
    'Robin Vale',
    'Kim Moss',
    'Sam Berry',
  ]);
});

test('after an enrolment the next unknown face is chosen, until all are known', async ({ page }) => {
  await openDemo(page);
  await openSample(page, 1, 3);
  await box(page, /^Face 2,/).click();
  for (const [name, next] of [
    ['Kim Moss', 3],
    ['Sam Berry', 1],
  ] as const) {
    await expect(field(page)).toBeFocused();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await expect(box(page, new RegExp(`^Face ${next}, not known`))).toHaveAttribute('aria-pressed', 'true');
    await expect(
      page.getByRole('status').filter({ hasText: `${name} enrolled. Next: face ${next}.` }),
    ).toHaveCount(1);
  }
  await expect(field(page)).toHaveValue('');
  await page.keyboard.type('Robin Vale');
  await page.keyboard.press('Enter');
  await expect(box(page, /^Face 1, Robin Vale/)).toBeVisible();
  await expect(page.locator('.face-box[aria-pressed=true]')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Robin Vale/ })).toBeFocused();
});

test('whoever was enrolled from a sample is offered where they are seen again', async ({ page }) => {
  await openDemo(page);
  const [, , last] = await leftToRight(await openSample(page, 1, 3));
  await enrol(page, last!, 'Robin Vale');
  const again = page.getByRole('region', { name: 'Seen again' });
  await expect(again).toContainText('Robin Vale is seen again in:');
  const offer = again.getByRole('button', { name: 'Sample 3' });
  await offer.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Show sample3.jpg' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(box(page, /^Face \d, Robin Vale/)).toBeVisible();
  await expect(offer).toBeFocused();
  await expect(offer).toHaveAttribute('aria-pressed', 'true');
});

test('stage times say what they are, and the time of this picture is told', async ({ page }) => {
  await openDemo(page);
  await openSample(page, 1, 3);
  const time = page.getByRole('region', { name: 'Time' });
  await expect(time).toContainText(/This picture: [\d.]+ ms/);
  await expect(time.getByRole('table')).toHaveAccessibleName(/median of the last pictures/);
  const total = async (): Promise<string> =>
    (await time.textContent())!.match(/This picture: ([\d.]+ ms)/)![1]!;
  const first = await total();
  await openSample(page, 2, 3);
  await expect.poll(total).not.toBe(first);
  await page.getByRole('button', { name: 'Show sample1.jpg' }).click();
  await expect.poll(total).toBe(first);
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const) {
  test.describe(`${width} x ${height}`, () => {
    test.use({ viewport: { width, height } });

    test('a tall photo fits the window while it is looked at and after, under its switches', async ({
      page,
    }) => {
      // However slow the machine, it is not done before it was seen busy.
      let goOn!: () => void;
      const seen = new Promise<void>((resolve) => (goOn = resolve));
      await page.route('**/models/age-gender*.onnx', async (route) => {
        await seen;
        await route.continue();
      });
      await openDemo(page);
      const data = await page.evaluate(async () => {
        const bitmap = await createImageBitmap(await (await fetch('./samples/sample6.jpg')).blob());
        const canvas = Object.assign(document.createElement('canvas'), { width: 3000, height: 4500 });
        canvas.getContext('2d')!.drawImage(bitmap, 0, 0, 3000, (3000 * bitmap.height) / bitmap.width);
        return canvas.toDataURL('image/jpeg').split(',')[1]!;
      });
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles({ name: 'tall.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(data, 'base64') });
      const photo = page.locator('figure img');
      const shownWhole = async (): Promise<void> => {
        const place = (await photo.boundingBox())!;
        expect(place.y).toBeGreaterThanOrEqual(0);
        expect(place.y + place.height).toBeLessThanOrEqual(height);
        expect(place.height).toBeGreaterThan(0.4 * height);
      };
      await expect(page.locator('.stage-busy')).toBeVisible();
      // Hidden until its shape is known, which is a moment after its file is.
      await expect(photo).toBeVisible();
      await shownWhole();
      await expect(page.locator('.stage-busy')).toBeVisible();
      goOn();
      await expect(box(page, /^Face \d/)).toHaveCount(4);
      await shownWhole();
      for (const name of ['Pose', 'Landmarks', 'Mesh'])
        await expect(page.getByLabel(name, { exact: true })).toBeInViewport({ ratio: 1 });
    });
  });
}
