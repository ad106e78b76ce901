import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samePadding } from './padding.ts';
import { windowedLength } from './graph-builder.ts';

describe('SAME padding', () => {
  it.each([
    // length, kernel, stride, dilation → before, after
    [192, 3, 2, 1, [0, 1]],
    [112, 3, 1, 1, [1, 1]],
    [128, 5, 2, 1, [1, 2]],
    [7, 3, 2, 1, [1, 1]],
    [8, 2, 2, 1, [0, 0]],
    [9, 2, 2, 1, [0, 1]],
    [16, 3, 1, 2, [2, 2]],
    [5, 1, 2, 1, [0, 0]],
  ] as const)(
    'of %i pixels, kernel %i, stride %i, dilation %i is %j',
    (length, kernel, stride, dilation, pads) => {
      expect(samePadding(length, kernel, stride, dilation)).toEqual(pads);
    },
  );

  it('gives ceil(length / stride) cells, with as little padding as does, the odd pixel last', () => {
    const small = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        small,
        small,
        small,
        (length, kernel, stride, dilation) => {
          const [before, after] = samePadding(length, kernel, stride, dilation);
          const cells = windowedLength(length, kernel, stride, dilation, [before, after]);
          expect(cells).toBe(Math.ceil(length / stride));
          expect(after - before === 0 || after - before === 1).toBe(true);
          if (after > 0)
            expect(windowedLength(length, kernel, stride, dilation, [before, after - 1])).toBeLessThan(cells);
        },
      ),
    );
  });
});
