import { NearFaceError } from 'nearface';
import { expect, test } from 'vitest';
import { explain } from './explain.ts';

test('a gallery of another model is explained with where to convert it', () => {
  const { title, advice } = explain(new NearFaceError('MODEL_MISMATCH', 'another model'));
  expect(title).toContain('another model');
  expect(advice).toContain('Convert them on the page Storage');
});
