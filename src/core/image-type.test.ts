import { expect, it } from 'vitest';
import { imageType } from './image-type.ts';

it('lets image types through, and nothing that a browser would run', () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/avif'])
    expect(imageType(type)).toBe(type);
  expect(imageType('Image/JPEG; charset=x')).toBe('image/jpeg');
  for (const type of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'image/jpeg,text/html',
    'image/',
    '',
  ])
    expect([type, imageType(type)]).toEqual([type, 'application/octet-stream']);
});
