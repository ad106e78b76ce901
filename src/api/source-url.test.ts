import { expect, test } from 'vitest';
import { sourceUrlOf } from './source-url.ts';

test('what is kept of an image is an absolute address of the web', () => {
  const url = 'https://example.org/a b.jpg?x=1#y';
  expect(sourceUrlOf(url)).toBe(url);
  expect(sourceUrlOf(new URL(url))).toBe('https://example.org/a%20b.jpg?x=1#y');
  expect(sourceUrlOf('HTTP://example.org')).toBe('HTTP://example.org');
  const longest = `https://example.org/${'a'.repeat(2028)}`;
  expect(sourceUrlOf(longest)).toHaveLength(2048);
  for (const other of [
    `${longest}a`,
    './a.jpg',
    '/a.jpg',
    'data:image/png;base64,AAAA',
    'blob:https://example.org/1',
    'file:///a.jpg',
    new URL('file:///a.jpg'),
    '/9j/4AAQ',
    new Blob(['https://example.org']),
  ])
    expect(sourceUrlOf(other)).toBeUndefined();
});
