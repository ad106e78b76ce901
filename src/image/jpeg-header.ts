import { orientationOfTiff } from './exif.ts';

/** What the segments before the first scan say. */
export interface JpegHeader {
  /** Width in pixels as stored. */
  readonly width: number;
  /** Height in pixels as stored. */
  readonly height: number;
  /** EXIF orientation 1..8; 1 if there is none, or none that can be read. */
  readonly orientation: number;
  /** Where the first scan begins, if it does within the bytes. */
  readonly scan: number | undefined;
}

const [SOI, EOI, SOS, APP1] = [0xd8, 0xd9, 0xda, 0xe1];

/**
 * Reads as decoders do (ITU T.81 B.1.1.2, and libjpeg's `next_marker`): any number of fill bytes before a marker, stray bytes
 * between segments skipped, segments that make no sense passed over. Undefined if no size is found.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  let [width, height, orientation] = [0, 0, 1];
  for (let at = nextMarker(bytes, 0); at !== undefined;) {
    const marker = bytes[at]!;
    if (marker === SOI || marker === EOI || (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01) {
      at = nextMarker(bytes, at + 1);
      continue;
    }
    if (marker === SOS) return width > 0 && height > 0 ? { width, height, orientation, scan: at } : undefined;
    const length = uint16(bytes, at + 1);
    if (isFrame(marker) && at + 8 <= bytes.length && width === 0) {
      height = uint16(bytes, at + 4);
      width = uint16(bytes, at + 6);
    }
    if (marker === APP1 && orientation === 1)
      orientation = orientationOf(bytes.subarray(at + 3, at + 1 + length));
    at = nextMarker(bytes, at + 1 + Math.max(2, length));
  }
  return width > 0 && height > 0 ? { width, height, orientation, scan: undefined } : undefined;
}

/** Whether the picture's end is there. */
export function isJpegComplete(bytes: Uint8Array): boolean {
  const scan = readJpegHeader(bytes)?.scan;
  if (scan === undefined) return false;
  for (let at = bytes.indexOf(0xff, scan); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === EOI) return true;
  }
  return false;
}

/** Where the next marker's code is, from `from` on. */
function nextMarker(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code === undefined) return undefined;
    if (code !== 0 && code !== 0xff) return at + 1;
  }
  return undefined;
}

/** Start of a frame: C0..CF but the tables C4, C8 and CC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function orientationOf(segment: Uint8Array): number {
  const isExif = [0x45, 0x78, 0x69, 0x66, 0].every((byte, i) => segment[i] === byte);
  return isExif ? orientationOfTiff(segment.subarray(6)) : 1;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
