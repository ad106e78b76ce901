import { expect, test, type Locator, type Page } from '@playwright/test';
import { openDemo } from './demo-steps.ts';

/** Enrols made-up embeddings: twelve people, one face under a wrong name, one person under two, and a face that is there twice. */
async function enrolCrowd(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const library = new URL('./nearface/nearface.js', location.href).href;
    const { NearFace } = (await import(library)) as typeof import('../src/index.ts');
    const nf = await NearFace.create({ assets: './nearface/' });
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    const { dimension } = nf.info.embedding;
    const people = Array.from({ length: 12 }, () => Float32Array.from({ length: dimension }, random));
    const photoOf = (person: number): Float32Array => people[person]!.map((x) => x + 0.6 * random());
    const face = (id: string, person: number, embedding: Float32Array, meta = `name ${person}`) => ({
      ...{ id, embedding, meta, personId: meta, reliability: 1 },
    });
    const faces = Array.from({ length: 48 }, (_, i) => face(`face-${i}`, i % 12, photoOf(i % 12)));
    await (
      await nf.galleries.get()
    ).addEmbeddings([
      ...faces,
      face('wrong', 3, photoOf(3), 'name 8'),
      face('other-0', 5, photoOf(5), 'name five'),
      face('other-1', 5, photoOf(5), 'name five'),
      face('twice', 0, faces[0]!.embedding),
    ]);
    await nf.dispose();
  });
  await page.reload();
  await openDemo(page, 'thresholds');
}

const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const said = (page: Page): Locator => page.getByRole('status').last();

test('thresholds are measured, looked at by slider and level, and used', async ({ page }) => {
  await openDemo(page, 'thresholds');
  const tooFew = region(page, 'Too few people');
  await expect(tooFew).toContainText('0 of 10 needed');
  await expect(tooFew).toContainText('0 of 5 needed');
  await enrolCrowd(page);
  await expect(region(page, 'What is measured')).toContainText('52 faces of 13 people compared');
  const recommendation = region(page, 'Recommendation');
  await expect(recommendation).toContainText('No level surely stays below 0.10 %: take Strict');
  await page.getByLabel('False match rate, at most').selectOption('1 in 10 pairs');
  await expect(recommendation).toContainText(/Take (Low|Medium)/);
  const use = recommendation.getByRole('button', { name: /^Use / });
  const level = (await use.textContent())!.replace('Use ', '');
  await use.click();
  await expect(recommendation).toContainText('in use');
  await expect(said(page)).toHaveText(`${level} is the threshold of all pages now.`);
  const row = page.getByRole('row', { name: new RegExp(`^${level}`) });
  await expect(row).toContainText('recommended');
  await expect(row).toContainText('in use');

  // The slider stands at the recommended level, and moves by the steps that were measured.
  const slider = page.getByRole('slider', { name: 'Threshold' });
  const scores = region(page, 'Scores');
  await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^${level}, 0\\.\\d+: .* taken for one`));
  await scores.getByRole('button', { name: 'Default' }).click();
  await expect(slider).toHaveValue('0.75');
  await expect(scores.getByRole('button', { name: 'Default' })).toHaveAttribute('aria-pressed', 'true');
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', /^0\.755: /);
  await expect(scores).toContainText('At a confidence of 0.755');

  // At its ends all that can go wrong does.
  const wrong = region(page, 'Wrong pairs');
  const pairs = wrong.getByRole('list', { name: 'Pairs' }).getByRole('listitem');
  await page.keyboard.press('Home');
  await expect(scores.locator('.rate-figure').first()).toHaveText('100 %');
  await expect(wrong.getByRole('tab', { selected: true })).toContainText(/Taken for one \([\d,]{4,}\)/);
  await expect(pairs).toHaveCount(12);
  await wrong.getByRole('button', { name: /^Show more/ }).click();
  await expect(pairs).toHaveCount(36);
  await page.getByRole('tab', { name: 'Not known again (0)' }).click();
  await expect(wrong.getByText('None at this threshold.')).toBeVisible();
  await slider.focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { selected: true })).not.toContainText('(0)');
  // The likest of two names are the one who has two; of one name, the face that is under a wrong one.
  await expect(pairs.first()).toContainText('name 8');
});

test('what looks wrong is found and put right', async ({ page }) => {
  await openDemo(page, 'thresholds');
  await enrolCrowd(page);
  const audit = region(page, 'What looks wrong');
  await audit.getByRole('button', { name: 'Look through it' }).click();
  const unlike = region(page, '1 face unlike its namesakes');
  const alike = region(page, '1 pair of names that look like one person');
  const twice = region(page, '1 pair of faces that are nearly one picture');
  await expect(unlike).toContainText(/Called name 8, and like the 4 other faces .* looks like name 3/);
  await expect(alike).toContainText(/name 5 \(4 faces\) and name five \(2 faces\)|name five .* and name 5/);
  await expect(twice).toContainText('Two faces of name 0');
  await unlike.getByRole('button', { name: 'Move to name 3' }).click();
  await expect(said(page)).toHaveText('Moved to name 3.');
  await expect(unlike).toHaveCount(0);
  await twice.getByRole('button', { name: 'Delete the second' }).click();
  await expect(twice).toHaveCount(0);
  await alike.getByRole('button', { name: 'Leave it' }).click();
  await expect(audit.getByText('Nothing is left that looks wrong.')).toBeVisible();
  await audit.getByRole('button', { name: 'Look again' }).click();
  await alike.getByRole('button', { name: 'Not the same' }).click();
  await expect(said(page)).toHaveText(/are kept apart from now on/);
  await audit.getByRole('button', { name: 'Look again' }).click();
  await expect(audit.getByText('Nothing is left that looks wrong.')).toBeVisible();
  await expect(region(page, 'What is measured')).toContainText('Faces have changed since this was measured.');

  // Taking it back by hand, and merging them: the page People has both under one name then.
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(said(page)).toHaveText('Took back “not the same”.');
  await page.getByRole('link', { name: 'Thresholds' }).click();
  await audit.getByRole('button', { name: 'Look again' }).click();
  await alike.getByRole('button', { name: 'Merge' }).click();
  await expect(said(page)).toHaveText('name five merged into name 5.');
  await audit.getByRole('button', { name: 'Look again' }).click();
  await expect(audit.getByText('Nothing is left that looks wrong.')).toBeVisible();
  await page.getByRole('button', { name: 'Measure again' }).click();
  await expect(region(page, 'What is measured')).toContainText('51 faces of 12 people compared');
});

test('a face is deleted from its finding, which settles it', { tag: '@long' }, async ({ page }) => {
  await openDemo(page, 'thresholds');
  await enrolCrowd(page);
  const audit = region(page, 'What looks wrong');
  await audit.getByRole('button', { name: 'Look through it' }).click();
  const unlike = region(page, '1 face unlike its namesakes');
  await unlike.getByRole('button', { name: 'name 8: rename or delete' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete this face…' }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(unlike).toHaveCount(0);
});

test('a gallery of pictures: the samples in three versions', { tag: '@long' }, async ({ page }) => {
  await openDemo(page, 'thresholds');
  await page.getByRole('button', { name: 'Enrol the samples, each in three versions' }).click();
  await expect(page.getByRole('heading', { name: /^6\d faces enrolled, 0 photos failed/ })).toBeVisible({
    timeout: 120_000,
  });
  await expect(region(page, 'Recommendation')).toContainText(/take Strict/);
  await page.getByRole('slider', { name: 'Threshold' }).focus();
  await page.keyboard.press('Home');
  await expect(region(page, 'Wrong pairs').locator('img')).toHaveCount(24);
  await region(page, 'What looks wrong').getByRole('button', { name: 'Look through it' }).click();
  await expect(region(page, 'What looks wrong').locator('.finding img').first()).toBeVisible();
});
