/**
 * CRC-32 as zip, zlib, PNG and gzip use it (polynomial 0xEDB88320, reflected), eight bytes a step: "slicing-by-8" of
 * Kounavis and Berry, 2005. `previous` is the checksum of the bytes before these; 0 at the start.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const { length } = bytes;
  let crc = ~previous;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    crc ^=
      byte(bytes, at) |
      (byte(bytes, at + 1) << 8) |
      (byte(bytes, at + 2) << 16) |
      (byte(bytes, at + 3) << 24);
    crc =
      entry(7, crc & 255) ^
      entry(6, (crc >>> 8) & 255) ^
      entry(5, (crc >>> 16) & 255) ^
      entry(4, crc >>> 24) ^
      entry(3, byte(bytes, at + 4)) ^
      entry(2, byte(bytes, at + 5)) ^
      entry(1, byte(bytes, at + 6)) ^
      entry(0, byte(bytes, at + 7));
  }
  for (; at < length; at++) crc = (crc >>> 8) ^ entry(0, (crc ^ byte(bytes, at)) & 255);
  return ~crc >>> 0;
}

/** Row k: what a byte does to the checksum when k more zero bytes follow it. */
const TABLE: Int32Array = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    table[i] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number;
    table[i] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}

function entry(row: number, index: number): number {
  return TABLE[row * 256 + index] as number;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
