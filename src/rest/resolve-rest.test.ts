import { describe, expect, it } from 'vitest';
import { resolveRest } from './resolve-rest.ts';

const KEY = 'a-key-for-tests';

describe('resolveRest', () => {
  it('is closed unless it is told otherwise', () => {
    expect(resolveRest(undefined)).toMatchObject({
      tokens: [],
      basePath: '',
      origins: [],
      fetchImages: true,
    });
  });

  it('takes keys as texts and with what belongs to them', () => {
    const { tokens } = resolveRest({ tokens: [KEY, { key: `${KEY}2`, inPath: true, gallery: 'staff' }] });
    expect(tokens).toEqual([{ key: KEY }, { key: `${KEY}2`, inPath: true, gallery: 'staff' }]);
    expect(resolveRest({ tokens: 'none' }).tokens).toBe('none');
  });

  it.each([
    [{ tokens: 'all' }, 'options.tokens'],
    [{ tokens: ['short'] }, 'options.tokens[0]'],
    [{ tokens: [`${KEY} with a space`] }, 'options.tokens[0]'],
    [{ tokens: [{ key: KEY, secret: 'short' }] }, 'options.tokens[0]'],
    [{ tokens: [{ key: KEY, gallery: 'a b' }] }, 'options.tokens[0]'],
    [{ tokens: [{ gallery: 'staff' }] }, 'options.tokens[0]'],
    [{ tokens: [{ key: KEY, more: 1 }] }, 'options.tokens[0]'],
    [{ basePath: 'faces' }, 'options.basePath'],
    [{ basePath: '/a b' }, 'options.basePath'],
    [{ origins: ['https://app.example/'] }, 'options.origins[0]'],
    [{ origins: 'https://app.example' }, 'options.origins'],
    [{ apis: ['unknown'] }, 'options.apis[0]'],
    [{ maxImageBytes: 0 }, 'options.maxImageBytes'],
    [{ fetchImages: 'yes' }, 'options.fetchImages'],
    [{ friendCount: 0 }, 'options.friendCount'],
    [{ token: [KEY] }, 'options.token'],
  ])('refuses %j and names it, but shows no key', (raw, param) => {
    const refused = (): unknown => resolveRest(raw);
    expect(refused).toThrow(
      expect.objectContaining({ code: 'BAD_PARAM', details: expect.objectContaining({ param }) }),
    );
    expect(refused).not.toThrow(expect.objectContaining({ message: expect.stringContaining(KEY) }));
  });

  it('cuts a slash off the end of the base path', () => {
    expect(resolveRest({ basePath: '/faces/' }).basePath).toBe('/faces');
  });
});
