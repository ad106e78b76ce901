import { expect, test } from 'vitest';
import { compileKernel } from './compile-kernel.ts';

/** A module whose only export is the function `answer`. */
const MODULE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115, 119, 101, 114, 0, 0,
  10, 4, 1, 2, 0, 11,
]);
const url = 'https://example.org/lib/answer.wasm';

test('a module of this version', async () => {
  const module = await compileKernel(async () => MODULE.slice(), url, 'The kernels', ['answer']);
  expect(WebAssembly.Module.exports(module)).toEqual([{ name: 'answer', kind: 'function' }]);
});

test('one of another version, one that is cut, and none', async () => {
  const load = (bytes: () => Promise<Uint8Array<ArrayBuffer>>) =>
    expect(compileKernel(bytes, url, 'The kernels', ['answer', 'more'])).rejects;
  await load(async () => MODULE.slice()).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('another version') as string,
    details: { url, missing: ['more'] },
  });
  await load(async () => MODULE.slice(0, 20)).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    details: { url },
  });
  await load(() => Promise.reject(new Error('404'))).toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
});
