import { NearFaceError } from 'nearface';
import { expect, test } from 'vitest';
import { explain } from './explain.ts';

test('a gallery of another model is explained with where to convert it', () => {
  const { title, advice } = explain(new NearFaceError('MODEL_MISMATCH', 'another model'));
  expect(title).toContain('another model');
  expect(advice).toContain('Convert them on the page Storage');
});

test('a database that another page took away is told from one that may not be used', () => {
  const text =
    'The database nearface cannot be used: another page has encrypted or renewed it; dispose of this NearFace';
  expect(explain(new NearFaceError('STORAGE_FAILED', text)).title).toContain('Another page');
  expect(explain(new NearFaceError('STORAGE_FAILED', 'denied')).advice).toContain('Private windows');
});
