import { expect, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { SAMPLE_NAMES, SAMPLES } from '../tools/samples/samples.ts';

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

/** A film of a sample photo that moves a little, so long, as the browser records it. */
export async function filmOfSample(page: Page, number: number, durationMs: number): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ([sample, length]) => {
      const photo = await createImageBitmap(await (await fetch(`./samples/sample${sample}.jpg`)).blob());
      const [width, height] = [900, Math.round((900 * photo.height) / photo.width)];
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d')!;
      const started = performance.now();
      const timer = setInterval(() => {
        const shift = 12 * Math.sin((performance.now() - started) / 500);
        context.drawImage(photo, shift - 12, -12, width + 24, height + 24);
      }, 40);
      const recorder = new MediaRecorder(canvas.captureStream(25), { videoBitsPerSecond: 8e6 });
      const parts: Blob[] = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const ended = new Promise((done) => (recorder.onstop = done));
      recorder.start();
      await new Promise((done) => setTimeout(done, length));
      recorder.stop();
      await ended;
      clearInterval(timer);
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
    },
    [number, durationMs] as const,
  );
  return Buffer.from(base64, 'base64');
}
