import { expect, test } from 'vitest';
import { DIGEST_OF_ROTATIONS, digestOfRotations } from './test-rotation.ts';

test('a rotation is the same in a browser, to the last bit', async () => {
  expect(await digestOfRotations()).toBe(DIGEST_OF_ROTATIONS);
});
