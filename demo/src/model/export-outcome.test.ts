import { expect, test } from 'vitest';
import { exportOutcome } from './export-outcome.ts';

test.each([
  [{ done: 1 }, '1 face exported.'],
  [
    { done: 1200, leftOut: { faces: 1, pictures: 0 } },
    '1,199 faces exported. Damaged, and not in the file: 1 face.',
  ],
  [
    { done: 9, leftOut: { faces: 2, pictures: 3 } },
    '7 faces exported. Damaged, and not in the file: 2 faces and 3 pictures.',
  ],
  [
    { done: 9, leftOut: { faces: 0, pictures: 1 } },
    '9 faces exported. Damaged, and not in the file: 1 picture.',
  ],
])('the end of an export %j is told as %j', (end, told) => {
  expect(exportOutcome(end)).toBe(told);
});
