import { describe, expect, it } from 'vitest';
import { serveOptions } from './serve-options.ts';
import { UsageError } from './usage.ts';

describe('--token', () => {
  const tokens = (args: readonly string[], env: Readonly<Record<string, string>> = {}): unknown =>
    serveOptions(args, env).tokens;

  it('is a key, or a key and the secret that requests are signed with', () => {
    expect(tokens(['--token', 'first-key', '--token', 'other-key:a-secret:of:colons'])).toEqual([
      { key: 'first-key' },
      { key: 'other-key', secret: 'a-secret:of:colons' },
    ]);
    expect(tokens([], { NEARFACE_TOKEN: 'first-key,other-key:the-secret' })).toEqual([
      { key: 'first-key' },
      { key: 'other-key', secret: 'the-secret' },
    ]);
  });

  it('may name a collection, and may be for paths', () => {
    expect(
      tokens([
        '--token',
        'first-key@staff',
        '--token',
        'other-key@guests:the-secret',
        '--path-token',
        'path-key',
      ]),
    ).toEqual([
      { key: 'first-key', gallery: 'staff' },
      { key: 'other-key', gallery: 'guests', secret: 'the-secret' },
      { key: 'path-key', inPath: true },
    ]);
    expect(() => tokens(['--token', 'none', '--path-token', 'path-key'])).toThrow(UsageError);
  });

  it('is made where none is given', () => {
    const { tokens: made, madeToken } = serveOptions([], {});
    expect(made).toEqual([{ key: madeToken }]);
  });

  it('none opens every call, alone and on this machine’s own address only', () => {
    expect(tokens(['--token', 'none'])).toBe('none');
    expect(() => tokens(['--token', 'none', '--token', 'first-key'])).toThrow(UsageError);
    expect(() => tokens(['--token', 'none', '--host', '0.0.0.0'])).toThrow(UsageError);
  });
});

describe('--search-memory', () => {
  const database = (args: readonly string[]): unknown =>
    serveOptions([...args, '--token', 'a-key'], {}).database;

  it('bounds the memory of vectors, in PostgreSQL alone', () => {
    const url = 'postgres://x/y';
    expect(database(['--database-url', url])).toEqual({ url });
    expect(database(['--database-url', url, '--search-memory', '500'])).toEqual({ url, searchMemoryMB: 500 });
    for (const place of [['--data', 'a'], ['--memory'], []])
      expect(() => database([...place, '--search-memory', '500'])).toThrow(
        /--search-memory is for a PostgreSQL/,
      );
    expect(() => database(['--database-url', url, '--search-memory', 'much'])).toThrow(/whole number/);
  });
});

describe('--template-secret', () => {
  const secret = 'sixteen letters.';
  const database = (args: readonly string[], env = {}): unknown =>
    serveOptions([...args, '--token', 'a-key'], env).database;

  it('goes with the place of the faces, out of the environment, too', () => {
    const url = 'postgres://x/y';
    expect(database(['--database-url', url, '--template-secret', secret])).toEqual({
      url,
      templateSecret: secret,
    });
    expect(database(['--data', '/a'], { NEARFACE_TEMPLATE_SECRET: secret })).toEqual({
      folder: '/a',
      templateSecret: secret,
    });
    expect(database(['--memory'], { NEARFACE_TEMPLATE_SECRET: secret })).toBeNull();
    expect(() => database(['--memory', '--template-secret', secret])).toThrow(/leave it out/);
  });
});

describe('--embedding', () => {
  it('names the model that tells people apart; without it the default one is left to the library', () => {
    expect(serveOptions(['--embedding', 'fused'], {}).models).toEqual({ embedding: 'fused' });
    expect(serveOptions([], {})).not.toHaveProperty('models');
  });
});
