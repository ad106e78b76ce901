import { describe, expect, it } from 'vitest';
import { toHex } from './hex.ts';
import { hmacSha256 } from './sha256.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Source: RFC 4231, test cases 1, 2 and 6. */
describe('hmacSha256', () => {
  it.each([
    [
      new Uint8Array(20).fill(0x0b),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      bytes('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      new Uint8Array(131).fill(0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('is that of the standard', (key, message, mac) => {
    expect(toHex(hmacSha256(key, bytes(message)))).toBe(mac);
  });
});
