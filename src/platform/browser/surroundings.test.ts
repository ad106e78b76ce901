import { afterEach, expect, test, vi } from 'vitest';
import { missingHere } from './surroundings.ts';

afterEach(() => void vi.unstubAllGlobals());

test('nothing is missing on a secure page that asks for nothing more', () => {
  vi.stubGlobal('isSecureContext', true);
  expect(missingHere()).toEqual([]);
  expect(missingHere(1)).toEqual([]);
});

test('threads that were asked for and cannot be had: the warning names the headers', () => {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('crossOriginIsolated', false);
  expect(missingHere(4)).toEqual([
    expect.stringMatching(/^threads: 4 .*Cross-Origin-Opener-Policy.*Cross-Origin-Embedder-Policy/),
  ]);
  vi.stubGlobal('crossOriginIsolated', true);
  expect(missingHere(4)).toEqual([]);
});

test('plain http', () => {
  vi.stubGlobal('isSecureContext', false);
  vi.stubGlobal('crossOriginIsolated', false);
  expect(missingHere(2)).toEqual([
    expect.stringMatching(/not secure.*https/),
    expect.stringMatching(/^threads: 2/),
  ]);
});
