import { afterEach, describe, expect, it, vi } from 'vitest';
import { NearFaceError } from '../../core/errors.ts';
import type { DecodeHook } from '../../api/image-input.ts';
import { decodeInPage } from './decode-in-page.ts';
import { decodeImage } from './decode.ts';

/** A PNG of noise whose checksum is wrong, which only an `<img>` puts up with. */
async function damagedPng(): Promise<Blob> {
  const canvas = new OffscreenCanvas(40, 30);
  const context = canvas.getContext('2d')!;
  for (let i = 0; i < 40; i++) {
    context.fillStyle = `hsl(${9 * i} 90% 50%)`;
    context.fillRect(i, 0, 1, 30);
  }
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  const end = bytes.length - 12;
  bytes[end - 1] = bytes[end - 1]! ^ 1;
  return new Blob([bytes]);
}

const tiff = new Blob([Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0)]);

const refusal = new NearFaceError('IMAGE_DECODING_FAILED', 'It is TIFF', { format: 'tiff' });

function page(file: Blob, hook?: DecodeHook): ReturnType<typeof decodeInPage> {
  return decodeInPage({ file, hook, param: 'photo', refusal }, undefined);
}

describe('decodeInPage', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('shows a damaged file that the worker refuses, and keeps the file with it', async () => {
    const file = await damagedPng();
    await expect(decodeImage({ kind: 'encoded', blob: file })).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      details: { decodable: false, format: 'png' },
    });
    const wire = await page(file);
    expect(wire?.image).toMatchObject({ kind: 'bitmap', file });
    expect(await decodeImage(wire!.image)).toMatchObject({ width: 40, height: 30, scale: 1 });
  });

  it('takes no part of a picture for the whole', async () => {
    const canvas = new OffscreenCanvas(200, 200);
    canvas.getContext('2d')!.fillRect(9, 9, 50, 50);
    for (const type of ['image/jpeg', 'image/png', 'image/webp']) {
      const whole = await canvas.convertToBlob({ type });
      expect([type, (await page(whole))?.image.kind]).toEqual([type, 'bitmap']);
      expect([type, await page(whole.slice(0, Math.floor(0.8 * whole.size)))]).toEqual([type, undefined]);
    }
  });

  it("asks the user's decoder for what no browser shows, and only for that", async () => {
    const asked: Blob[] = [];
    const hook: DecodeHook = (blob) => {
      asked.push(blob);
      return Promise.resolve(new ImageData(7, 5));
    };
    expect(await page(tiff)).toBe(undefined);
    const wire = await page(tiff, hook);
    expect(wire?.image).toMatchObject({ kind: 'pixels', file: tiff });
    expect(await decodeImage(wire!.image)).toMatchObject({ width: 7, height: 5 });
    await page(await damagedPng(), hook);
    expect(await page(new Blob(['<!doctype html>'], { type: 'text/html' }), hook)).toBe(undefined);
    expect(asked).toEqual([tiff]);
  });

  it("tells what the user's decoder throws, and refuses other answers", async () => {
    await expect(page(tiff, () => Promise.reject(new Error('no such codec')))).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringMatching(/^photo: options\.decode failed: no such codec.*It is TIFF/),
      details: { format: 'tiff' },
    });
    const wrong = (() => Promise.resolve(5)) as unknown as DecodeHook;
    await expect(page(tiff, wrong)).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringMatching(/options\.decode must be an ImageBitmap or ImageData, but is 5/),
    });
  });

  it('waits for no decoder once the call is aborted', { timeout: 5000 }, async () => {
    const never = new Promise<never>(() => undefined);
    const stop = new AbortController();
    const stuck = decodeInPage({ file: tiff, hook: () => never, param: 'photo', refusal }, stop.signal);
    setTimeout(() => stop.abort('enough'), 20);
    await expect(stuck).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });

    const loading = new AbortController();
    vi.spyOn(HTMLImageElement.prototype, 'decode').mockImplementation(() => {
      setTimeout(() => loading.abort(), 20);
      return never;
    });
    const hook = vi.fn<DecodeHook>();
    await expect(
      decodeInPage({ file: await damagedPng(), hook, param: 'photo', refusal }, loading.signal),
    ).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(hook).not.toHaveBeenCalled();
  });

  it('closes what was decoded when the call is aborted right then', async () => {
    const stop = new AbortController();
    const take = Reflect.get(OffscreenCanvas.prototype, 'transferToImageBitmap');
    let bitmap: ImageBitmap | undefined;
    vi.spyOn(OffscreenCanvas.prototype, 'transferToImageBitmap').mockImplementation(function (
      this: OffscreenCanvas,
    ) {
      bitmap = take.call(this);
      stop.abort();
      return bitmap;
    });
    await expect(
      decodeInPage({ file: await damagedPng(), hook: undefined, param: 'photo', refusal }, stop.signal),
    ).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(bitmap?.width).toBe(0);
  });
});
