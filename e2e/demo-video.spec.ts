import { expect, test } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { file, filmOfSample, openDemo, sampleBytes } from './demo-steps.ts';

test('a video tells who is in it and when; a stranger is named from the lane, and known to the camera', async ({
  page,
}) => {
  await openDemo(page, 'video');
  const film = { name: 'party.webm', mimeType: 'video/webm', buffer: await filmOfSample(page, 3, 30) };
  await page.getByLabel('Choose a video').setInputFiles(film);
  const bar = page.getByRole('region', { name: 'The video' });
  await expect(bar.getByRole('status')).toHaveText('Looked through: 3 people', { timeout: 60_000 });
  const lanes = page.getByRole('list', { name: 'People in the video' }).getByRole('listitem');
  await expect(lanes).toHaveCount(3);
  await expect(lanes.first()).toContainText('Unknown');

  // A press on a bar goes there and tells who else it might be.
  const player = page.locator('video');
  await player.evaluate((video: HTMLVideoElement) => (video.currentTime = 0.8));
  await lanes
    .first()
    .getByRole('button', { name: /, from 0:00\.\d to/ })
    .click();
  await expect.poll(() => player.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeLessThan(0.4);
  const panel = page.getByRole('complementary', { name: 'The appearance' });
  await expect(panel.getByRole('region', { name: 'Who else it might be' }).getByRole('meter')).toHaveCount(2);

  await lanes
    .first()
    .getByRole('button', { name: /^Name Unknown/ })
    .click();
  await page.getByRole('dialog').getByLabel('Name').fill('Robin Vale');
  await page.keyboard.press('Enter');
  await expect(lanes.first()).toContainText('Robin Vale');
  const save = async (format: string): Promise<string> => {
    const saved = page.waitForEvent('download');
    await bar.getByRole('button', { name: `Save ${format}` }).click();
    return readFile(await (await saved).path(), 'utf8');
  };
  const [heading, ...rows] = (await save('CSV')).trim().split('\r\n');
  expect(heading).toContain('source,person,personId,frameStart');
  expect(rows).toHaveLength(3);
  expect(rows.filter((row) => row.includes(',party.webm,Robin Vale,'))).toHaveLength(1);
  expect(await save('HTML')).toContain('Robin Vale');

  // The same file as a camera: who was named is known.
  await page.getByRole('link', { name: 'Camera' }).click();
  await page.getByLabel('Source').selectOption('file');
  await page.getByLabel('Choose a video').setInputFiles(film);
  await expect(page.locator('.seen-names')).toHaveText('Robin Vale');
  await page.getByRole('button', { name: 'Stop' }).click();

  // Every time that somebody was seen is in the history.
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Robin Vale' }).first()).toContainText(
    'party.webm',
  );
});

test('the history is filtered by person, camera, day and photo; friends are marked; strangers named', async ({
  page,
}) => {
  await openDemo(page, 'history');
  await expect(page.getByText('Nobody was seen yet')).toBeVisible();
  await page.evaluate(async () => {
    const library = new URL('./nearface/nearface.js', location.href).href;
    const { NearFace } = (await import(library)) as typeof import('../src/index.ts');
    const nf = await NearFace.create({ assets: './nearface/', people: 'auto', global: true });
    const photo = await (await fetch('./samples/sample3.jpg')).blob();
    const { faces } = await nf.embed(photo);
    const cameras = [await nf.cameras.create({ meta: 'Door' }), await nf.cameras.create({ meta: 'Yard' })];
    const noon = new Date().setHours(12, 0, 0, 0);
    // The first is seen on each of six days at the door, the second twice in the yard.
    for (const [who, days] of [
      [0, [1, 2, 3, 4, 5, 6]],
      [1, [1, 2]],
    ] as const)
      for (const day of days)
        await nf.history.add({
          timeMs: noon - day * 864e5,
          cameraId: cameras[who]!.id,
          embedding: faces[who]!,
          pictures: { thumbnail: photo },
        });
    await nf.dispose();
  });
  await page.reload();
  await openDemo(page, 'history');
  const rows = page.getByRole('list', { name: /^Seen on/ }).getByRole('listitem');
  await expect(rows).toHaveCount(8);
  await expect(rows.filter({ hasText: 'Friend' })).toHaveCount(6);
  await expect(rows.locator('img')).toHaveCount(8);

  const chart = page.getByRole('region', { name: 'Visits per day' });
  await expect(chart.getByRole('button', { name: /: 2 visits of 2 people$/ })).toHaveCount(2);
  await chart
    .getByRole('button', { name: /: 2 visits/ })
    .last()
    .click();
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('Camera', { exact: true }).selectOption('Yard');
  await expect(rows).toHaveCount(2);
  await page.getByLabel('Friends').selectOption('friends');
  await expect(page.getByText('Nobody was seen under these conditions')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();

  await page.getByLabel('Search by photo').setInputFiles(file('who.jpg', sampleBytes(3)));
  await expect(
    page.getByRole('region', { name: 'Search by photo' }).getByRole('button', { pressed: true }),
  ).toHaveCount(1);
  await expect(rows).not.toHaveCount(8);
  await page.getByRole('button', { name: 'Show all' }).click();

  await rows.filter({ hasText: 'Yard' }).first().getByRole('button', { name: 'Name' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Kim Moss');
  await page.keyboard.press('Enter');
  await expect(rows.filter({ hasText: 'Kim Moss' })).toHaveCount(2);
  // The name has enrolled the stranger.
  await expect(page.getByRole('button', { name: 'Settings and system' })).toContainText('2 faces');
  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByRole('combobox', { name: 'Gallery' })).toContainText('default (1)');
  await page.getByRole('link', { name: 'History' }).click();
  await rows
    .filter({ hasText: 'Kim Moss' })
    .first()
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(rows).toHaveCount(7);
});
