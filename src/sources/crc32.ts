const TABLE: Uint32Array = /* @__PURE__ */ makeTable();

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1;
    return sum;
  });
}

/**
 * The CRC-32 of a zip entry (IEEE 802.3, reflected polynomial 0xEDB88320), unsigned. `before` is the sum of the
 * bytes that came earlier, so that a file can be summed piece by piece.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
