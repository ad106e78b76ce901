import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorOf, numberOfCursor } from './cursor.ts';

describe('cursorOf', () => {
  it('holds any number, as a UUID', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        const cursor = cursorOf(number);
        expect(cursor).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(numberOfCursor(cursor)).toBe(number);
        expect(numberOfCursor(cursor.toUpperCase())).toBe(number);
      }),
    );
  });

  it('is no UUID of a face, and no number that is not exact', () => {
    fc.assert(fc.property(fc.uuid({ version: 4 }), (uuid) => numberOfCursor(uuid) === undefined));
    expect(numberOfCursor('6e656172-face-8000-8fff-ffffffffffff')).toBeUndefined();
    expect(numberOfCursor('1000')).toBeUndefined();
  });
});
