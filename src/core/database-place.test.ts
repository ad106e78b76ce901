import { expect, test } from 'vitest';
import { checkDatabasePlace } from './database-place.ts';

test('a place is a folder, or a URL of PostgreSQL with a schema', () => {
  const good = [
    { folder: './faces' },
    { url: 'postgres://a:b@c/d' },
    { url: 'postgresql://c/d', schema: 'x y' },
    { url: 'postgresql://c/d', searchMemoryMB: 0 },
    { folder: './faces', templateSecret: 'sixteen letters.' },
    { url: 'postgresql://c/d', templateSecret: 'sixteen letters.' },
  ];
  for (const place of good) expect(checkDatabasePlace(place, 'options.database')).toEqual(place);
});

test('anything else is refused, and a password is not shown', () => {
  const url = 'postgres://user:secret@host/db';
  const bad = [
    {},
    { folder: '' },
    { folder: 7 },
    { folder: 'a', url },
    { folder: 'a', schema: 'b' },
    { schema: 'b' },
    { searchMemoryMB: 5 },
    { folder: 'a', searchMemoryMB: 5 },
    { url, searchMemoryMB: -1 },
    { url, searchMemoryMB: 1.5 },
    { url: 'mysql://user:secret@host/db' },
    { url: 'postgres://user:secret@host:x/db' },
    { url, schema: 'a\0' },
    { url, schema: 'a'.repeat(17) },
    { url, other: 1 },
    { url, templateSecret: 'a short secret' },
    { folder: 'a', templateSecret: 7 },
    { templateSecret: 'sixteen secret letters' },
    [],
  ];
  for (const place of bad)
    try {
      checkDatabasePlace(place, 'options.database');
      expect.unreachable(JSON.stringify(place));
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_PARAM' });
      expect(JSON.stringify(error)).not.toContain('secret');
    }
});
