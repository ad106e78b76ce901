import { expect, test, type Locator, type Page } from '@playwright/test';
import { enrolSamples, file, openDemo, sampleBytes, showFaces } from './demo-steps.ts';

const tiles = (page: Page) => page.getByRole('list', { name: 'Faces' }).getByRole('button');

const people = (page: Page): Locator => page.getByRole('list', { name: 'People' }).getByRole('button');
const person = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'People' }).getByRole('button', { name: new RegExp(`^${name}, `) });
const said = (page: Page): Locator => page.getByRole('status').last();

test('people are shown, found by name and photo, merged, split, kept apart, moved, deleted', async ({
  page,
}) => {
  await openDemo(page, 'people');
  await expect(page.getByText('Nobody is enrolled in “default” yet')).toBeVisible();
  await enrolSamples(page);
  // Somebody is in two of the photos.
  const twice = people(page).filter({ hasText: '2 faces' });
  await expect(twice).toHaveCount(1);
  await expect(people(page)).toHaveCount(21);
  await expect(page.locator('.person-tile img')).toHaveCount(21);
  const name = (await twice.getAttribute('aria-label'))!.split(',')[0]!;
  await page.getByLabel('Search by name').fill(name.slice(0, 3).toUpperCase());
  await expect(people(page)).toHaveCount(1);
  await page.getByLabel('Search by name').fill('zzz');
  await expect(page.getByText('Nobody’s name contains “zzz”')).toBeVisible();
  await page.getByLabel('Search by name').fill('');
  await page.getByLabel('Search by photo').setInputFiles(file('who.jpg', sampleBytes(3)));
  const found = page.getByRole('region', { name: 'Search by photo' });
  await expect(found.getByRole('img', { name: /Face \d of the photo/ })).toHaveCount(3);
  await expect(found.getByRole('button').filter({ hasText: '100 %' })).toHaveCount(3);
  await found.getByRole('button', { name: 'Back to everyone' }).click();

  // Merging by dragging and by the keyboard, and taking it back.
  await person(page, 'Alma').dragTo(person(page, 'Bea'));
  await expect(said(page)).toContainText('merged into');
  await expect(people(page)).toHaveCount(20);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(said(page)).toHaveText('Took back the merge.');
  await expect(people(page)).toHaveCount(21);
  for (const one of ['Alma', 'Bea']) {
    await page.getByRole('checkbox', { name: `Choose ${one}`, exact: true }).focus();
    await page.keyboard.press('Space');
  }
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(person(page, 'Alma')).toContainText('2 faces');

  // Of the two faces one is split off again, moved back, and said to be of somebody else.
  await person(page, 'Alma').click();
  const dialog = page.getByRole('dialog');
  const faces = dialog.getByRole('list', { name: 'Faces' }).getByRole('checkbox');
  await expect(faces).toHaveCount(2);
  await faces.last().check();
  await dialog.getByRole('button', { name: 'Split off' }).click();
  await expect(faces).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(people(page)).toHaveCount(21);
  await people(page).last().click();
  await faces.check();
  await dialog.getByLabel('Move to').selectOption('Alma');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(person(page, 'Alma')).toContainText('2 faces');
  await person(page, 'Alma').click();
  await faces.last().check();
  await dialog.getByRole('button', { name: 'Not Alma' }).click();
  await expect(faces).toHaveCount(1);
  await dialog.getByLabel('Name').fill('Robin Vale');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('heading', { name: 'Robin Vale' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Delete this person…' }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(people(page)).toHaveCount(20);
  await expect(person(page, 'Robin Vale')).toHaveCount(0);
});

test('faces that were stored without people are grouped, and people are kept apart', async ({ page }) => {
  await openDemo(page, 'people');
  await page.evaluate(async () => {
    const library = new URL('./nearface/nearface.js', location.href).href;
    const { NearFace } = (await import(library)) as typeof import('../src/index.ts');
    const nf = await NearFace.create({ assets: './nearface/' });
    const gallery = await nf.galleries.get();
    for (const n of [1, 3]) {
      const photo = await (await fetch(`./samples/sample${n}.jpg`)).blob();
      await gallery.add(photo, { faces: 'all', meta: `Photo ${n}` });
    }
    await nf.dispose();
  });
  await page.reload();
  await openDemo(page, 'people');
  await expect(page.getByText('6 faces of nobody')).toBeVisible();
  await page.getByRole('button', { name: 'Group the faces' }).click();
  await expect(said(page)).toHaveText('6 faces put together; 5 people new.');
  await expect(people(page)).toHaveCount(5);
  const boxes = page.getByRole('checkbox', { name: /^Choose / });
  for (const i of [0, 1]) await boxes.nth(i).check();
  await page.getByRole('button', { name: 'Not the same' }).click();
  await expect(said(page)).toContainText('are kept apart from now on');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(said(page)).toHaveText('Took back “not the same”.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('6 faces of nobody')).toBeVisible();
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
  await showFaces(page);
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
  await showFaces(page);
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
  await showFaces(page);
  await tiles(page).filter({ hasText: 'Robin' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Robin Vale');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(tiles(page)).toHaveText(['Robin Vale']);
  await tiles(page).click();
  await page.getByRole('button', { name: 'Delete this face…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Nobody is enrolled in “default” yet')).toBeVisible();
});

test(
  'of a large gallery only what is near the window is drawn, and the keyboard moves through all',
  { tag: '@long' },
  async ({ page }) => {
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
    await showFaces(page);
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
  },
);

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
