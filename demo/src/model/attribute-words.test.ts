import type { Attributes } from 'nearface';
import { expect, test } from 'vitest';
import { whyNoEmotions } from './attribute-words.ts';

test.each([
  ['without', 'the mouth is covered,'],
  ['nose_covered', 'the mouth is covered, and a mask covers the nose,'],
  ['mouth_covered', 'a mask covers the mouth,'],
  ['fully_covered', 'a mask covers mouth and nose,'],
] as const)('with the mask %s, emotions are not told as %s', (value, words) => {
  const attributes: Attributes = { mask: { value, certainty: 1 } };
  expect(whyNoEmotions(attributes)).toMatch(new RegExp(`^No emotions: ${words}`));
});
