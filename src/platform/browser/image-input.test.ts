import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ImageInput } from '../../api/image-input.ts';
import { isImageInput, toWireImage } from './image-input.ts';
import { bytesOfBase64, bytesOfDataUrl, kindOfText } from '../../image/text-input.ts';

const JPEG = '/9j/4AAQSkZJRgABAQEAYABgAAD';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

async function encodedBytes(input: ImageInput): Promise<number[]> {
  const { image, transfer } = await toWireImage(input, 'image');
  expect(transfer).toEqual([]);
  if (image.kind !== 'encoded') throw new Error(`expected encoded bytes, got ${image.kind}`);
  return [...new Uint8Array(await image.blob.arrayBuffer())];
}

describe('kindOfText', () => {
  it('tells URLs, data URLs and base64 apart', () => {
    for (const url of [
      'https://a.b/c',
      'HTTP://a',
      'blob:https://a/b',
      '/photos/1',
      './a',
      '../a.b',
      '/work/photo',
      'faces/me.JPG?x=1#y',
      'me.webp',
    ]) {
      expect([url, kindOfText(url)]).toEqual([url, 'url']);
    }
    expect(kindOfText('data:image/png;base64,AAAA')).toBe('data-url');
    for (const text of [
      JPEG,
      PNG,
      `${PNG.slice(0, 40)}\n${PNG.slice(40)}`,
      'R0lGODlhAQABAAAAACw=',
      'AAAAIGZ0eXBhdmlm',
    ]) {
      expect([text, kindOfText(text)]).toEqual([text, 'base64']);
    }
    expect(kindOfText('/work/photos/2026/11/me')).toBe('url');
    for (const text of ['', 'hello', 'javascript:alert(1)', 'a face'])
      expect([text, kindOfText(text)]).toEqual([text, 'other']);
  });
});

describe('text that is a picture', () => {
  const base64 = (start: readonly number[], length: number): string =>
    btoa(String.fromCharCode(...start, ...Array.from({ length: length - start.length }, (_, i) => i % 251)));

  it('is told by its signature, also where it begins like a path', () => {
    for (const start of [
      [0xff, 0x0a],
      [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20],
      [0xff, 0xd8, 0xff, 0xdb],
      [0x49, 0x49, 42, 0],
      [0, 0, 1, 0],
      [0x42, 0x4d],
    ]) {
      const text = base64(start, 600);
      expect([start, kindOfText(text)]).toEqual([start, 'base64']);
      expect(kindOfText(text.replaceAll(/(.{76})/g, '$1\r\n'))).toBe('base64');
      expect(kindOfText(text.replaceAll('+', '-').replaceAll('/', '_'))).toBe('base64');
    }
  });

  it('may have white space anywhere, and need not be whole to be told', async () => {
    const text = `${'A'.repeat(61)}${' '.repeat(150)}${'A'.repeat(100)}`;
    expect(kindOfText(text)).toBe('base64');
    await expect(toWireImage(text, 'photo')).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      details: { param: 'photo' },
      message: expect.stringMatching(/^photo: .* is not complete base64/),
    });
    expect(kindOfText(`${base64([0xff, 0x0a], 45)}${' '.repeat(400)}A`)).toBe('base64');
  });

  it('is looked at in time that grows with its length, not with its square', () => {
    const spaces = ' '.repeat(100_000);
    const from = performance.now();
    for (const text of [`AAAA${spaces}!`, `AAAA${spaces}=${spaces}!`, `data:;${spaces}x,`]) kindOfText(text);
    bytesOfDataUrl(`data:${'; base64'.repeat(1000)}${spaces}x,`, 'image');
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it('is never fetched when it is long, whatever it begins with', () => {
    expect(kindOfText(`/${base64([1, 2], 3000)}`)).toBe('base64');
    expect(kindOfText(`/${'a.b'.repeat(1000)}.jpg`)).toBe('other');
    expect(kindOfText(`https://a.b/${'x'.repeat(4000)}`)).toBe('url');
    expect(kindOfText(`https://a.b/${'x'.repeat(10_000)}`)).toBe('other');
  });
});

describe('text to bytes', () => {
  it('decodes base64, plain, URL-safe and wrapped', () => {
    expect([...bytesOfBase64('+/+/', 'image')]).toEqual([251, 255, 191]);
    expect([...bytesOfBase64('-_-\n_', 'image')]).toEqual([251, 255, 191]);
    expect(() => bytesOfBase64('abcde', 'image')).toThrowError(/base64/);
  });

  it('decodes data URLs, base64 and percent-escaped', () => {
    expect([...bytesOfDataUrl('data:image/png;base64,AAEC', 'image')]).toEqual([0, 1, 2]);
    expect([...bytesOfDataUrl('data:image/png;base64,%2B%2F%2B%2F', 'image')]).toEqual([251, 255, 191]);
    expect([...bytesOfDataUrl('data:image/x,a%00%FFb', 'image')]).toEqual([97, 0, 255, 98]);
    expect(() => bytesOfDataUrl('data:image/png;base64', 'image')).toThrowError(/comma/);
  });
});

describe('toWireImage', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('copies bytes and leaves the caller his own', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(await encodedBytes(bytes)).toEqual([1, 2, 3]);
    expect(await encodedBytes(bytes.buffer)).toEqual([1, 2, 3]);
    expect(await encodedBytes(new Uint8Array(bytes.buffer, 1, 1))).toEqual([2]);
    expect(bytes.byteLength).toBe(3);
    expect(await encodedBytes(new Blob([bytes]))).toEqual([1, 2, 3]);
    expect(await encodedBytes('data:,ab')).toEqual([97, 98]);
  });

  it('fetches URLs', async () => {
    const fetched: string[] = [];
    vi.stubGlobal('fetch', (url: string) => {
      fetched.push(url);
      return Promise.resolve(new Response(Uint8Array.of(7)));
    });
    expect(await encodedBytes('/a.jpg')).toEqual([7]);
    expect(await encodedBytes(new URL('https://a.test/b'))).toEqual([7]);
    expect(fetched).toEqual(['/a.jpg', 'https://a.test/b']);
  });

  it('names a URL that answers with an error, cannot be fetched, or is aborted', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 404, statusText: 'Not Found' })));
    await expect(toWireImage('/a.jpg', 'a')).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('/a.jpg answered 404'),
      details: { param: 'a' },
    });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(toWireImage('/a.jpg', 'a')).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining('Access-Control-Allow-Origin'),
      cause: expect.any(TypeError),
    });
    const controller = new AbortController();
    vi.stubGlobal('fetch', () => {
      controller.abort();
      return Promise.reject(new DOMException('', 'AbortError'));
    });
    await expect(toWireImage('/a.jpg', 'a', controller.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses anything else, listing what is accepted', async () => {
    for (const input of [undefined, null, 5, {}, [], new Float32Array(4), 'hello']) {
      const wire = toWireImage(input as ImageInput, 'selfie');
      await expect(wire).rejects.toMatchObject({
        code: 'BAD_PARAM',
        message: expect.stringMatching(/^selfie must be .*VideoFrame/),
        details: { param: 'selfie' },
      });
    }
    expect(isImageInput(new Float32Array(192))).toBe(false);
    expect(isImageInput('hello')).toBe(true);
  });

  it('copies resizable and shared buffers', async () => {
    const resizable = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(
      3,
      { maxByteLength: 9 },
    );
    new Uint8Array(resizable).set([1, 2, 3]);
    expect(await encodedBytes(resizable)).toEqual([1, 2, 3]);
    expect(await encodedBytes(new Uint8Array(resizable))).toEqual([1, 2, 3]);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared.set([4, 5]);
    expect(await encodedBytes(shared)).toEqual([4, 5]);
  });

  it('says that a buffer was transferred', async () => {
    const bytes = Uint8Array.of(1, 2);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    for (const input of [bytes, bytes.buffer]) {
      await expect(toWireImage(input, 'photo')).rejects.toMatchObject({
        code: 'IMAGE_DECODING_FAILED',
        message: expect.stringMatching(/^photo: the (Uint8Array|ArrayBuffer) .* transferred/),
      });
    }
  });

  it('takes what a proxy of Vue stands for, and refuses other proxies by name', async () => {
    const blob = new Blob([Uint8Array.of(7)]);
    const reactive = <T extends object>(raw: T): T =>
      new Proxy(raw, { get: (target, key) => (key === '__v_raw' ? target : Reflect.get(target, key)) });
    expect(await encodedBytes(reactive(blob))).toEqual([7]);
    expect(await encodedBytes(reactive(Uint8Array.of(8)))).toEqual([8]);
    for (const input of [new ArrayBuffer(1), new URL('https://a.test/')]) {
      await expect(toWireImage(new Proxy(input, {}), 'image')).rejects.toMatchObject({
        code: 'BAD_PARAM',
        message: expect.stringMatching(/not a proxy around it.*toRaw/),
      });
    }
  });

  it('does nothing once its signal is aborted', async () => {
    await expect(toWireImage(Uint8Array.of(1), 'a', AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
