const ORIENTATION = 0x0112;

/** The orientation 1..8 of an EXIF block (a TIFF header and its first directory); 1 where it is cut off or makes no sense. */
export function orientationOfTiff(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8) return 1;
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= view.byteLength; i++, at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The orientation 1..8 of a WebP file's EXIF chunk; 1 without one. Source: the WebP container specification. */
export function orientationOfWebp(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= view.byteLength;) {
    const size = view.getUint32(at + 4, true);
    if (view.getUint32(at) === 0x45584946) {
      const chunk = bytes.subarray(at + 8, at + 8 + size);
      // Some writers keep JPEG's "Exif\0\0" before the TIFF header.
      return orientationOfTiff(chunk[0] === 0x45 ? chunk.subarray(6) : chunk);
    }
    at += 8 + size + (size & 1);
  }
  return 1;
}

/** The orientation 1..8 of a PNG's `eXIf` chunk before its pixels; 1 without one. Source: the PNG specification, 11.3.4.5. */
export function orientationOfPng(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= view.byteLength;) {
    const size = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === 0x65584966) return orientationOfTiff(bytes.subarray(at + 8, at + 8 + size));
    if (type === 0x49444154) return 1;
    at += 12 + size;
  }
  return 1;
}
