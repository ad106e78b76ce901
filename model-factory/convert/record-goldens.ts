/**
 * Records what the original models give for a few face crops: TFLite files in @tensorflow/tfjs-tflite in
 * headless Chromium, ONNX files as published in onnxruntime-web. `tsx model-factory/convert/record-goldens.ts [ID …]`: of
 * these models alone, on the crops that were recorded before.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as ort from 'onnxruntime-web/wasm';
import { chromium, type Page } from 'playwright';
import { SAMPLE_NAMES, SAMPLES } from '../../tools/samples/samples.ts';
import { chromiumArgs, findChromium } from '../../tools/chromium.ts';
import { sourceOf } from './build.ts';
import { CATALOGUE, FR_FEATURE, type CatalogueEntry } from './catalogue.ts';
import { CROPS, CROP_SIDE, goldenPath, inputOf, readCrops, type GoldenIndex } from './goldens.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);
const packages = new PackageStore(await readLock(join(here, 'lock.json')), join(here, '../../.cache/models'));

/** Which crops each model is run on; the detectors' outputs are large. */
const RUNS: Readonly<Record<string, readonly number[]>> = {
  'blazeface-short': [0],
  'blazeface-full': [0],
  'rfb-320': [0],
  'face-landmark': [0, 1, 2, 3],
  mobilefacenet: [0, 1, 2, 3],
  'face-liveness': [0, 1, 2, 3],
  'fr-feature': [0, 1, 2, 3],
};
const only = process.argv.slice(2);

await mkdir(goldenPath('.'), { recursive: true });
const executablePath = findChromium();
const browser = await chromium.launch({
  args: [...chromiumArgs],
  ...(executablePath ? { executablePath } : {}),
});
try {
  const page = await browser.newPage();
  await serveRuntime(page);
  if (only.length === 0)
    await writeFile(goldenPath('crops.bin.gz'), gzipSync(await recordCrops(page), { level: 9 }));
  const crops = await readCrops();
  for (const [id, chosen] of Object.entries(RUNS)) {
    if (only.length > 0 && !only.includes(id)) continue;
    const entry = [...CATALOGUE, FR_FEATURE].find((model) => model.id === id);
    if (entry === undefined) throw new Error(`no model is called ${id}`);
    const inputs = chosen.map((index) => crops[index] ?? new Uint8Array());
    const onnx = entry.source.file.endsWith('.onnx');
    const outputs = onnx ? await runOnnx(entry, inputs) : await runTflite(page, entry, inputs);
    await save(entry, onnx ? 'onnxruntime-web' : '@tensorflow/tfjs-tflite', chosen, outputs);
  }
} finally {
  await browser.close();
}

/** The crops at half size, each pixel the mean of four. */
async function recordCrops(page: Page): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const { sample, left, top } of CROPS) {
    const jpeg = (await readFile(new URL(SAMPLE_NAMES[sample - 1]!, SAMPLES))).toString('base64');
    const rgba = await page.evaluate(
      async ({ jpeg, left, top, side }) => {
        const blob = await (await fetch(`data:image/jpeg;base64,${jpeg}`)).blob();
        const context = new OffscreenCanvas(side, side).getContext('2d');
        context?.drawImage(await createImageBitmap(blob), -left, -top);
        return Array.from(context?.getImageData(0, 0, side, side).data ?? []);
      },
      { jpeg, left, top, side: 2 * CROP_SIDE },
    );
    parts.push(halved(rgba));
  }
  return Buffer.concat(parts);
}

function halved(rgba: readonly number[]): Uint8Array {
  const crop = new Uint8Array(CROP_SIDE * CROP_SIDE * 3);
  for (let at = 0; at < crop.length; at++) {
    const channel = at % 3;
    const x = 2 * (Math.floor(at / 3) % CROP_SIDE);
    const y = 2 * Math.floor(at / 3 / CROP_SIDE);
    const pixel = (dx: number, dy: number): number =>
      rgba[((y + dy) * 2 * CROP_SIDE + x + dx) * 4 + channel] ?? 0;
    crop[at] = Math.round((pixel(0, 0) + pixel(1, 0) + pixel(0, 1) + pixel(1, 1)) / 4);
  }
  return crop;
}

/** Answers the page's requests from the installed packages, so that nothing else is fetched. */
async function serveRuntime(page: Page): Promise<void> {
  const tflite = dirname(require.resolve('@tensorflow/tfjs-tflite/package.json'));
  const tfjs = dirname(require.resolve('@tensorflow/tfjs/package.json'));
  await page.route('http://goldens.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
    // The bundle looks for its binaries beside itself as well as under the path it is given.
    const binary = /tflite_web_api_cc[\w.]*$/.exec(pathname)?.[0];
    if (binary !== undefined) return route.fulfill({ path: join(tflite, 'wasm', binary) });
    const root = pathname.startsWith('/tfjs/') ? tfjs : tflite;
    return route.fulfill({ path: join(root, pathname.replace(/^\/\w+\//, '')) });
  });
  await page.goto('http://goldens.test/');
  await page.addScriptTag({ url: 'http://goldens.test/tfjs/dist/tf.min.js' });
  await page.addScriptTag({ url: 'http://goldens.test/tflite/dist/tf-tflite.min.js' });
}

async function runTflite(
  page: Page,
  entry: CatalogueEntry,
  crops: readonly Uint8Array[],
): Promise<Float32Array[][]> {
  const model = Buffer.from(await sourceOf(packages, entry.source)).toString('base64');
  const [width, height] = entry.input.size;
  const results: number[][][] = await page.evaluate(runInPage, {
    model,
    wasm: 'http://goldens.test/tflite/wasm/',
    inputs: crops.map((crop) => Array.from(inputOf(crop, entry.input, 'nhwc'))),
    shape: [height, width, entry.input.channels === 'grey' ? 1 : 3],
    outputs: entry.outputs.map(({ from }) => from),
  });
  return results.map((outputs) => outputs.map((output) => Float32Array.from(output)));
}

interface PageRun {
  readonly model: string;
  readonly wasm: string;
  readonly inputs: readonly number[][];
  readonly shape: readonly number[];
  readonly outputs: readonly string[];
}

/** Runs in the page: each input through the TFLite model, alone or repeated to the model's fixed batch. */
async function runInPage({ model, wasm, inputs, shape, outputs }: PageRun): Promise<number[][][]> {
  const page = globalThis as unknown as {
    tf: {
      tensor(data: number[], shape: number[]): unknown;
    };
    tflite: {
      setWasmPath(path: string): void;
      loadTFLiteModel(
        bytes: ArrayBuffer,
        options: object,
      ): Promise<{
        inputs: { shape: number[] }[];
        outputs: { name: string }[];
        predict(input: unknown): unknown;
      }>;
    };
  };
  page.tflite.setWasmPath(wasm);
  const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0));
  const loaded = await page.tflite.loadTFLiteModel(bytes.buffer, { numThreads: 1 });
  const batch = loaded.inputs[0]?.shape[0] ?? 1;
  const results: number[][][] = [];
  for (const input of inputs) {
    const repeated = Array.from({ length: batch }, () => input).flat();
    const predicted = loaded.predict(page.tf.tensor(repeated, [batch, ...shape]));
    const byName = predicted as Record<string, { dataSync(): Float32Array }>;
    const found = outputs.map((name) => {
      const tensor =
        'dataSync' in byName ? (byName as unknown as { dataSync(): Float32Array }) : byName[name];
      if (tensor === undefined) throw new Error(`no output ${name} among ${Object.keys(byName).join(', ')}`);
      const data = Array.from(tensor.dataSync());
      return data.slice(0, data.length / batch);
    });
    results.push(found);
  }
  return results;
}

async function runOnnx(entry: CatalogueEntry, crops: readonly Uint8Array[]): Promise<Float32Array[][]> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await sourceOf(packages, entry.source));
  const [width, height] = entry.input.size;
  const results: Float32Array[][] = [];
  for (const crop of crops) {
    const input = new ort.Tensor('float32', inputOf(crop, entry.input), [1, 3, height, width]);
    const outputs = await session.run({ [session.inputNames[0] ?? '']: input });
    results.push(session.outputNames.map((name) => outputs[name]?.data as Float32Array));
  }
  return results;
}

async function save(
  entry: CatalogueEntry,
  runtime: string,
  crops: readonly number[],
  results: readonly Float32Array[][],
): Promise<void> {
  // An ONNX file's own outputs are kept: RFB's boxes are decoded there, and raw in the converted file.
  const names =
    entry.role === 'detector' && runtime === 'onnxruntime-web'
      ? ['scores', 'boxes']
      : entry.outputs.map(({ name }) => name);
  const parts = names.map((_, output) => results.map((outputs) => outputs[output] ?? new Float32Array()));
  const outputs = names.map((name, output) => ({
    name,
    length: parts[output]?.reduce((sum, part) => sum + part.length, 0) ?? 0,
  }));
  const index: GoldenIndex = { runtime, crops, outputs };
  await writeFile(goldenPath(`${entry.id}.json`), `${JSON.stringify(index, null, 2)}\n`);
  const bytes = Buffer.concat(
    parts.flat().map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
  await writeFile(goldenPath(`${entry.id}.bin.gz`), gzipSync(bytes, { level: 9 }));
  console.log(entry.id, outputs.map(({ name, length }) => `${name} ${length}`).join(', '));
}
