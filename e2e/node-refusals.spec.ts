import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { photos, remove } from './consumer.ts';
import { installScript, installSharp, runScript } from './node-script.ts';

interface Told {
  readonly code: string;
  readonly message: string;
}

const photo = join(photos, 'sample1.jpg');
let folder: string;

test.beforeAll(async () => {
  folder = await installScript();
  await installSharp(folder);
});
test.afterAll(() => remove(folder));

/** A server of a page, whatever it is asked for. */
async function withPage<T>(use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
  );
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/photo.jpg`);
  } finally {
    server.close();
  }
}

test('what is told in Node speaks of Node', async () => {
  const told = await withPage((url) => runScript<Record<string, Told>>(folder, 'words', [photo, url]));
  const expected: Readonly<Record<string, readonly [string, RegExp]>> = {
    noImage: ['IMAGE_DECODING_FAILED', /JPEG, PNG, WebP, AVIF, GIF and TIFF can be read/],
    heic: ['IMAGE_DECODING_FAILED', /HEIC, which sharp does not decode.*pixels \{ width, height, data \}/],
    bmp: ['IMAGE_DECODING_FAILED', /BMP, which sharp does not decode/],
    cut: ['IMAGE_DECODING_FAILED', /damaged or incomplete, or sharp does not read the format/],
    tiff: ['IMAGE_DECODING_FAILED', /tiff image of 10 bytes could not be decoded/],
    page: ['IMAGE_DECODING_FAILED', /a page of HTML, no image/],
    webgpu: ['BACKEND_UNAVAILABLE', /Node has none/],
    assets: ['', /./],
    source: ['BAD_PARAM', /iterable of Files or Blobs, a zip file/],
    job: ['BAD_PARAM', /jobs.list/],
    nothing: ['BAD_PARAM', /path of a file/],
  };
  expect(Object.keys(told)).toEqual(Object.keys(expected));
  for (const [name, [code, words]] of Object.entries(expected)) {
    if (code) expect(told[name]!.code, name).toBe(code);
    expect(told[name]!.code, name).not.toBe('none');
    expect(told[name]!.message, name).toMatch(words);
    expect(told[name]!.message, name).not.toMatch(/(this|the) browser|\btab\b|localhost|[Ss]erve |canvas/);
  }
});

test('Node without WebAssembly is told how it was switched off', async () => {
  const told = await runScript<Told>(folder, 'create', [], ['--jitless']);
  expect(told).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('--jitless'),
  });
});

test('onnxruntime-web that was left out is told to be so', async () => {
  const runtime = join(folder, 'node_modules/nearface/dist/ort');
  const model = join(folder, 'own.onnx');
  await writeFile(model, 'no graph that the kernels run');
  const whole = await runScript<Told>(folder, 'withoutRuntime', [pathToFileURL(model).href]);
  expect(whole.code).toBe('MODEL_LOAD_FAILED');
  await rename(runtime, `${runtime}-away`);
  try {
    const told = await runScript<Told>(folder, 'withoutRuntime', [pathToFileURL(model).href]);
    expect(told).toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining('in Node the package as it was installed'),
    });
  } finally {
    await rename(`${runtime}-away`, runtime);
  }
});

test('erase: there is nothing to delete, and galleries in memory stay', async () => {
  expect(await runScript(folder, 'erase')).toMatchObject({
    left: ['default', 'staff'],
    wrong: { code: 'BAD_PARAM' },
  });
});

test("a model of TF.js's format needs the optional peer, and runs on it", { tag: '@long' }, async () => {
  const model = pathToFileURL(resolve('node_modules/@vladmandic/human/models/faceres.json')).href;
  const without = await runScript<Record<'byPackage' | 'wrong', Told>>(folder, 'tfjs', [photo, model]);
  expect(without).toMatchObject({
    byPackage: {
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringContaining('npm install @tensorflow/tfjs') as unknown,
    },
    wrong: { code: 'MODEL_LOAD_FAILED' },
  });
  const peer = join(folder, 'node_modules/@tensorflow');
  await mkdir(peer, { recursive: true });
  await symlink(resolve('node_modules/@tensorflow/tfjs'), join(peer, 'tfjs'));
  try {
    const script = resolve('node_modules/@tensorflow/tfjs/dist/tf.min.js');
    const told = await runScript(folder, 'tfjs', [photo, model, script]);
    expect(told).toMatchObject({ byPackage: { code: 'none' }, lengths: { byPackage: 1024, byFile: 1024 } });
  } finally {
    await rm(peer, { recursive: true });
  }
});
