import { expect, test } from '@playwright/test';
import { join } from 'node:path';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

/** One face of 160 × 160 pixels, a part of face-api's sample1.jpg, saved in each format. */
const FORMATS = join(import.meta.dirname, 'fixtures', 'formats');

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary({ '/formats/': FORMATS });
});
test.afterAll(() => server.close());
test.beforeEach(({ page }) => openPage(page, server));

/** Where the one face of a picture is: left, top, width, as bytes and as base64. */
const find = async (files: readonly string[]): Promise<Record<string, readonly number[][]>> => {
  const found: Record<string, number[][]> = {};
  for (const file of files) {
    const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
    const base64 = btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
    for (const input of [bytes, base64]) {
      const { width, height, faces } = await window.nf.detect(input);
      const boxes = faces.map(({ position: p }) => [width, height, p.left, p.top, p.width].map(Math.round));
      (found[file] ??= []).push(...boxes);
    }
  }
  return found;
};

test('every format gives the face, as bytes and in base64: grey, CMYK, AVIF, and the first frame of a GIF', async ({
  page,
}) => {
  const names = ['face.jpg', 'face-grey.jpg', 'face-cmyk.jpg', 'face.avif', 'face.gif'];
  const found = await page.evaluate(
    find,
    names.map((name) => `/formats/${name}`),
  );
  const [reference] = found['/formats/face.jpg']!;
  expect(reference!.slice(0, 2)).toEqual([160, 160]);
  for (const [file, boxes] of Object.entries(found)) {
    expect(boxes, file).toHaveLength(2);
    for (const box of boxes) expectClose(box, reference!, file);
  }
});

test('PNG of 8 and 16 bits, in colour and grey, and WebP give the same face', async ({ page }) => {
  const found = await page.evaluate(async () => {
    const crcTable = Array.from({ length: 256 }, (_, n) => {
      for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
      return n;
    });
    const uint32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
    const chunk = (type: string, data: ArrayLike<number>): number[] => {
      const body = [...type].map((letter) => letter.charCodeAt(0)).concat(Array.from(data));
      const crc = body.reduce((sum, byte) => crcTable[(sum ^ byte) & 255]! ^ (sum >>> 8), -1);
      return [...uint32(data.length), ...body, ...uint32(~crc)];
    };
    const deflate = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
      const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    };
    /** PNG specification, 11.2: colour type 0 is grey, 2 is RGB; no filter; the high byte first. */
    const png = async ({ width, height, data }: ImageData, grey: boolean, bits: 8 | 16): Promise<Blob> => {
      const rows: number[] = [];
      for (let y = 0; y < height; y++) {
        rows.push(0);
        for (let x = 0; x < width; x++) {
          const [r, g, b] = data.subarray(4 * (y * width + x));
          const luma = Math.round(0.299 * r! + 0.587 * g! + 0.114 * b!);
          for (const value of grey ? [luma] : [r!, g!, b!]) rows.push(value, ...(bits === 16 ? [value] : []));
        }
      }
      const header = [...uint32(width), ...uint32(height), bits, grey ? 0 : 2, 0, 0, 0];
      const pixels = await deflate(Uint8Array.from(rows));
      const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
      const all = [...signature, ...chunk('IHDR', header), ...chunk('IDAT', pixels), ...chunk('IEND', [])];
      return new Blob([Uint8Array.from(all)]);
    };
    const bitmap = await createImageBitmap(await (await fetch('/formats/face.jpg')).blob());
    const canvas = new OffscreenCanvas(160, 160);
    const context = canvas.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const pixels = context.getImageData(0, 0, 160, 160);
    const inputs = {
      reference: pixels,
      'RGB, 8 bits': await png(pixels, false, 8),
      'RGB, 16 bits': await png(pixels, false, 16),
      'grey, 8 bits': await png(pixels, true, 8),
      'grey, 16 bits': await png(pixels, true, 16),
      WebP: await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 }),
    };
    const found: Record<string, number[][]> = {};
    for (const [kind, input] of Object.entries(inputs)) {
      const { width, height, faces } = await window.nf.detect(input);
      found[kind] = faces.map(({ position: p }) => [width, height, p.left, p.top, p.width].map(Math.round));
    }
    return found;
  });
  for (const [kind, boxes] of Object.entries(found)) {
    expect(boxes, kind).toHaveLength(1);
    expectClose(boxes[0]!, found['reference']![0]!, kind);
  }
});

/** Within 4 pixels: formats lose different things. */
function expectClose(box: readonly number[], reference: readonly number[], what: string): void {
  box.forEach((value, i) => expect(Math.abs(value - reference[i]!), what).toBeLessThanOrEqual(4));
}

test('a damaged PNG that only an <img> shows gives the face; a TIFF goes to the decoder that was given', async ({
  page,
}) => {
  const seen = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const bitmap = await createImageBitmap(await (await fetch('/formats/face.jpg')).blob());
    const canvas = new OffscreenCanvas(160, 160);
    const context = canvas.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    png[png.length - 13]! ^= 1;
    const tiff = new Blob([Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0)]);
    const refused = await window.outcomeOf(() => window.nf.detect(tiff));
    const asked: number[] = [];
    const nf = await NearFace.create({
      device: 'wasm',
      database: 'decode',
      assets: '/lib/',
      decode: (file) => {
        asked.push(file.size);
        return Promise.resolve(context.getImageData(0, 0, 160, 160));
      },
    });
    const gallery = await nf.galleries.get();
    const { records } = await gallery.add(tiff, { keep: 'photos' });
    const photo = await gallery.picture(records[0]!.id, 'photo');
    const both = await nf.compare(png, tiff);
    const cosines: number[] = [];
    for (const beside of [await createImageBitmap(canvas), new VideoFrame(canvas, { timestamp: 0 })]) {
      const comparing = nf.compare(beside, tiff);
      await new Promise((resolve) => setTimeout(resolve));
      beside.close();
      cosines.push((await comparing).cosine);
    }
    await nf.dispose();
    const { faces } = await window.nf.detect(png);
    return { refused, asked, faces: faces.length, photo: photo?.size, cosine: both.cosine, cosines };
  });
  expect(seen.refused).toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
  expect(seen.refused.message).toMatch(/TIFF.*NearFace\.create\({ decode }\)/);
  expect(seen.faces).toBe(1);
  expect(seen.asked.every((size) => size === 10)).toBe(true);
  expect(seen.photo).toBe(10);
  expect(seen.cosine).toBeGreaterThan(0.99);
  for (const cosine of seen.cosines) expect(cosine).toBeGreaterThan(0.99);
});

test('a photo that calls itself a page is stored and handed out as the image that it is', async ({
  page,
}) => {
  const types = await page.evaluate(async () => {
    const gallery = await window.nf.galleries.get();
    const jpeg = await (await fetch('/photos/sample1.jpg')).arrayBuffer();
    const page = new Blob([jpeg, '<script>alert(1)</script>'], { type: 'text/html' });
    const { records } = await gallery.add(page, { keep: 'photos' });
    const kinds = ['photo', 'crop', 'thumbnail'] as const;
    return Promise.all(kinds.map(async (kind) => (await gallery.picture(records[0]!.id, kind))?.type));
  });
  expect(types).toEqual(['image/jpeg', 'image/jpeg', 'image/jpeg']);
});
