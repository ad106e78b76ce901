import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchAsset } from './fetch-asset.ts';
import { imageOfText, type TextReading } from './text-image.ts';

const READING: TextReading = {
  param: 'photo',
  signal: undefined,
  accepted: 'an image as text',
  remedy: 'look at the network',
};
const MIB = 2 ** 20;

const answers = (response: Response): unknown => vi.stubGlobal('fetch', () => Promise.resolve(response));

describe('imageOfText', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('reads base64 and data URLs without a fetch, and leaves addresses to the host', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('nothing is to be fetched')));
    const asked: string[] = [];
    const readUrl = (url: string): Promise<Blob> => {
      asked.push(url);
      return Promise.resolve(new Blob(['a file']));
    };
    const textOf = async (text: string): Promise<string> =>
      (await imageOfText(text, READING, readUrl)).text();
    expect(await textOf('data:,ab')).toBe('ab');
    expect(await textOf(btoa('picture'.repeat(12)))).toBe('picture'.repeat(12));
    expect(asked).toEqual([]);
    expect(await textOf('./a.jpg')).toBe('a file');
    expect(asked).toEqual(['./a.jpg']);
    await expect(imageOfText('hello', READING, readUrl)).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringMatching(/^photo must be an image as text/),
    });
  });

  it('keeps the type that a server gives, by which a page is told from a picture', async () => {
    answers(new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }));
    const blob = await imageOfText('https://a.test/b.jpg', READING);
    expect(blob.type).toMatch(/^text\/html/);
    expect(await blob.text()).toBe('<!doctype html>');
  });

  it('takes an answer without content for an empty file', async () => {
    answers(new Response(null, { status: 204 }));
    expect((await imageOfText('https://a.test/b', READING)).size).toBe(0);
    answers(new Response(null, { status: 204 }));
    expect(await fetchAsset('https://a.test/b')).toEqual(new Uint8Array());
  });

  it('ends an answer that is larger than any image', async () => {
    const piece = new Uint8Array(MIB);
    const cancel = vi.fn();
    answers(new Response(new ReadableStream({ pull: (stream) => stream.enqueue(piece), cancel })));
    await expect(imageOfText('https://a.test/b', READING)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("says what a server answered, and the host's remedy where none did", async () => {
    answers(new Response('', { status: 404 }));
    await expect(imageOfText('https://a.test/b', READING)).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: 'photo: https://a.test/b answered 404; check the address',
    });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
    await expect(imageOfText('https://a.test/b', READING)).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: 'photo: https://a.test/b could not be fetched; look at the network',
      cause: expect.any(TypeError),
    });
  });
});
