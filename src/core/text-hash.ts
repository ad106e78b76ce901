/**
 * A hash of a text's UTF-16 units with 53 bits, never 0: two runs of MurmurHash3's 32-bit mix (Appleby, 2008) with
 * different constants. It tells texts apart quickly; whoever must be sure compares the texts.
 */
export function textHash(text: string): number {
  let [a, b] = [0x9747b28c, 0x1b873593];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a =
      Math.imul(rotate(a ^ Math.imul(rotate(Math.imul(unit, 0xcc9e2d51), 15), 0x1b873593), 13), 5) +
      0xe6546b64;
    b =
      Math.imul(rotate(b ^ Math.imul(rotate(Math.imul(unit, 0x239b961b), 17), 0x38b34ae5), 19), 5) +
      0x561ccd1b;
  }
  const low = finish(a ^ text.length);
  const high = finish(b ^ text.length) & 0x1fffff;
  return high * 2 ** 32 + low || 1;
}

/** The lower 32 bits of {@link textHash}, never 0. */
export function shortHash(text: string): number {
  return textHash(text) % 2 ** 32 || 1;
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
