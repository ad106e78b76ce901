import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Identification } from '../../src/index.ts';
import { identifyRequest, linesOf } from './identify.ts';

const read = (...args: readonly string[]): ReturnType<typeof identifyRequest> =>
  identifyRequest(['--data', tmpdir(), ...args], {});

describe('identifyRequest', () => {
  it('reads what is looked for', () => {
    expect(read('a.jpg')).toEqual({
      ...{ photo: resolve('a.jpg'), database: { folder: tmpdir() }, gallery: 'default', isJson: false },
      options: { limit: 1, threshold: 0.75, faces: 'biggest' },
    });
    const args = ['--gallery', 'staff', '--gallery', 'guests', '--limit', '3', '--threshold', 'fpir:0.01'];
    expect(read('https://example.com/a.jpg', ...args, '--faces', 'all', '--json')).toMatchObject({
      ...{ photo: 'https://example.com/a.jpg', gallery: 'staff', isJson: true },
      options: { limit: 3, threshold: { fpir: 0.01 }, faces: 'all', galleries: ['guests'] },
    });
    expect(read('a.jpg', '--threshold', 'strict').options.threshold).toBe('strict');
  });

  it.each([
    [[], /name the photo/],
    [['a.jpg', 'b.jpg'], /b.jpg: too many words/],
    [['a.jpg', '--threshold', 'high'], /--threshold must be strict, medium/],
    [['a.jpg', '--threshold', '1.5'], /--threshold must be/],
    [['a.jpg', '--threshold', 'fpir:1'], /--threshold must be/],
    [['a.jpg', '--limit', '0'], /--limit must be a whole number from 1 to 1000/],
    [['a.jpg', '--faces', 'reject'], /--faces must be biggest or all/],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrowError(message);
  });
});

describe('linesOf', () => {
  const face = { position: { left: 9.6, top: 20.2, width: 64.4, height: 80 } };
  it('tells each face and who it may be', () => {
    const record = { id: 'f1', meta: 'Sam Berry' };
    const found = [
      { face, matches: [{ confidence: 0.91234, cosine: 0.8, record }] },
      { face, matches: [] },
    ] as unknown as readonly Identification[];
    expect(linesOf(found)).toEqual([
      'A face of 64 × 80 pixels at 10, 20:',
      '  0.912  Sam Berry  f1',
      'A face of 64 × 80 pixels at 10, 20: nobody who is known',
    ]);
    expect(linesOf([])).toEqual(['There is no face in the photo']);
  });
});
