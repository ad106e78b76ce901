import { describe, expect, it } from 'vitest';
import type { ImageInput } from '../core/types.ts';
import { decodeImage, type DecodedImage } from './decode.ts';
import { encodeJpeg } from './encode.ts';
import { toWireImage } from './input.ts';
import { PixelReader } from './pixel-reader.ts';

/** Red, green, blue and white quarters, so that every orientation can be told. */
function quarters(width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const [w, h] = [width / 2, height / 2];
  ['#f00', '#0f0', '#00f', '#fff'].forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect((i % 2) * w, Math.floor(i / 2) * h, w, h);
  });
  return canvas;
}

function encoded(canvas: OffscreenCanvas, type: string): Promise<Blob> {
  return canvas.convertToBlob({ type, quality: 0.95 });
}

async function withOrientation(jpeg: Blob, orientation: number): Promise<Blob> {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const exif = [0xff, 0xe1, 0, tiff.length + 8, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  return new Blob([bytes.slice(0, 2), Uint8Array.from(exif), bytes.slice(2)], { type: 'image/jpeg' });
}

async function decode(input: ImageInput, maxWorkingPixels?: number): Promise<DecodedImage> {
  const { image } = await toWireImage(input, 'image');
  return decodeImage(image, undefined, maxWorkingPixels);
}

/** The colours of the four quarters, row by row, as one letter each. */
function colours({ pyramid }: DecodedImage): string {
  const { width, height, data } = pyramid.level(0);
  return [
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ]
    .map(([x, y]) => {
      const i = 4 * (Math.floor((y! * height) / 4) * width + Math.floor((x! * width) / 4));
      const bits = [data[i]!, data[i + 1]!, data[i + 2]!].map((value) => (value > 128 ? 1 : 0)).join('');
      return { 100: 'r', '010': 'g', '001': 'b', 111: 'w', '000': 'k' }[bits] ?? '?';
    })
    .join('');
}

function refusal(input: ImageInput) {
  return expect(decode(input)).rejects;
}

describe('decodeImage', () => {
  it('applies all eight EXIF orientations, at full size and scaled', async () => {
    const jpeg = await encoded(quarters(64, 32), 'image/jpeg');
    const expected = ['rgbw', 'grwb', 'wbgr', 'bwrg', 'rbgw', 'brwg', 'wgbr', 'gwrb'];
    for (const [i, quartered] of expected.entries()) {
      const blob = await withOrientation(jpeg, i + 1);
      const size = i >= 4 ? { width: 32, height: 64 } : { width: 64, height: 32 };
      const whole = await decode(blob);
      expect([i + 1, colours(whole)]).toEqual([i + 1, quartered]);
      expect(whole).toMatchObject({ ...size, scale: 1 });
      const scaled = await decode(blob, 512);
      expect([i + 1, colours(scaled)]).toEqual([i + 1, quartered]);
      expect(scaled).toMatchObject(size);
      expect(scaled.scale).toBeCloseTo(2, 1);
      expect(scaled.pyramid.width * scaled.scale).toBeCloseTo(size.width, -0.5);
    }
  });

  it('reads PNG, WebP, GIF and BMP', async () => {
    for (const type of ['image/png', 'image/webp']) {
      expect([type, colours(await decode(await encoded(quarters(16, 16), type)))]).toEqual([type, 'rgbw']);
    }
    const gif = 'R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==';
    expect(await decode(gif)).toMatchObject({ width: 1, height: 1 });
    const bmp = new Uint8Array(58);
    bmp.set([
      0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0,
    ]);
    bmp.set([0, 0, 255], 54);
    expect(colours(await decode(bmp))).toBe('rrrr');
  });

  it('takes bytes, base64, data and blob URLs alike', async () => {
    const png = await encoded(quarters(8, 8), 'image/png');
    const bytes = new Uint8Array(await png.arrayBuffer());
    const base64 = btoa(String.fromCharCode(...bytes));
    const url = URL.createObjectURL(png);
    for (const input of [
      png,
      new File([png], 'a.png'),
      bytes,
      bytes.buffer,
      base64,
      `data:image/png;base64,${base64}`,
      url,
      new URL(url),
    ]) {
      expect(colours(await decode(input))).toBe('rgbw');
    }
    URL.revokeObjectURL(url);
    expect(bytes.byteLength).toBeGreaterThan(0);
  });

  it('takes what a page shows, and leaves it usable', async () => {
    const offscreen = quarters(8, 8);
    const pixels = offscreen.getContext('2d')!.getImageData(0, 0, 8, 8);
    const bitmap = await createImageBitmap(offscreen);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    canvas.getContext('2d')!.drawImage(offscreen, 0, 0);
    const img = new Image();
    img.src = canvas.toDataURL();
    const frame = new VideoFrame(offscreen, { timestamp: 0 });
    for (const input of [offscreen, pixels, bitmap, canvas, img, frame]) {
      for (let again = 0; again < 2; again++) {
        const decoded = await decode(input);
        expect([input.constructor.name, colours(decoded)]).toEqual([input.constructor.name, 'rgbw']);
        expect(decoded).toMatchObject({ width: 8, height: 8, scale: 1 });
      }
    }
    frame.close();
    bitmap.close();
    await refusal(frame).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('closed'),
    });
    await refusal(bitmap).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('closed'),
    });
  });

  it('scales whatever is too large, and keeps its size in mind', async () => {
    const canvas = quarters(400, 100);
    const pixels = canvas.getContext('2d')!.getImageData(0, 0, 400, 100);
    for (const input of [
      canvas,
      pixels,
      await encoded(canvas, 'image/png'),
      new VideoFrame(canvas, { timestamp: 0 }),
    ]) {
      const decoded = await decode(input, 10_000);
      expect(decoded).toMatchObject({ width: 400, height: 100 });
      expect(decoded.scale).toBeCloseTo(2, 1);
      expect(decoded.pyramid.width).toBe(200);
      expect(colours(decoded)).toBe('rgbw');
      if (input instanceof VideoFrame) input.close();
    }
  });

  it('lays transparent pictures on white', async () => {
    const clear = new OffscreenCanvas(4, 4);
    const pixels = clear.getContext('2d')!.getImageData(0, 0, 4, 4);
    for (const input of [clear, pixels, await encoded(clear, 'image/png')]) {
      expect(colours(await decode(input))).toBe('wwww');
    }
    const half = new ImageData(new Uint8ClampedArray([0, 100, 200, 51]), 1, 1);
    expect([...(await decode(half)).pyramid.level(0).data]).toEqual([204, 224, 244, 255]);
    expect([...half.data]).toEqual([0, 100, 200, 51]);
  });

  it('refuses truncated files of every format, text, and empty files', async () => {
    for (const type of ['image/jpeg', 'image/png', 'image/webp']) {
      const blob = await encoded(quarters(400, 300), type);
      for (const share of [0.1, 0.5, 0.99]) {
        await refusal(blob.slice(0, Math.floor(blob.size * share))).toMatchObject({
          code: 'IMAGE_DECODING_FAILED',
        });
      }
    }
    const text = new File(['Dear diary, this is not a picture.'], 'me.jpg', { type: 'image/jpeg' });
    await refusal(text).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('JPEG'),
    });
    await refusal(new Blob([])).toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
    await refusal('nothing.jpg').toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
    await refusal(document.createElement('video')).toMatchObject({
      message: expect.stringContaining('loadeddata'),
    });
    const broken = new Image();
    broken.src = 'data:image/png;base64,AAAA';
    await refusal(broken).toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
    const empty = document.createElement('canvas');
    empty.width = 0;
    await refusal(empty).toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
  });

  it('finds the size behind headers longer than its first look', async () => {
    const jpeg = new Uint8Array(await (await encoded(quarters(64, 32), 'image/jpeg')).arrayBuffer());
    const comment = new Uint8Array(65_535);
    comment.set([0xff, 0xfe, 0xff, 0xfd]);
    const long = new Blob([
      jpeg.slice(0, 2),
      ...new Array<Uint8Array<ArrayBuffer>>(6).fill(comment),
      jpeg.slice(2),
    ]);
    expect(await decode(long)).toMatchObject({ width: 64, height: 32 });
  });

  it('closes what it was handed, whatever happens', async () => {
    const bitmap = await createImageBitmap(quarters(8, 8));
    await decodeImage({ kind: 'bitmap', bitmap });
    expect(bitmap.width).toBe(0);
    const frame = new VideoFrame(quarters(8, 8), { timestamp: 0 });
    await expect(decodeImage({ kind: 'frame', frame }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(frame.format).toBe(null);
  });

  it('leaves nothing of one image in the next when a reader is kept', async () => {
    const reader = new PixelReader();
    const read = async (canvas: OffscreenCanvas): Promise<string> =>
      colours(
        await decodeImage(
          { kind: 'bitmap', bitmap: await createImageBitmap(canvas) },
          undefined,
          1e6,
          reader,
        ),
      );
    const clear = new OffscreenCanvas(8, 8);
    clear.getContext('2d');
    expect(await read(quarters(8, 8))).toBe('rgbw');
    expect(await read(clear)).toBe('wwww');
    expect(await read(quarters(16, 8))).toBe('rgbw');
  });

  it('survives a trip through JPEG', async () => {
    const { pyramid } = await decode(quarters(32, 32));
    expect(colours(await decode(await encodeJpeg(pyramid.level(0), 0.9)))).toBe('rgbw');
  });
});
