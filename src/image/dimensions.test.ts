import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { readDimensions } from './dimensions.ts';
import { exifSegment } from './test-jpeg.ts';

/** A GIF header: the size is all that it says. */
function gif(width: number, height: number): Uint8Array {
  return Uint8Array.of(
    0x47,
    0x49,
    0x46,
    0x38,
    0x39,
    0x61,
    width & 255,
    width >> 8,
    height & 255,
    height >> 8,
    0,
    0,
    0,
  );
}

/** A PNG up to the end of its header chunk. */
function png(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([8, 2, 0, 0, 0], 24);
  return bytes;
}

/** A chunk of a PNG, its checksum left zero. */
function chunk(type: string, data: readonly number[]): number[] {
  const name = Array.from(type, (letter) => letter.charCodeAt(0));
  return [0, 0, data.length >> 8, data.length & 255, ...name, ...data, 0, 0, 0, 0];
}

/** A JPEG up to its frame header, with an EXIF orientation. */
function jpeg(width: number, height: number, orientation: number): Uint8Array {
  const frame = [
    0xff,
    0xc0,
    0,
    17,
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    3,
    1,
    0x22,
    0,
    2,
    0x11,
    1,
    3,
    0x11,
    1,
  ];
  return Uint8Array.from([0xff, 0xd8, ...exifSegment(orientation), ...frame, 0xff, 0xda, 0, 2]);
}

function codeOf(bytes: Uint8Array): string {
  try {
    readDimensions(bytes);
    return 'none';
  } catch (error) {
    if (error instanceof NearFaceError) return error.code;
    throw error;
  }
}

describe('readDimensions', () => {
  it('reads format and size', () => {
    expect(readDimensions(gif(640, 480))).toEqual({ width: 640, height: 480, orientation: 1 });
    expect(readDimensions(png(3, 70000))).toEqual({ width: 3, height: 70000, orientation: 1 });
  });

  it('turns the size with the EXIF orientations 5 to 8', () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const [width, height] = orientation >= 5 ? [40, 30] : [30, 40];
      expect(readDimensions(jpeg(30, 40, orientation))).toEqual({
        width,
        height,
        orientation,
      });
    }
  });

  it('reads the orientation of a PNG that says it before its pixels, and of TIFF', () => {
    const tiff = exifSegment(6).slice(10);
    const exif = chunk('eXIf', tiff);
    const pixels = chunk('IDAT', [0]);
    const turned = { width: 40, height: 30, orientation: 6 };
    const upright = { width: 30, height: 40, orientation: 1 };
    const of = (...chunks: number[][]): object | undefined =>
      readDimensions(Uint8Array.from([...png(30, 40), ...chunks.flat()]));
    expect(of(exif, pixels)).toEqual(turned);
    expect(of(chunk('tEXt', [1, 2, 3]), exif, pixels)).toEqual(turned);
    expect(of(pixels, exif)).toEqual(upright);
    expect(of(pixels)).toEqual(upright);
    expect(of(exif.slice(0, 20))).toEqual(upright);
    const entry = (tag: number, value: number): number[] => [
      tag >> 8,
      tag & 255,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      value,
      0,
      0,
    ];
    const directory = [entry(0x100, 30), entry(0x101, 40), entry(0x112, 6)].flat();
    const file = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 3, ...directory, 0, 0, 0, 0];
    expect(readDimensions(Uint8Array.from(file))).toEqual(turned);
  });

  it('takes a nonsensical orientation for none', () => {
    expect(readDimensions(jpeg(30, 40, 9))).toEqual({ width: 30, height: 40, orientation: 1 });
  });

  it('leaves to the browser what is no picture, is cut off, or says something impossible', () => {
    const text = (it: string): Uint8Array => new TextEncoder().encode(it);
    const unread = [
      text('Dear diary, this is not a picture.'),
      text('<svg width="10" height="10"></svg>'),
      new Uint8Array(0),
      png(0, 10),
      jpeg(30, 40, 1).subarray(0, 40),
    ];
    for (const bytes of unread) expect(readDimensions(bytes)).toBe(undefined);
  });

  it('reads JPEGs as decoders do: fill bytes, stray bytes, blocks that are cut off or point outside', () => {
    const plain = [...jpeg(30, 40, 6)];
    const at = plain.findIndex((byte, i) => byte === 0xff && plain[i + 1] === 0xc0);
    const [soi, exif, rest] = [plain.slice(0, 2), plain.slice(2, at), plain.slice(at)];
    const turned = { width: 40, height: 30, orientation: 6 };
    const upright = { width: 30, height: 40, orientation: 1 };
    const outside = [...exif];
    outside.splice(14, 4, 0xff, 0xff, 0, 0);
    const cut = [0xff, 0xe1, 0, 12, ...exif.slice(4, 14)];
    const app14 = [0xff, 0xee, 0, 5, 0x41, 0x64, 0x6f];
    const cases: readonly (readonly [string, number[], object])[] = [
      ['fill bytes', [...soi, ...exif, ...new Array<number>(7).fill(0xff), ...rest], turned],
      ['stray bytes', [...soi, ...exif, 1, 2, 0, 0x41, ...rest], turned],
      ['junk first', [...soi, 0, 0, 9, ...exif, ...rest], turned],
      ['directory outside', [...soi, ...outside, ...rest], upright],
      ['EXIF cut off', [...soi, ...cut, ...rest], upright],
      ['APP14 cut off', [...soi, ...app14, ...rest], upright],
    ];
    for (const [name, bytes, size] of cases)
      expect([name, readDimensions(Uint8Array.from(bytes))]).toEqual([name, size]);
  });

  it("reads OS/2's short BMP header as well as the long ones, upside down or not", () => {
    const bmp = (headerBytes: number, size: number[]): Uint8Array => {
      const bytes = new Uint8Array(60);
      bytes.set([0x42, 0x4d]);
      bytes.set([headerBytes, 0, 0, 0, ...size], 14);
      return bytes;
    };
    const expected = { width: 127, height: 64, orientation: 1 };
    expect(readDimensions(bmp(12, [127, 0, 64, 0, 1, 0, 24, 0]))).toEqual(expected);
    expect(readDimensions(bmp(40, [127, 0, 0, 0, 64, 0, 0, 0]))).toEqual(expected);
    expect(readDimensions(bmp(40, [127, 0, 0, 0, 0xc0, 0xff, 0xff, 0xff]))).toEqual(expected);
  });

  it('refuses 20,000 × 20,000 pixels, naming the size and the limit, and takes 50 megapixels', () => {
    expect(() => readDimensions(png(20_000, 20_000))).toThrow(/20000 × 20000.*268435456/);
    expect(codeOf(png(20_000, 20_000))).toBe('IMAGE_TOO_LARGE');
    expect(codeOf(png(0xffffffff, 0xffffffff))).toBe('IMAGE_TOO_LARGE');
    expect(codeOf(png(8660, 5774))).toBe('none');
  });

  it('gives a value, nothing or a coded error for any bytes, also after a true signature', () => {
    const signature = fc.constantFrom(
      ...[png(5, 5), gif(5, 5), jpeg(5, 5, 6)].map((bytes) => [...bytes]),
      [0x42, 0x4d],
      [0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38],
      [0, 0, 0, 28, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66],
      [0x49, 0x49, 42, 0],
      [0xff, 0x0a],
      [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20],
      [0, 0, 1, 0],
      [...new TextEncoder().encode('<!---->'.repeat(24))],
      [...new TextEncoder().encode('<?xml version="1.0"?> <!-- -->')],
      [],
    );
    fc.assert(
      fc.property(signature, fc.nat(40), fc.uint8Array({ maxLength: 400 }), (start, cut, rest) => {
        const bytes = Uint8Array.from([...start.slice(0, Math.max(2, start.length - cut)), ...rest]);
        const before = bytes.slice();
        expect(codeOf(bytes)).toMatch(/^(none|IMAGE_TOO_LARGE)$/);
        expect(bytes).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });
});
