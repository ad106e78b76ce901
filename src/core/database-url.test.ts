import { expect, test } from 'vitest';
import { parseDatabaseUrl } from './database-url.ts';

test('one host is taken as it is', () => {
  const url = 'postgres://me:p%40ss@db.example:5433/faces?sslmode=require';
  expect(parseDatabaseUrl(url)).toEqual({
    ...{ urls: [url], isWritten: false },
    name: 'postgres://db.example:5433/faces',
  });
});

test('several hosts are one URL each, and one that can be written to is looked for', () => {
  expect(parseDatabaseUrl('postgresql://me:secret@a:1,b:2,[::1]:3/faces?application_name=x')).toEqual({
    urls: [
      'postgresql://me:secret@a:1/faces?application_name=x',
      'postgresql://me:secret@b:2/faces?application_name=x',
      'postgresql://me:secret@[::1]:3/faces?application_name=x',
    ],
    isWritten: true,
    name: 'postgres://a:1,b:2,[::1]:3/faces',
  });
});

test('target_session_attrs is read, and kept from the driver', () => {
  const url = (target: string): string => `postgres://a,b/f?target_session_attrs=${target}&sslmode=disable`;
  expect(parseDatabaseUrl(url('any'))).toMatchObject({
    urls: ['postgres://a/f?sslmode=disable', 'postgres://b/f?sslmode=disable'],
    isWritten: false,
  });
  for (const target of ['read-write', 'primary'])
    expect(parseDatabaseUrl(url(target))).toMatchObject({ isWritten: true });
  for (const target of ['standby', 'read-only', 'prefer-standby', ''])
    expect(parseDatabaseUrl(url(target))).toBeUndefined();
});

test('what is no URL of PostgreSQL is none', () => {
  for (const url of ['', 'postgres', 'mysql://a/f', 'http://a', 'postgres://a,/f', 'postgres://a:x/f'])
    expect(parseDatabaseUrl(url)).toBeUndefined();
});
