import { expect, test } from '@playwright/test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execute } from './consumer.ts';
import { openPage, serveLibrary } from './library.ts';

const program = resolve(import.meta.dirname, '../bin/nearface-assets.js');
const WASM_BUILD = 'ort/ort-wasm-simd-threaded.wasm';
const WEBGPU_BUILD = 'ort/ort-wasm-simd-threaded.asyncify.wasm';

let folder: string;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearface-assets-'));
});
test.afterEach(() => rm(folder, { recursive: true }));

/** Runs the command in the folder; answers what it printed, and the files that are there. */
async function copy(
  ...args: string[]
): Promise<{ readonly said: string; readonly files: readonly string[] }> {
  const said = await execute(folder, process.execPath, program, ...args);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return { said, files };
}

test('by default what create may need without options', async () => {
  const { said, files } = await copy('.');
  expect(said).toMatch(/^[\d.]+ MB in \d+ files are in .*; not copied: .*\(--only ort\)\n$/);
  expect(files).toEqual(expect.arrayContaining(['nearface.js', 'engine-simd.wasm', WEBGPU_BUILD]));
  expect(files).toEqual(expect.arrayContaining(['models/manifest.json', 'models/mobilefacenet.onnx']));
  expect(files).not.toContain(WASM_BUILD);
  expect(files).not.toContain('models/blazeface-full.onnx');
});

test('parts alone, together, and all', async () => {
  const { files: models } = await copy('.', '--only', 'models', '--model', 'blazeface-full');
  expect(models).toContain('models/blazeface-full.onnx');
  expect(models.filter((name) => !name.startsWith('models/'))).toEqual([]);
  const { files: fused } = await copy('fused', '--only', 'models', '--model', 'fused');
  expect(fused).toContain('fused/models/fr-feature.onnx');
  expect(models).not.toContain('models/fr-feature.onnx');
  const { files: scripts } = await copy('scripts', '--only', 'scripts');
  const own = scripts.filter((name) => name.startsWith('scripts/'));
  expect(own).toEqual(expect.arrayContaining(['scripts/vision.worker.js', 'scripts/search-simd.wasm']));
  expect(own.some((name) => /^scripts\/(models|ort)\//.test(name))).toBe(false);
  const { files: both } = await copy('both', '--only=wasm, ort', '--only', 'webgpu');
  expect(both).toEqual(expect.arrayContaining([`both/${WASM_BUILD}`, `both/${WEBGPU_BUILD}`]));
  const { said, files } = await copy('all', '--all');
  const besides = ['all/models/blazeface-full.onnx', 'all/models/fr-feature.onnx'];
  expect(files).toEqual(expect.arrayContaining([`all/${WASM_BUILD}`, ...besides]));
  expect(said).not.toContain('not copied');
});

test('--only wasm is enough for every detail on one thread', async ({ page }) => {
  const { said, files } = await copy('.', '--only', 'wasm');
  expect(said).toMatch(/--only ort\).*--only webgpu\)/);
  expect(files.filter((name) => name.startsWith('ort'))).toEqual([]);
  const server = await serveLibrary({ '/lib/': folder });
  await openPage(page, server);
  const found = await page.evaluate(async () => {
    const details = { angle: true, landmarks: true, mesh: true, quality: true, attributes: true } as const;
    const { faces } = await window.nf.embed('/photos/sample1.jpg', { returnDetails: details });
    return faces.map(({ attributes, quality, landmarks, embedding }) =>
      [attributes?.age, attributes?.emotions, quality, landmarks, embedding].every(Boolean),
    );
  });
  expect(found).toEqual([true, true, true]);
  await server.close();
});

test('--model fused brings both of its networks', async ({ page }) => {
  await copy('.', '--only', 'wasm', '--model', 'fused');
  const server = await serveLibrary({ '/lib/': folder });
  await openPage(page, server);
  const numbers = await page.evaluate(async () => {
    const nf = await window.library.NearFace.create({
      ...{ assets: '/lib/', device: 'wasm', database: null },
      models: { embedding: 'fused' },
    });
    const { faces } = await nf.embed('/photos/sample1.jpg');
    await nf.dispose();
    return faces.map(({ embedding }) => embedding?.length);
  });
  expect(numbers).toEqual([336, 336, 336]);
  await server.close();
});

test('--help tells the parts, and copies nothing', async () => {
  const { said, files } = await copy('--help');
  expect(said).toMatch(/^Usage: nearface-assets FOLDER/);
  for (const part of ['wasm', 'webgpu', 'ort', 'models', 'scripts'])
    expect(said).toMatch(new RegExp(`^ {2}${part} +\\w`, 'm'));
  expect(files).toEqual([]);
});

const REFUSALS: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /^Say into which folder, such as public\/nearface/],
  [['a', 'b'], /^One folder is filled at a time: leave out b/],
  [
    ['a', '--only', 'wsam'],
    /^--only wsam: there is no such part; name one or several of wasm, webgpu, ort, models, scripts/,
  ],
  [['a', '--only', 'wasm,'], /^--only wasm,: a name is missing/],
  [['a', '--only'], /^Option '--only <value>' argument missing/],
  [['a', '--model', 'arcface'], /^--model arcface: there is no such model; there are blazeface-short, /],
  [
    ['a', '--only', 'scripts', '--model', 'blazeface-full'],
    /no models are copied with --only scripts; add models/,
  ],
  [['a', '--all', '--only', 'wasm'], /^--all copies everything: leave it out, or leave out --only/],
  [['a', '--without', 'ort'], /^--without is now --only: --only wasm/],
  [['a', '--fast'], /^There is no option --fast; there are --only, --model, --all and --help/],
];

for (const [args, says] of REFUSALS)
  test(`refused, with nothing copied: ${args.join(' ') || 'nothing said'}`, async () => {
    const error = await copy(...args).then(
      () => undefined,
      ({ cause }: Error) => cause as { readonly code: number; readonly stderr: string },
    );
    expect(error?.code).toBe(2);
    expect(error?.stderr).toMatch(says);
    expect(error?.stderr).toMatch(/\nUsage: nearface-assets FOLDER .*\n$/);
    expect(await readdir(folder)).toEqual([]);
  });
