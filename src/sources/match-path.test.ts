import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathMatcher } from './match-path.ts';

const of = (pattern: string, path: string): boolean => pathMatcher(pattern, 'options.match')(path);

describe('pathMatcher', () => {
  test.each([
    ['**/*.jpg', ['a.jpg', 'x/a.jpg', 'x/y/A.JPG'], ['a.jpeg', 'a.jpg/b', 'ajpg']],
    ['*.jpg', ['a.jpg', '.jpg'], ['x/a.jpg']],
    ['team/*.{jpg,png}', ['team/a.jpg', 'Team/a.PNG'], ['team/a.gif', 'team/x/a.jpg', 'a.jpg']],
    ['team/**', ['team/a.jpg', 'team/x/a.jpg'], ['teams/a.jpg', 'team']],
    ['**/2024/**/*.jpg', ['2024/a.jpg', 'x/2024/y/z/a.jpg'], ['x2024/a.jpg', '2024.jpg']],
    ['a?c.jpg', ['abc.jpg', 'a.c.jpg'], ['ac.jpg', 'a/c.jpg']],
    ['{a,b{1,2}}.jpg', ['a.jpg', 'b1.jpg', 'B2.jpg'], ['b.jpg', 'ab1.jpg']],
    ['a.+(b)[c].jpg', ['a.+(b)[c].jpg'], ['aab.jpg']],
    ['caf\u00e9.jpg', ['cafe\u0301.jpg'], []],
    ['***.jpg', ['x/a.jpg'], []],
  ])('%s', (pattern, yes, no) => {
    for (const path of yes) expect(of(pattern, path), path).toBe(true);
    for (const path of no) expect(of(pattern, path), path).toBe(false);
  });

  test('a pattern without wildcards means itself, and ** everything', () => {
    const path = fc
      .array(fc.stringMatching(/^[a-z.0-9 ]{1,6}$/), { minLength: 1 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(path, path, (a, b) => {
        fc.pre(a.length <= 256);
        expect(of(a, a)).toBe(true);
        expect(of(a, b)).toBe(a === b);
        expect(of('**', b)).toBe(true);
        expect(of('**/*', b)).toBe(true);
      }),
    );
  });

  test('many stars take no longer', () => {
    const pattern = `${'*a'.repeat(100)}b`;
    expect(of(pattern, 'a'.repeat(20_000))).toBe(false);
  });

  test.each([[''], ['{a,b'], ['a}'], ['x'.repeat(257)], ['{a,b}'.repeat(12)], [3], [null]])(
    'refuses %j',
    (pattern) => {
      expect(() => pathMatcher(pattern, 'options.match')).toThrow(/^options\.match must be a pattern/);
    },
  );
});
