import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOf, isComplete, type ImageFormat } from './format.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('formatOf', () => {
  it('tells formats by their first bytes', () => {
    const cases: readonly (readonly [string, ImageFormat | undefined])[] = [
      ['\xff\xd8\xff\xe0', 'jpg'],
      ['\x89PNG\r\n\x1a\n', 'png'],
      ['RIFF\x10\0\0\0WEBPVP8 ', 'webp'],
      ['RIFF\x10\0\0\0WAVEfmt ', undefined],
      ['GIF89a', 'gif'],
      ['BM', 'bmp'],
      ['\0\0\x01\0\x01\0', 'ico'],
      ['\xff\x0a', 'jxl'],
      ['\0\0\0\x0cJXL \r\n', 'jxl'],
      ['II*\0', 'tiff'],
      ['MM\0*', 'tiff'],
      ['\0\0\0\x1cftypavif\0\0\0\0mif1miaf', 'avif'],
      ['\0\0\0\x1cftypmif1\0\0\0\0avifmiaf', 'avif'],
      ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'heic'],
      ['\0\0\0\x18ftypisom\0\0\0\0mp41avc1', undefined],
      ['<?xml version="1.0"?>\n<svg width="9">', 'svg'],
      ['\n<!-- a --><!----> <!DOCTYPE svg PUBLIC "x">\n<SVG>', 'svg'],
      ['<!-- <svg> ', undefined],
      ['<svgs>', undefined],
      ['Dear diary', undefined],
      ['', undefined],
    ];
    for (const [start, format] of cases) expect([start, formatOf(bytesOf(start))]).toEqual([start, format]);
  });

  it('takes no time for starts that could be split in many ways', () => {
    const parts = fc.constantFrom('<!---->', '<!--', '-->', ' ', '<?xml', '>', '<!DOCTYPE svg', '<svg', 'x');
    const repeated = fc.tuple(parts, fc.integer({ min: 1, max: 256 })).map(([it, times]) => it.repeat(times));
    const start = fc.array(repeated, { minLength: 1, maxLength: 4 }).map((all) => bytesOf(all.join('')));
    const ms = (bytes: Uint8Array): number => {
      const from = performance.now();
      formatOf(bytes);
      return performance.now() - from;
    };
    expect(ms(bytesOf(`${'<!---->'.repeat(24)}x`))).toBeLessThan(100);
    fc.assert(
      fc.property(start, (bytes) => ms(bytes) < 100),
      { numRuns: 500 },
    );
  });
});

describe('isComplete', () => {
  it('looks for the end that each format has', () => {
    const jpeg = '\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0ab';
    expect(isComplete('jpg', bytesOf(`${jpeg}\xff\xd9`))).toBe(true);
    expect(isComplete('jpg', bytesOf(jpeg))).toBe(false);
    // The end of a thumbnail within the EXIF block is not the picture's.
    const thumbnail = '\xff\xe1\0\x06\xff\xd8\xff\xd9';
    expect(isComplete('jpg', bytesOf(`${jpeg.slice(0, 2)}${thumbnail}${jpeg.slice(2)}`))).toBe(false);
    expect(isComplete('png', bytesOf('\x89PNG\0\0\0\0IEND'))).toBe(true);
    expect(isComplete('png', bytesOf('\x89PNG\0\0\0\0IDATIIE'))).toBe(false);
    expect(isComplete('webp', bytesOf('RIFF\x06\0\0\0WEBPab'))).toBe(true);
    expect(isComplete('webp', bytesOf('RIFF\x07\0\0\0WEBPab'))).toBe(false);
    expect(isComplete('gif', bytesOf('GIF89a;\0'))).toBe(true);
    expect(isComplete('gif', bytesOf('GIF89a'))).toBe(false);
    expect(isComplete('avif', bytesOf('\0\0\0\x0aftypav'))).toBe(true);
    expect(isComplete('avif', bytesOf('\0\0\0\x0aftypa'))).toBe(false);
  });
});
