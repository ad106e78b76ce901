import { expect, test, type Locator, type Page } from '@playwright/test';
import { leftToRight, openDemo, openSample, sampleBytes } from './demo-steps.ts';

const boxesOf = (page: Page): Locator => page.locator('figure').getByRole('button', { name: /^Face \d/ });
const rested = (page: Page): Promise<void> => expect(page.locator('.stage-busy')).toHaveCount(0);
const answer = (page: Page): Locator => page.getByRole('region', { name: 'The answer' });

/** Opens sample 1 and the face at the left on the section named. */
async function openFace(page: Page, section: string): Promise<Locator> {
  await openDemo(page);
  const [first] = await leftToRight(await openSample(page, 1, 3));
  await first!.click();
  await page.getByRole('tab', { name: section }).click();
  return page.getByRole('tabpanel');
}

test('each head has its axes and its degrees', async ({ page }) => {
  const panel = await openFace(page, 'Numbers');
  await expect(page.locator('.pose-axis')).toHaveCount(9);
  const degrees = page.locator('.face-box.selected .pose-degree');
  await expect(degrees).toHaveText([/^yaw −\d+°$/, /^pitch [+−]?\d+°$/, /^roll [+−]?\d+°$/]);
  await expect(panel).toContainText(/Yaw\s*−\d+°\s*left/);
  // A head turned to the picture's left has its nose arrow point there.
  const nose = await page.locator('.pose-axis.roll').first().getAttribute('d');
  const [from, to] = [...nose!.matchAll(/[ML](\S+) /g)].map(([, x]) => Number(x));
  expect(to!).toBeLessThan(from!);
  await page.getByLabel('Pose').uncheck();
  await expect(page.locator('.pose-axis')).toHaveCount(0);
  await expect(degrees).toHaveCount(0);
});

test('landmarks are numbered, by part, and one is found by its number', async ({ page }) => {
  await openFace(page, 'Numbers');
  await page.getByRole('button', { name: 'Numbered landmarks' }).click();
  const dialog = page.getByRole('dialog', { name: 'Landmarks' });
  const numbers = dialog.locator('.number');
  await expect(numbers).toHaveCount(106);
  expect(new Set(await numbers.allTextContents()).size).toBe(106);
  await dialog.getByLabel('Part').selectOption('Mouth');
  await expect(numbers).toHaveCount(20);
  await dialog.getByLabel(/Zoom/).fill('4');
  await dialog.getByLabel('Find number').fill('74');
  await expect(dialog.getByRole('status')).toContainText(/Number 74 \(left eye\) is at \d/);
  const found = await dialog.locator('.numbered.found .number').boundingBox();
  const frame = await dialog.getByRole('region').boundingBox();
  expect(Math.abs(found!.x - (frame!.x + frame!.width / 2))).toBeLessThan(30);
  expect(Math.abs(found!.y - (frame!.y + frame!.height / 2))).toBeLessThan(30);
});

test('quality is held against a gate, with what falls short in words', async ({ page }) => {
  const panel = await openFace(page, 'Quality');
  await expect(panel.getByRole('meter')).toHaveCount(19);
  await panel.getByLabel('Hold against').selectOption('passport');
  await expect(panel).toContainText('Falls short of PASSPORT');
  await expect(panel).toContainText(/turned too far to the left: \d\d°, at most 10°/);
  await expect(page.getByRole('tab', { name: /Quality.*falls short of PASSPORT/ })).toBeVisible();
  await panel.getByLabel('Hold against').selectOption('none');
  await expect(panel).not.toContainText('Falls short');
  await page.getByRole('region', { name: 'How to look' }).getByLabel('Quality').uncheck();
  await expect(panel).toContainText('not asked for');
  await rested(page);
  await page.getByText('Call and answer').click();
  await expect(answer(page)).not.toContainText('"sharpness"');
  await panel.getByRole('button', { name: 'Ask for it' }).click();
  await expect(panel.getByRole('meter')).toHaveCount(19);
  await expect(answer(page)).toContainText('"sharpness"');
});

test('attributes are told with how certain they are', async ({ page }) => {
  const panel = await openFace(page, 'Attributes');
  await expect(panel).toContainText(/Age\s*\d+ years/);
  await expect(panel).toContainText(/Gender\s*(fe)?male/);
  for (const name of ['happy', 'calm', 'sleepy']) {
    await expect(panel.getByRole('meter', { name, exact: true })).toHaveAttribute('aria-valuetext', /%/);
  }
  await page.getByRole('region', { name: 'How to look' }).getByLabel('Attributes').uncheck();
  await expect(panel).toContainText('not asked for');
});

test('the sections of a face are reached with arrow keys', async ({ page }) => {
  await openFace(page, 'Who');
  await page.getByRole('tab', { name: 'Who' }).press('ArrowRight');
  await expect(page.getByRole('tab', { name: /Quality/ })).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('tabpanel', { name: 'Numbers' })).toContainText(/Score\s*0\.\d/);
});

test('the three modes are run on one photo', async ({ page }) => {
  await openDemo(page);
  await openSample(page, 6, 4);
  await page.getByText('Compare the modes').click();
  await page.getByRole('button', { name: 'Run all three' }).click();
  const trials = page.getByRole('list', { name: 'Modes' }).getByRole('listitem');
  await expect(trials).toHaveCount(3, { timeout: 60_000 });
  await expect(trials).toContainText([
    /Fast\s*\d faces?\s*[\d.]+ ms/,
    /Accurate\s*4 faces\s*[\d.]+ ms/,
    /Auto\s*4 faces\s*[\d.]+ ms/,
  ]);
  await page.getByLabel('Mode', { exact: true }).selectOption('auto');
  await page.getByText('Call and answer').click();
  await expect(page.getByRole('region', { name: 'The call' })).toContainText(`mode: 'auto'`);
});

test('an area is drawn with the pointer, and set in numbers', async ({ page }) => {
  await openDemo(page);
  const boxes = await openSample(page, 1, 3);
  await page.getByText('Call and answer').click();
  await page.getByRole('button', { name: 'Area' }).click();
  await page.locator('figure img').scrollIntoViewIfNeeded();
  const picture = (await page.locator('figure img').boundingBox())!;
  const at = (x: number, y: number): [number, number] => [
    picture.x + x * picture.width,
    picture.y + y * picture.height,
  ];
  await page.mouse.move(...at(0.66, 0.1));
  await page.mouse.down();
  await page.mouse.move(...at(0.95, 0.5), { steps: 3 });
  await page.mouse.up();
  await expect(boxes).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'The call' })).toContainText(
    /area: \{ left: 12\d\d, top: 1\d\d/,
  );

  const left = page.getByLabel('Left', { exact: true });
  await left.fill('200');
  await left.press('Tab');
  await expect(page.getByRole('region', { name: 'The call' })).toContainText('area: { left: 200,');
  await page.getByLabel('Width', { exact: true }).fill('900');
  await page.getByLabel('Width', { exact: true }).press('Enter');
  await expect(boxes).toHaveCount(2);
  await left.fill('99999');
  await left.press('Enter');
  await expect(left).toHaveValue(String(1920 - Number(await page.getByLabel('Width').inputValue())));
  await page.getByRole('button', { name: 'Whole picture' }).click();
  await expect(boxes).toHaveCount(3);
  // A drag that is over before a busy page draws again.
  await page.locator('.area-capture').evaluate((layer) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    for (const [type, x, y] of [
      ['pointerdown', 0.66, 0.1],
      ['pointermove', 0.95, 0.5],
      ['pointerup', 0.95, 0.5],
    ] as const) {
      const place = { clientX: left + x * width, clientY: top + y * height };
      layer.dispatchEvent(new PointerEvent(type, { ...place, pointerId: 1, button: 0, bubbles: true }));
    }
  });
  await expect(boxes).toHaveCount(1);
  await page.getByRole('button', { name: 'Whole picture' }).click();
  await expect(boxes).toHaveCount(3);
  // A press without a drag still chooses a face.
  await (await leftToRight(boxes))[0]!.click({ force: true });
  await expect(page.getByRole('tab', { name: 'Who' })).toBeVisible();
});

test('a photo on its side is turned when asked for', async ({ page }) => {
  await openDemo(page);
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(bitmap.height, bitmap.width);
    const context = canvas.getContext('2d')!;
    context.translate(bitmap.height, 0);
    context.rotate(Math.PI / 2);
    context.drawImage(bitmap, 0, 0);
    const data = new DataTransfer();
    data.items.add(new File([await canvas.convertToBlob({ type: 'image/jpeg' })], 'side.jpg'));
    const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data });
    document.querySelector('.drop-area')?.dispatchEvent(event);
  }, sampleBytes(6).toString('base64'));
  await expect(page.getByRole('button', { name: 'Show side.jpg' })).toBeVisible();
  await rested(page);
  await expect(page.getByText(/px, turned/)).toHaveCount(0);
  await page.getByLabel('Auto-rotate').check();
  await expect(boxesOf(page)).toHaveCount(4);
  await expect(page.getByText(/px, turned 270°/)).toBeVisible();
  const picture = await page.locator('figure img').boundingBox();
  expect(picture!.width).toBeGreaterThan(picture!.height);
});

test('the call and the answer can be copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openDemo(page);
  await openSample(page, 1, 3);
  await page.getByText('Call and answer').click();
  await expect(answer(page)).toContainText('… 104 more');
  await page.getByRole('button', { name: 'Copy the call' }).click();
  const read = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(read).toContain('await nf.embed(photo, {');
  await page.getByRole('button', { name: 'Copy all of it' }).click();
  await expect.poll(read).toContain('"faces"');
  const copied = JSON.parse(await read()) as { faces: { landmarks: unknown[]; embedding: unknown[] }[] };
  expect(copied.faces[0]!.landmarks).toHaveLength(106);
  expect(copied.faces[0]!.embedding.length).toBeGreaterThan(100);
});
