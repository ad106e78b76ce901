import { expect, test } from 'vitest';
import { importFile } from './import-file.ts';

test('a file is taken as it is, a stream is put into one', async () => {
  const file = new Blob(['faces']);
  expect(await importFile(file, undefined)).toBe(file);
  const whole = await importFile(file.stream(), undefined);
  expect(await whole.text()).toBe('faces');
});

test('anything else, a stream in use, and one that fails are named', async () => {
  const used = new Blob(['faces']).stream();
  used.getReader();
  const failing = new ReadableStream({ start: (controller) => controller.error(new Error('no cable')) });
  for (const file of ['faces', null, new Uint8Array(3), used, failing])
    await expect(importFile(file, undefined)).rejects.toMatchObject({
      code: 'BAD_PARAM',
      details: { param: 'file' },
    });
  await expect(importFile(new Blob(['a']).stream(), AbortSignal.abort())).rejects.toMatchObject({
    code: 'ABORTED',
  });
});
