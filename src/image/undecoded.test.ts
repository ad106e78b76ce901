import { describe, expect, it } from 'vitest';
import type { ImageFormat } from './format.ts';
import { undecoded, type DecoderWords } from './undecoded.ts';

const DECODER: DecoderWords = {
  name: 'the reader',
  reads: 'PNG',
  unread: { heic: 'HEIC' },
  answer: 'pixels',
};

function messageFor(format: ImageFormat | undefined, type = ''): string {
  const blob = new Blob(['12345678910'], { type });
  return undecoded({ blob, format, firstBytes: Uint8Array.of(1, 171) }, DECODER).message;
}

describe('undecoded', () => {
  it("speaks of the host's own decoder", () => {
    expect(messageFor(undefined)).toMatch(/11 bytes are no image of a known format; PNG can be read/);
    expect(messageFor('heic')).toMatch(/HEIC, which the reader does not decode.* answers pixels$/);
    expect(messageFor('svg')).toMatch(/SVG drawing.*, or save it as PNG/);
    expect(messageFor('png')).toMatch(/png image of 11 bytes .* or the reader does not read/);
    for (const format of [undefined, 'heic', 'png', 'tiff'] as const)
      expect(messageFor(format)).not.toMatch(/browser|page|canvas/);
  });

  it('tells a page of HTML by its type', () => {
    expect(messageFor(undefined, 'text/html; charset=utf-8')).toMatch(/page of HTML/);
  });

  it('tells what was refused', () => {
    const blob = new Blob(['123']);
    const cause = new Error('no');
    expect(
      undecoded({ blob, format: 'jpg', firstBytes: Uint8Array.of(1, 171) }, DECODER, cause),
    ).toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      details: { bytes: 3, firstBytes: '01 ab', decodable: false, format: 'jpg' },
      cause,
    });
  });
});
