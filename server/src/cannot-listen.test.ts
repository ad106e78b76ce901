import { expect, test } from 'vitest';
import { cannotEncrypt, cannotListen } from './cannot-listen.ts';
import { CannotRun } from './usage.ts';

test.each([
  ['EADDRINUSE', 8000, /port 8000 of 127\.0\.0\.1 is taken.*--port 8001 /],
  ['EADDRINUSE', 65_535, /--port 8000 /],
  ['EACCES', 443, /port 443 .* from 1024 on/],
  ['EADDRNOTAVAIL', 8000, /127\.0\.0\.1 is no address of this machine.*0\.0\.0\.0/],
  ['EMFILE', 8000, /too many open files/],
])('%s at port %i is told with what to do', (code, port, words) => {
  const error = Object.assign(new Error('too many open files'), { code });
  const told = cannotListen(error, '127.0.0.1', port);
  expect(told).toBeInstanceOf(CannotRun);
  expect(told.message).toMatch(words);
});

test('a certificate that is none is told of the flags', () => {
  expect(cannotEncrypt(new Error('no start line')).message).toMatch(/^--tls-cert .*no start line.*PEM/);
});
