import { afterEach, describe, expect, it } from 'vitest';
import type { ImageInput } from '../../api/image-input.ts';
import type { DecodedPixels } from '../../image/decoded-image.ts';
import { decodeImage } from './decode.ts';
import { encodeJpeg } from './encode.ts';
import { toWireImage } from './image-input.ts';
import type { LeasedImage } from '../port.ts';
import { PixelReader } from './pixel-reader.ts';
import { browserVisionHost } from './vision-host.ts';
import type { RgbaImage } from '../../image/pixels.ts';
import { builtPixelKernel } from '../../../tools/pixel-kernel.ts';
import { withOrientation } from '../../image/test-jpeg.ts';

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

const AVIF_TURNED =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAD/bWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA' +
  'AAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEnAAAATQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEA' +
  'AGF2MDFDb2xvcgAAAAB+aXBycAAAAF1pcGNvAAAAFGlzcGUAAAAAAAAAQAAAACAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwA' +
  'AAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AQAAAAlpbWlyAAAAABlpcG1hAAAAAAAAAAEAAQYBAoMEhYYAAABVbWRhdBIACgkY' +
  'FT/7RAQ0GhAyPhXHh4ZlQooovlAAAADrslQhwn3VZAbabEXZ0SqvwXC2RzWuZoGB2hvwPtBsdjvTNID25tRric1T8AOEQc5Q';

/** The same picture in an extended WebP file, whose EXIF block stands behind the pixels. */
async function webpWithOrientation(
  webp: Blob,
  orientation: number,
  width: number,
  height: number,
  prefix: readonly number[],
): Promise<Blob> {
  const uint = (value: number, bytes: number): number[] =>
    Array.from({ length: bytes }, (_, i) => (value >> (8 * i)) & 255);
  const chunk = (name: string, data: readonly number[]): number[] => [
    ...Array.from(name, (letter) => letter.charCodeAt(0)),
    ...uint(data.length, 4),
    ...data,
    ...(data.length % 2 ? [0] : []),
  ];
  const tiff = [
    0x49,
    0x49,
    42,
    0,
    8,
    0,
    0,
    0,
    1,
    0,
    0x12,
    1,
    3,
    0,
    1,
    0,
    0,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const stored = new Uint8Array(await webp.slice(12).arrayBuffer());
  // What a canvas gives may be an extended file already: its flags say what else there is.
  const isExtended = String.fromCharCode(...stored.slice(0, 4)) === 'VP8X';
  const flags = isExtended ? stored[8]! : 0;
  const picture = isExtended ? stored.slice(18) : stored;
  const extended = chunk('VP8X', [flags | 8, 0, 0, 0, ...uint(width - 1, 3), ...uint(height - 1, 3)]);
  const exif = chunk('EXIF', [...prefix, ...tiff]);
  const size = 4 + extended.length + picture.byteLength + exif.length;
  const riff = [0x52, 0x49, 0x46, 0x46, ...uint(size, 4), 0x57, 0x45, 0x42, 0x50];
  return new Blob([Uint8Array.from([...riff, ...extended]), picture, Uint8Array.from(exif)]);
}

async function decode(input: ImageInput, maxWorkingPixels?: number): Promise<DecodedPixels> {
  const { image } = await toWireImage(input, 'image');
  return decodeImage(image, undefined, maxWorkingPixels);
}

/** The colours of the four quarters, row by row, as one letter each. */
function colours({ pixels }: Pick<DecodedPixels, 'pixels'>): string {
  const { width, height, data } = pixels;
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
      expect(scaled.pixels.width * scaled.scale).toBeCloseTo(size.width, -0.5);
    }
  });

  it('applies all eight EXIF orientations of WebP, which the browser does not, at full size and scaled', async () => {
    const webp = await encoded(quarters(64, 32), 'image/webp');
    const expected = ['rgbw', 'grwb', 'wbgr', 'bwrg', 'rbgw', 'brwg', 'wgbr', 'gwrb'];
    for (const [i, quartered] of expected.entries()) {
      const size = i >= 4 ? { width: 32, height: 64 } : { width: 64, height: 32 };
      for (const prefix of [[], [0x45, 0x78, 0x69, 0x66, 0, 0]]) {
        const blob = await webpWithOrientation(webp, i + 1, 64, 32, prefix);
        const whole = await decode(blob);
        expect([i + 1, colours(whole)]).toEqual([i + 1, quartered]);
        expect(whole).toMatchObject({ ...size, scale: 1 });
        const scaled = await decode(blob, 512);
        expect([i + 1, colours(scaled)]).toEqual([i + 1, quartered]);
        expect(scaled).toMatchObject(size);
        expect(scaled.pixels.width * scaled.scale).toBeCloseTo(size.width, -0.5);
      }
    }
  });

  it('finds the orientation of a WebP behind more pixels than its first look', async () => {
    const noise = new OffscreenCanvas(512, 256);
    const context = noise.getContext('2d')!;
    const pixels = context.createImageData(512, 256);
    for (let i = 0, r = 1; i < pixels.data.length; i++) {
      r = (Math.imul(r, 1_103_515_245) + 12_345) >>> 0;
      pixels.data[i] = i % 4 === 3 ? 255 : r >>> 24;
    }
    context.putImageData(pixels, 0, 0);
    const webp = await noise.convertToBlob({ type: 'image/webp', quality: 1 });
    expect(webp.size).toBeGreaterThan(256 * 1024);
    const turned = await webpWithOrientation(webp, 6, 512, 256, []);
    expect(await decode(turned)).toMatchObject({ width: 256, height: 512 });
  });

  it("leaves AVIF's turns and mirroring to the browser, which applies them", async () => {
    // Quarters of 64 × 32 pixels, EXIF orientation 5 written as the properties irot and imir.
    expect(await decode(AVIF_TURNED)).toMatchObject({ width: 32, height: 64 });
    expect(colours(await decode(AVIF_TURNED))).toBe('rbgw');
  });

  it('lets the browser decode what the header reader cannot, and takes its size', async () => {
    const jpeg = new Uint8Array(await (await encoded(quarters(64, 32), 'image/jpeg')).arrayBuffer());
    const filled = new Blob([jpeg.slice(0, 20), new Uint8Array(7).fill(0xff), jpeg.slice(20)]);
    expect(colours(await decode(filled))).toBe('rgbw');
    const pixels = [0, 0, 255, 0, 255, 0, 0, 0];
    const bmp = [0x42, 0x4d, 34, 0, 0, 0, 0, 0, 0, 0, 26, 0, 0, 0, 12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 24, 0];
    expect(await decode(Uint8Array.from([...bmp, ...pixels]))).toMatchObject({ width: 2, height: 1 });
  });

  it('names what it cannot decode, and the way out', async () => {
    await refusal(new Uint8Array(0)).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('The image is empty (0 bytes)'),
    });
    const starts = {
      TIFF: 'II*\0',
      HEIC: '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
      'JPEG XL': '\xff\x0a',
      SVG: '<svg >',
    };
    for (const [name, start] of Object.entries(starts)) {
      const bytes = Uint8Array.from(start.padEnd(99, ' '), (char) => char.charCodeAt(0));
      await refusal(bytes).toMatchObject({
        code: 'IMAGE_DECODING_FAILED',
        message: expect.stringMatching(new RegExp(`is (an )?${name}.*(decode|canvas)`)),
      });
    }
  });

  it('loads a lazy <img> that nobody scrolls to, in the page or not', async () => {
    const url = URL.createObjectURL(await encoded(quarters(8, 8), 'image/png'));
    for (const place of ['nowhere', 'far below']) {
      const img = new Image();
      img.loading = 'lazy';
      img.style.marginTop = '90000px';
      img.src = url;
      if (place === 'far below') document.body.append(img);
      expect([place, colours(await decode(img))]).toEqual([place, 'rgbw']);
      img.remove();
    }
    const missing = new Image();
    missing.loading = 'lazy';
    missing.src = '/no-such-picture.png';
    await refusal(missing).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('no-such-picture.png'),
    });
    URL.revokeObjectURL(url);
  });

  it('reads ImageData of 16 bits', async () => {
    const context = quarters(8, 8).getContext('2d')!;
    const settings = { pixelFormat: 'rgba-float16' } as ImageDataSettings;
    const pixels = context.getImageData(0, 0, 8, 8, settings);
    expect(pixels.data).not.toBeInstanceOf(Uint8ClampedArray);
    expect(colours(await decode(pixels))).toBe('rgbw');
  });

  it('reads pixels in memory, which stay as they are', async () => {
    const data = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 0);
    const given = { width: 2, height: 2, data };
    expect(colours(await decode(given))).toBe('rgbw');
    expect(data.length).toBe(16);
    await refusal({ ...given, width: 3 }).toMatchObject({ code: 'BAD_PARAM' });
  });

  it('refuses proxies of what a page has, by name', async () => {
    const canvas = quarters(8, 8);
    const blob = await encoded(canvas, 'image/png');
    const inputs = [canvas, blob, new File([blob], 'a.png'), new ImageData(8, 8), new Image()];
    for (const input of inputs) {
      await refusal(new Proxy(input, {})).toMatchObject({
        code: 'BAD_PARAM',
        message: expect.stringMatching(/the \w+ itself, not a proxy around it.*toRaw/),
      });
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
      expect(decoded.pixels.width).toBe(200);
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
    expect([...(await decode(half)).pixels.data]).toEqual([204, 224, 244, 255]);
    expect([...half.data]).toEqual([0, 100, 200, 51]);
  });

  it('refuses truncated files of every format, text, and empty files', async () => {
    for (const type of ['image/jpeg', 'image/png', 'image/webp']) {
      const blob = await encoded(quarters(400, 300), type);
      for (const share of [0.1, 0.5, 0.99]) {
        const part = blob.slice(0, Math.floor(blob.size * share));
        await refusal(part).toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
        await expect(decode(part, 1e4)).rejects.toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
      }
    }
    const text = new File(['Dear diary, this is not a picture.'], 'me.jpg', { type: 'image/jpeg' });
    await refusal(text).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('JPEG'),
    });
    const html = new Blob(['<!doctype html><title>Not found</title>'], { type: 'text/html' });
    await refusal(html).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringMatching(/HTML.*check the URL/),
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

  it('puts what is half transparent on white, as a canvas, a bitmap, a file and as pixels', async () => {
    const pixels = new ImageData(32, 24);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = (i * 97 + (i >> 5) * 31) % 256;
    const canvas = new OffscreenCanvas(32, 24);
    canvas.getContext('2d')!.putImageData(pixels, 0, 0);
    const onWhite = (await decode(pixels)).pixels.data;
    const png = await canvas.convertToBlob({ type: 'image/png' });
    const bitmap = await createImageBitmap(canvas);
    for (const input of [canvas, bitmap, png]) {
      const { data } = (await decode(input)).pixels;
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - onWhite[i]!)), 0);
      expect(worst, input.constructor.name).toBeLessThanOrEqual(2);
    }
  });

  it('reads bitmaps that are longer than any frame', async () => {
    for (const [width, height] of [
      [33_000, 4],
      [4, 33_000],
    ] as const)
      expect(colours(await decode(quarters(width, height)))).toBe('rgbw');
  });

  it('does not look at the unused byte of a frame without alpha', async () => {
    for (const unused of [0, 90, 255]) {
      const bytes = new Uint8Array(4 * 8 * 4).map((_, i) => (i % 4 < 3 ? 60 * (i % 4) + 20 : unused));
      for (const format of ['RGBX', 'BGRX'] as const) {
        const frame = new VideoFrame(bytes, { format, codedWidth: 8, codedHeight: 4, timestamp: 0 });
        const { data } = (await decode(frame)).pixels;
        const colour = format === 'RGBX' ? [20, 80, 140, 255] : [140, 80, 20, 255];
        expect([...data.subarray(0, 4)], `${format} ${unused}`).toEqual(colour);
      }
    }
  });

  it('lends pixels of its own until they are given back', async () => {
    const decoder = browserVisionHost.createDecoder(await builtPixelKernel());
    const lease = async (canvas: OffscreenCanvas): Promise<LeasedImage> => {
      const frame = new VideoFrame(await createImageBitmap(canvas), { timestamp: 0 });
      return decoder.decode({ kind: 'frame', frame }, undefined, 1e6);
    };
    const imageOf = ({ image }: LeasedImage): RgbaImage => image.pyramid.level(0);
    const pixelsOf = (leased: LeasedImage): Uint8ClampedArray => imageOf(leased).data;
    const first = await lease(quarters(8, 8));
    const white = new OffscreenCanvas(8, 8);
    const context = white.getContext('2d')!;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 8, 8);
    const second = await lease(white);
    expect(pixelsOf(second)).not.toBe(pixelsOf(first));
    expect(colours({ pixels: imageOf(first) })).toBe('rgbw');
    first.giveBack();
    first.giveBack();
    const [third, fourth] = [await lease(quarters(8, 8)), await lease(quarters(8, 8))];
    expect(pixelsOf(third)).toBe(pixelsOf(first));
    expect(pixelsOf(fourth)).not.toBe(pixelsOf(third));
    expect(colours({ pixels: imageOf(second) })).toBe('wwww');
  });

  it('survives a trip through JPEG', async () => {
    const { pixels } = await decode(quarters(32, 32));
    expect(colours(await decode(await encodeJpeg(pixels, 0.9)))).toBe('rgbw');
  });
});

describe('a browser that falsifies canvases', () => {
  const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
  const frame = globalThis.VideoFrame;
  const falsify = (change: (data: Uint8ClampedArray) => void): void => {
    OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...args) {
      const answer = read.apply(this, args);
      change(answer.data);
      return answer;
    };
  };
  const noise = (data: Uint8ClampedArray): void => data.forEach((_, i) => (data[i] = Math.random() * 256));
  const picture = async (): Promise<{ kind: 'bitmap'; bitmap: ImageBitmap }> => ({
    kind: 'bitmap',
    bitmap: await createImageBitmap(quarters(40, 20)),
  });
  afterEach(() => {
    OffscreenCanvasRenderingContext2D.prototype.getImageData = read;
    globalThis.VideoFrame = frame;
  });

  it.each([
    ['noise', noise],
    ['white', (data: Uint8ClampedArray) => data.fill(255)],
  ])('is read by a VideoFrame instead of %s', async (_, change) => {
    falsify(change);
    const { pixels, width, height } = await decodeImage(await picture());
    const { data } = pixels;
    expect([width, height]).toEqual([40, 20]);
    const at = (x: number, y: number): number[] => [...data.subarray(4 * (40 * y + x), 4 * (40 * y + x) + 3)];
    const colours = [at(5, 5), at(35, 5), at(5, 15), at(35, 15)];
    expect(colours).toEqual([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]); // prettier-ignore
  });

  it('is told with what to do where nothing gives the pixels', async () => {
    falsify(noise);
    Reflect.deleteProperty(globalThis, 'VideoFrame');
    const told = { code: 'BACKEND_UNAVAILABLE', details: { reason: 'canvas-falsified' } };
    await expect(decodeImage(await picture())).rejects.toMatchObject(told);
    const data = new Uint8ClampedArray(4 * 64).fill(90);
    await expect(encodeJpeg({ width: 8, height: 8, data }, 0.9)).rejects.toMatchObject(told);
    // Pixels that need no canvas are seen all the same.
    const pixels = new ImageData(8, 8);
    expect(await decodeImage({ kind: 'pixels', pixels })).toMatchObject({ width: 8, height: 8 });
  });

  it('is believed where it changes the lowest bits only', async () => {
    falsify((data) => data.forEach((value, i) => (data[i] = value ^ (i % 4 === 3 ? 0 : 1))));
    Reflect.deleteProperty(globalThis, 'VideoFrame');
    expect(await decodeImage(await picture())).toMatchObject({ width: 40, height: 20 });
  });
});
