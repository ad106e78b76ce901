import { expect, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildPage } from '../tools/pages.ts';
import { SAMPLE_NAMES, SAMPLES } from '../tools/samples/samples.ts';
import type { FilmOfSample } from './film-page.ts';

/** Bytes of one of the six sample photos, 1..6. */
export function sampleBytes(number: number): Buffer {
  return readFileSync(new URL(SAMPLE_NAMES[number - 1]!, SAMPLES));
}

/** A file for a file input. */
export function file(name: string, buffer: Buffer): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'image/jpeg', buffer };
}

/** Opens a page of the demo and waits for the models. */
export async function openDemo(page: Page, tab = 'photo'): Promise<void> {
  await page.goto(`./#/${tab}`);
  await expect(page.getByRole('button', { name: 'Settings and system' })).toContainText(/thread|WebGPU/, {
    timeout: 60_000,
  });
}

/** Opens a sample on the page Photo and answers its faces' boxes once there are `faces` of them. */
export async function openSample(page: Page, number: number, faces: number): Promise<Locator> {
  await page.getByRole('button', { name: `Sample ${number}:` }).click();
  await expect(page.getByRole('button', { name: `Show sample${number}.jpg` }).last()).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  const boxes = page.locator('figure').getByRole('button', { name: /^Face \d/ });
  await expect(boxes).toHaveCount(faces);
  return boxes;
}

/** The boxes from left to right. */
export async function leftToRight(boxes: Locator): Promise<Locator[]> {
  const all = await boxes.all();
  const placed = await Promise.all(all.map(async (box) => ({ box, x: (await box.boundingBox())?.x ?? 0 })));
  return placed.sort((a, b) => a.x - b.x).map(({ box }) => box);
}

/** Gives the face behind a box a name: press it, type, press Enrol. */
export async function enrol(page: Page, box: Locator, name: string): Promise<void> {
  await box.click();
  await page.getByLabel(/^(Who is this|Add as another)/).fill(name);
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await expect(
    page.locator('figure').getByRole('button', { name: new RegExp(`^Face \\d+, ${name}`) }),
  ).toBeVisible();
}

/** Encrypts what is stored on the page Storage. */
export async function encrypt(page: Page, passphrase: string): Promise<void> {
  await page.getByRole('button', { name: 'Encrypt…' }).click();
  await page.getByLabel('New passphrase').fill(passphrase);
  await page.getByLabel('The same passphrase again').fill(passphrase);
  await page.getByRole('dialog').getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Protection' })).toContainText('are encrypted');
}

/** Enrols everybody of the samples on the page People. */
export async function enrolSamples(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enrol the people of the samples' }).click();
  await expect(page.getByRole('heading', { name: '22 faces enrolled, 0 photos failed' })).toBeVisible({
    timeout: 60_000,
  });
}

/** Goes over to the faces of the gallery in use, on the page People. */
export async function showFaces(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Faces' }).click();
}

/** A film of a sample photo that moves a little, of so many frames. */
export async function filmOfSample(page: Page, number: number, frames: number): Promise<Buffer> {
  const { folder, script } = await buildPage('e2e/film-page.ts');
  // Evaluated, as the page's policy lets no other scripts in.
  await page.evaluate(await readFile(join(folder, basename(script)), 'utf8'));
  const base64 = await page.evaluate(
    ([sample, length]) =>
      (globalThis as unknown as { filmOfSample: FilmOfSample }).filmOfSample(sample, length),
    [number, frames] as const,
  );
  return Buffer.from(base64, 'base64');
}
