import { expect, test, type Page } from '@playwright/test';
import { file, openDemo, sampleBytes } from './demo-steps.ts';

const tiles = (page: Page) => page.getByRole('list', { name: 'Faces' }).getByRole('button');

test('the samples fill an empty gallery, the same person under one name', async ({ page }) => {
  await openDemo(page, 'people');
  await expect(page.getByText('Nobody is enrolled in “default” yet')).toBeVisible();
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('heading', { name: '22 faces enrolled, 0 photos failed' })).toBeVisible({
    timeout: 60_000,
  });
  await expect(tiles(page)).toHaveCount(22);
  await expect(page.locator('.face-tile img')).toHaveCount(22);
  const names = await tiles(page).allTextContents();
  expect(new Set(names).size).toBeLessThan(22);

  const twice = names.find((name) => names.filter((other) => other === name).length > 1)!;
  await page.getByLabel('Search by name').fill(twice.slice(0, 3).toUpperCase());
  await expect(tiles(page)).toHaveCount(names.filter((name) => name.startsWith(twice.slice(0, 3))).length);
  await page.getByLabel('Search by name').fill('zzz');
  await expect(page.getByText('Nobody’s name contains “zzz”')).toBeVisible();
  await page.getByLabel('Search by name').fill('');

  await page.getByLabel('Search by photo').setInputFiles(file('who.jpg', sampleBytes(3)));
  const found = page.getByRole('region', { name: 'Search by photo' });
  await expect(found.getByRole('img', { name: /Face \d of the photo/ })).toHaveCount(3);
  await expect(found.getByRole('button').filter({ hasText: '100 %' })).toHaveCount(3);
});

test('a batch with a bad file enrols the others', async ({ page }) => {
  await openDemo(page, 'people');
  await page
    .getByRole('region', { name: 'Gallery' })
    .getByLabel('Add photos')
    .setInputFiles([
      file('robin_vale-1.jpg', sampleBytes(1)),
      file('broken.jpg', Buffer.from('not a picture')),
      file('kim moss (2).jpg', sampleBytes(6)),
    ]);
  await page.getByRole('button', { name: 'Enrol into “default”' }).click();
  await expect(page.getByRole('heading', { name: '2 faces enrolled, 1 photo failed' })).toBeVisible();
  const outcomes = page.getByRole('list', { name: 'Outcomes' });
  await expect(outcomes.getByRole('listitem').first()).toContainText('broken.jpg');
  await expect(outcomes.getByRole('listitem').first()).toContainText('not a picture');
  await expect
    .poll(async () => (await tiles(page).allTextContents()).sort())
    .toEqual(['kim moss', 'robin vale']);
});

test('a batch can be cancelled', async ({ page }) => {
  await openDemo(page, 'people');
  const many = Array.from({ length: 60 }, (_, i) => file(`p${i}.jpg`, sampleBytes((i % 6) + 1)));
  await page.getByRole('region', { name: 'Gallery' }).getByLabel('Add photos').setInputFiles(many);
  await page.getByRole('button', { name: 'Enrol into “default”' }).click();
  await page.getByRole('region', { name: 'Enrolment' }).getByRole('button', { name: 'Cancel' }).click();
  const panel = page.getByRole('region', { name: 'Enrolment' });
  await expect(panel.getByRole('alert')).toContainText('Stopped');
  await expect(panel.getByRole('button', { name: 'Done' })).toBeVisible();
});

test('galleries are made, filled to their capacity, and deleted after a question', async ({ page }) => {
  await openDemo(page, 'people');
  await page.getByRole('button', { name: 'New gallery' }).click();
  await page.getByLabel('Name', { exact: true }).fill('staff');
  await page.getByLabel(/Most faces/).fill('1');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('Nobody is enrolled in “staff” yet')).toBeVisible();

  await page
    .getByRole('region', { name: 'Gallery' })
    .getByLabel('Add photos')
    .setInputFiles([file('a.jpg', sampleBytes(1)), file('b.jpg', sampleBytes(2))]);
  await page.getByRole('button', { name: 'Enrol into “staff”' }).click();
  await expect(page.getByRole('alert')).toContainText('The gallery is full');
  await expect(tiles(page)).toHaveCount(1);
  await expect(page.getByText('1 of 1 faces')).toBeVisible();

  await page.getByRole('button', { name: 'Delete gallery' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete gallery' }).click();
  await expect(page.getByText('Nobody is enrolled in “default” yet')).toBeVisible();
  await expect(page.getByLabel('Gallery', { exact: true }).getByRole('option')).toHaveCount(1);
});

test('a face is renamed and deleted', async ({ page }) => {
  await openDemo(page, 'people');
  await page
    .getByRole('region', { name: 'Gallery' })
    .getByLabel('Add photos')
    .setInputFiles(file('robin.jpg', sampleBytes(1)));
  await page.getByLabel('Name for all of them').fill('Robin');
  await page.getByRole('button', { name: 'Enrol into “default”' }).click();
  await tiles(page).filter({ hasText: 'Robin' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Robin Vale');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(tiles(page)).toHaveText(['Robin Vale']);
  await tiles(page).click();
  await page.getByRole('button', { name: 'Delete this face…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Nobody is enrolled in “default” yet')).toBeVisible();
});

test('of a large gallery only what is near the window is drawn, and the keyboard moves through all', async ({
  page,
}) => {
  await openDemo(page, 'people');
  await page.evaluate(async () => {
    const library = new URL('./nearface/nearface.js', location.href).href;
    const { NearFace } = (await import(library)) as typeof import('../src/index.ts');
    const nf = await NearFace.create({ assets: './nearface/' });
    const gallery = await nf.galleries.get();
    const { dimension } = nf.info.embedding;
    function* people(): Generator<{ embedding: Float32Array; meta: string }, void> {
      for (let i = 1; i <= 100_000; i++) {
        const embedding = Float32Array.from({ length: dimension }, (_, k) => Math.sin(i * k + i));
        yield { embedding, meta: `Person ${i}` };
      }
    }
    await gallery.addEmbeddings(people());
    await nf.dispose();
  });
  await page.reload();
  await openDemo(page, 'people');
  const first = page.getByRole('button', { name: 'Person', exact: false }).first();
  await expect(first).toBeVisible();
  expect(await tiles(page).count()).toBeLessThan(300);
  await expect(page.getByRole('listitem').and(page.locator('[aria-posinset="1"]'))).toHaveAttribute(
    'aria-setsize',
    '100000',
  );
  await first.focus();
  await page.keyboard.press('End');
  const last = page.locator('[aria-posinset="100000"]').getByRole('button');
  await expect(last).toBeFocused();
  await expect(last).toContainText('Person');
  await expect(last).toBeInViewport();
  expect(await tiles(page).count()).toBeLessThan(300);
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('[aria-posinset="99999"]').getByRole('button')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(page.locator('[aria-posinset="1"]').getByRole('button')).toBeFocused();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
});

/** A photo scaled down and up again, so that nobody can be told in it. */
async function unclear(page: Page, photo: Buffer): Promise<Buffer> {
  const base64 = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(
      new Blob([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))]),
    );
    const { width, height } = bitmap;
    const small = Object.assign(document.createElement('canvas'), { width: width / 16, height: height / 16 });
    small.getContext('2d')!.drawImage(bitmap, 0, 0, small.width, small.height);
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')!.drawImage(small, 0, 0, width, height);
    return canvas.toDataURL('image/jpeg').split(',')[1]!;
  }, photo.toString('base64'));
  return Buffer.from(base64, 'base64');
}

test('a face too unclear to be told from others is left out, with the reason', async ({ page }) => {
  await openDemo(page, 'people');
  await page
    .getByRole('region', { name: 'Gallery' })
    .getByLabel('Add photos')
    .setInputFiles([file('robin.jpg', await unclear(page, sampleBytes(1)))]);
  await page.getByLabel('Name for all of them').fill('Robin');
  await page.getByRole('button', { name: 'Enrol into “default”' }).click();
  await expect(page.getByRole('list', { name: 'Outcomes' }).getByRole('listitem')).toContainText(
    /Left out: too little can be seen of the face to tell it from others: reliability \d+(\.\d)?\s%, at least 10\s%/,
  );
});

test('faces that fall short of a gate are left out, with the reason', async ({ page }) => {
  await openDemo(page, 'people');
  await page
    .getByRole('region', { name: 'Gallery' })
    .getByLabel('Add photos')
    .setInputFiles([file('robin.jpg', sampleBytes(1)), file('kim.jpg', sampleBytes(6))]);
  await page.getByLabel('How good a picture must be').selectOption('passport');
  await page.getByRole('button', { name: 'Enrol into “default”' }).click();
  const robin = page
    .getByRole('list', { name: 'Outcomes' })
    .getByRole('listitem')
    .filter({ hasText: 'robin.jpg' });
  await expect(robin).toContainText(/Left out: .*turned too far to the left: \d\d°, at most 10°/);
  await expect(page.getByRole('heading', { name: /left out, 0 photos failed/ })).toBeVisible();
});
