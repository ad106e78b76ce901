/** Networks on several threads against the same on one, in threads of Node. */
import { build } from 'esbuild';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { ModelManifest } from '../../core/manifest.ts';
import { inputDims } from '../../core/model-session.ts';
import { EngineSession } from './engine-session.ts';
import { EngineKernel } from './kernel.ts';
import type { PlacedCalls } from './placed-calls.ts';
import { CALLS, Program } from './program.ts';
import { startEngine, startHelpers } from './start-engine.ts';
import { type Case, cases, NETWORKS, random, runSteps } from './test-networks.ts';
import type { Step } from './test-reference.ts';
import { roundUp } from './weights.ts';

let plain: WebAssembly.Module;
let shared: WebAssembly.Module;
let helperScript: string;
const workers: Worker[] = [];
const kernels: EngineKernel[] = [];

const moduleOf = async (name: string): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(new URL(name, import.meta.url)));

beforeAll(async () => {
  [plain, shared] = await Promise.all([
    moduleOf('./engine-simd.wasm'),
    moduleOf('./engine-simd-threads.wasm'),
  ]);
  const entry = fileURLToPath(new URL('../../worker/node/search.worker.ts', import.meta.url));
  const built = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
  });
  helperScript = built.outputFiles[0]!.text;
});

afterEach(async () => {
  for (const kernel of kernels.splice(0)) kernel.dispose();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** A thread that runs `script`, as `platform/node/start-worker.ts` starts one. */
function startScript(script: string): (onFailed: () => void, onReady: () => void) => Worker {
  return (onFailed, onReady) => {
    const worker = new Worker(script, { eval: true, execArgv: [] });
    workers.push(worker);
    worker.on('error', onFailed);
    worker.once('message', onReady);
    return worker;
  };
}

async function kernelWith(helpers: number, script: string = helperScript): Promise<EngineKernel> {
  const kernel = new EngineKernel(shared, true);
  kernels.push(kernel);
  await startHelpers(kernel, shared, helpers, startScript(script));
  return kernel;
}

/** The images of all steps, one after the other, as bits. */
function imagesOf(steps: readonly Step[], drawn: Case, kernel: EngineKernel): Uint32Array {
  const { weights, plan, memory } = runSteps(steps, drawn, kernel);
  const bits = new Uint32Array(memory.buffer);
  const images = steps.map(({ output }) => {
    const { at, height: lines, width: columns, channels } = plan.images.get(output)!;
    return [...bits.subarray(at / 4, at / 4 + lines * columns * roundUp(channels, 4))];
  });
  weights.release();
  return Uint32Array.from(images.flat());
}

test.each(NETWORKS)('on three threads and on one, bit for bit: %s', async (_, draw) => {
  const several = await kernelWith(2);
  expect(several.threads).toBe(3);
  const property = fc.property(cases, (drawn) => {
    const steps = draw(drawn, random(drawn.seed));
    expect(imagesOf(steps, drawn, several)).toEqual(imagesOf(steps, drawn, new EngineKernel(plain)));
  });
  fc.assert(property, { numRuns: 12 });
  expect(several.threads).toBe(3);
});

test('wide products in floats, shared out to up to eight threads and not, bit for bit', () => {
  const [, draw] = NETWORKS.find(([kind]) => kind.startsWith('products of many channels'))!;
  const one = new EngineKernel(plain, false, false);
  const several = new EngineKernel(shared, true, false);
  const property = fc.property(cases, fc.integer({ min: 1, max: 7 }), (drawn, count) => {
    const steps = draw(drawn, random(drawn.seed));
    // Helpers that take nothing: the chunks are the same, and this thread makes all of them.
    several.setHelpers({ count, end: () => undefined });
    expect(imagesOf(steps, drawn, several)).toEqual(imagesOf(steps, drawn, one));
  });
  fc.assert(property, { numRuns: 12 });
});

interface Sessions {
  readonly one: EngineSession;
  readonly several: EngineSession;
  readonly input: Float32Array<ArrayBuffer>;
  readonly dims: readonly number[];
}

async function sessionsOf(id: string, kernel: EngineKernel): Promise<Sessions> {
  const models = new URL('../../../models/', import.meta.url);
  const manifest = JSON.parse(await readFile(new URL('manifest.json', models), 'utf8')) as ModelManifest;
  const entry = manifest.models.find((model) => model.id === id)!;
  const bytes = new Uint8Array(await readFile(new URL(entry.file, models)));
  const dims = inputDims(entry, 1);
  const input = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 0.37));
  const one = EngineSession.compile(entry, bytes, new EngineKernel(plain))!;
  return { one, several: EngineSession.compile(entry, bytes, kernel)!, input, dims };
}

test('whole models that share a kernel, by turns', async () => {
  const kernel = await kernelWith(1);
  const all = [];
  for (const id of ['blazeface-short', 'face-landmark-attention', 'mobilefacenet'])
    all.push(await sessionsOf(id, kernel));
  for (let round = 0; round < 3; round++)
    for (const { one, several, input, dims } of all)
      expect(await several.run(input, dims)).toEqual(await one.run(input, dims));
  expect(kernel.threads).toBe(2);
  const { top } = kernel.weights;
  await all[1]!.several.dispose();
  await all[1]!.several.dispose();
  await all[2]!.several.dispose();
  expect(kernel.weights.top).toBeLessThan(top);
  const { one, several, input, dims } = all[0]!;
  expect(await several.run(input, dims)).toEqual(await one.run(input, dims));
});

/** Takes a chunk, and never does it. */
const STALLING = `const { parentPort } = require('node:worker_threads');
parentPort.once('message', ({ memory }) => {
  const words = new Int32Array(memory.buffer);
  parentPort.postMessage('ready');
  for (;;) if (Atomics.load(words, 16) > 0 && Atomics.sub(words, 16, 1) > 0) break;
  for (;;) Atomics.wait(words, 0, 0);
});`;

test('what a helper does not give back is done without it, and without helpers from then on', async () => {
  const kernel = await kernelWith(1, STALLING);
  expect(kernel.threads).toBe(2);
  const { one, several, input, dims } = await sessionsOf('blazeface-short', kernel);
  const { memory } = kernel;
  const expected = await one.run(input, dims);
  for (let run = 0; run < 50 && kernel.threads === 2; run++)
    expect(await several.run(input, dims)).toEqual(expected);
  expect(kernel.threads).toBe(1);
  // The lost helper may write to the old one.
  expect(kernel.memory).not.toBe(memory);
  expect(await several.run(input, dims)).toEqual(expected);
});

/** Works like a helper, but fails when it is told to. */
const FAILING = `const { parentPort } = require('node:worker_threads');
parentPort.once('message', () => {
  parentPort.postMessage('ready');
  setTimeout(() => { throw new Error('it failed'); }, 100);
});`;

test('a helper that fails later is done without', async () => {
  const kernel = await kernelWith(1, FAILING);
  expect(kernel.threads).toBe(2);
  const { one, several, input, dims } = await sessionsOf('blazeface-short', kernel);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(kernel.threads).toBe(1);
  expect(await several.run(input, dims)).toEqual(await one.run(input, dims));
});

/** Takes its message, and says nothing. */
const SILENT = `require('node:worker_threads').parentPort.on('message', () => undefined);`;

/** Is ready, and fails while others start. */
const SHORT = `const { parentPort } = require('node:worker_threads');
parentPort.once('message', () => {
  parentPort.postMessage('ready');
  throw new Error('it failed');
});`;

test.each([
  ['cannot be started', 'throw new Error()'],
  ['is ready and fails', SHORT],
])('where one of several helpers %s, the others are not waited for', async (_, script) => {
  const kernel = new EngineKernel(shared, true);
  const scripts = [SILENT, script, SILENT];
  const begun = performance.now();
  await startHelpers(kernel, shared, 3, (...told) => startScript(scripts.shift()!)(...told));
  expect(performance.now() - begun).toBeLessThan(4000);
  expect(kernel.threads).toBe(1);
});

test('more than a shared memory can grow to is had alone', async () => {
  const kernel = await kernelWith(1);
  const { one, several, input, dims } = await sessionsOf('blazeface-short', kernel);
  const expected = await one.run(input, dims);
  expect(await several.run(input, dims)).toEqual(expected);
  expect(kernel.threads).toBe(2);
  const end = 2 ** 30 + 2 ** 20;
  kernel.reserve(end);
  expect(kernel.memory.buffer.byteLength).toBeGreaterThanOrEqual(end);
  expect(kernel.threads).toBe(1);
  expect(await several.run(input, dims)).toEqual(expected);
});

/** Is ready, and takes no chunk. */
const IDLE = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', () => parentPort.postMessage('ready'));`;

test('when the first thread fails, helpers do not go on with what it was at', async () => {
  const kernel = await kernelWith(1, IDLE);
  expect(kernel.threads).toBe(2);
  const { one, several, input, dims } = await sessionsOf('blazeface-short', kernel);
  const beyond = 0xffff0000;
  const program = new Program();
  program.step([[[CALLS.place, beyond, beyond, 1, 4, 4]], []]);
  program.step([[], []]);
  const at = roundUp(kernel.weights.top, 64);
  const { words, parts } = program.place(at);
  new Int32Array(kernel.memory.buffer).set(words, at / 4);
  expect(() => kernel.perform(parts[0] as PlacedCalls, { at, bytes: 0 })).toThrow(WebAssembly.RuntimeError);
  expect(kernel.threads).toBe(1);
  expect(await several.run(input, dims)).toEqual(await one.run(input, dims));
});

test('without helpers, shared memory or the file for it, one thread runs the models', async () => {
  const readAsset = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await readFile(new URL(url)));
  const noFile: typeof readAsset = async (url) => {
    if (url.endsWith('-threads.wasm')) throw new Error('404');
    return readAsset(url);
  };
  const forbidden = (): never => {
    throw new Error('no workers here');
  };
  const broken = (_assets: string, onFailed: () => void, onReady: () => void = () => undefined): Worker =>
    startScript('throw new Error()')(onFailed, onReady);
  const assets = new URL('.', import.meta.url).href;
  for (const host of [
    { readAsset, startHelper: forbidden },
    { readAsset, startHelper: broken },
    { readAsset: noFile, startHelper: forbidden },
  ]) {
    const kernel = await startEngine(host, assets, 'simd', 2);
    expect(kernel.threads).toBe(1);
    const { one, several, input, dims } = await sessionsOf('blazeface-short', kernel);
    expect(await several.run(input, dims)).toEqual(await one.run(input, dims));
  }
});
