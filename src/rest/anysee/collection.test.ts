import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { galleryName } from './collection.ts';

describe('galleryName', () => {
  it('is c- and the tag in base64', async () => {
    expect(await galleryName('')).toBe('c-');
    expect(await galleryName('tokyo')).toBe('c-dG9reW8');
    expect(await galleryName('東京?>')).toBe('c-5p2x5LqsPz4');
    // What is too long for a name is known by its hash.
    expect(await galleryName('b0d1c2e3-0000-4000-8000-123456789abc')).toMatch(/^h-[\w-]{43}$/);
  });

  it('may be a name, and is no other tag’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.string({ maxLength: 60 }),
        async (a, b) => {
          const [first, second] = await Promise.all([a, b].map(galleryName));
          expect(first).toMatch(/^[A-Za-z0-9_-]{1,48}$/);
          if (a !== b) expect(first).not.toBe(second);
        },
      ),
    );
  });
});
