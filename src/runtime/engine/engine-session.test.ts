import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import type { ModelEntry, ModelManifest } from '../../core/manifest.ts';
import { inputDims } from '../../core/model-session.ts';
import { secondOf } from '../fused-session.ts';
import { EngineSession } from './engine-session.ts';
import { EngineKernel } from './kernel.ts';
import { floatsFromHalves, readOnnxGraph, UnsupportedGraph } from './onnx-graph.ts';

/** Both sum in float32, in different orders; against the largest number of an output. */
const TOLERANCE = 1e-5;

/** Where products are summed up in integers, of 15 bits by bytes, and of 13 by 10 or more. */
const INTEGER_TOLERANCE = 1e-3;
const ROUNDED_TOLERANCE = 2e-3;
const ROUNDED = ['fr-feature', 'age-gender', 'expression', 'rfb-320'];

const models = new URL('../../../models/', import.meta.url);
/** One for all models, as in use; and one that makes all sums in floats, as on ARM. */
let kernel: EngineKernel;
let floats: EngineKernel;
let manifest: ModelManifest;

beforeAll(async () => {
  const module = await WebAssembly.compile(await readFile(new URL('./engine-simd.wasm', import.meta.url)));
  kernel = new EngineKernel(module, false, true);
  floats = new EngineKernel(module, false, false);
  manifest = JSON.parse(await readFile(new URL('manifest.json', models), 'utf8')) as ModelManifest;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

async function read(id: string): Promise<{ entry: ModelEntry; bytes: Uint8Array }> {
  const fused = manifest.models.find(({ fusedWith }) => fusedWith?.file === `${id}.onnx`);
  const entry = fused ? secondOf(fused, fused.fusedWith!) : manifest.models.find((model) => model.id === id)!;
  return { entry, bytes: new Uint8Array(await readFile(new URL(entry.file, models))) };
}

function picture(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => 0.7 * Math.sin(i * 0.37) + 0.3 * Math.cos(i * 0.0031));
}

test('weights that are no bytes are rounded only where the entry says so', async () => {
  const { entry, bytes } = await read('age-gender');
  const { mayRound, ...unsaid } = entry;
  expect(mayRound).toBe(true);
  const dims = inputDims(entry, 1);
  const input = picture(dims.reduce((product, side) => product * side));
  const answer = async (given: ModelEntry, one: EngineKernel): Promise<readonly Float32Array[]> => {
    const session = EngineSession.compile(given, bytes, one)!;
    const outputs = await session.run(input, dims);
    await session.dispose();
    return outputs;
  };
  const inFloats = await answer(entry, floats);
  for (const given of [unsaid, { ...entry, mayRound: false }])
    expect(await answer(given, kernel)).toEqual(inFloats);
  expect(await answer(entry, kernel)).not.toEqual(inFloats);
});

test.each([
  ['mobilefacenet', [112, 112], 3],
  ['fr-feature', [112, 112], 2],
  ['age-gender', [112, 112], 2],
  ['expression', [112, 112], 2],
  ['face-traits', [96, 96], 2],
  ['face-occlusion', [128, 128], 2],
  ['face-liveness', [128, 128], 2],
  ['face-landmark', [192, 192], 2],
  ['face-landmark-attention', [192, 192], 2],
  ['blazeface-short', [128, 128], 2],
  ['blazeface-short', [96, 160], 1],
  ['rfb-320', [320, 240], 1],
  ['rfb-320', [200, 136], 2],
] as const)('%s at %o gives what onnxruntime-web does', async (id, size, batch) => {
  const { entry, bytes } = await read(id);
  const sessions = [kernel, floats].map((one) => EngineSession.compile(entry, bytes, one)!);
  const dims = inputDims(entry, batch, size);
  const input = picture(dims.reduce((product, side) => product * side));
  const other = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const expected = await other.run({ [other.inputNames[0]!]: new ort.Tensor('float32', input, dims) });
  // Another size in between: plans follow the input.
  if (id.startsWith('blazeface') || id.startsWith('rfb')) {
    const small = inputDims(entry, 1, [64, 64]);
    for (const session of sessions) await session.run(picture(3 * 64 * 64), small);
  }
  const integer = ROUNDED.includes(id) ? ROUNDED_TOLERANCE : INTEGER_TOLERANCE;
  for (const [i, session] of sessions.entries()) {
    const outputs = await session.run(input, dims);
    entry.outputs.forEach((name, index) => {
      const wanted = expected[name]!.data as Float32Array;
      const got = outputs[index]!;
      expect(got.length).toBe(wanted.length);
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = got.reduce((most, value, k) => Math.max(most, Math.abs(value - wanted[k]!)), 0);
      expect(worst / largest).toBeLessThan(i === 0 ? integer : TOLERANCE);
    });
    await session.dispose();
    await expect(session.run(input, dims)).rejects.toMatchObject({ code: 'DISPOSED' });
  }
  await other.release();
});

test('what the engine cannot run is left to onnxruntime-web', async () => {
  const full = await read('blazeface-full');
  expect(EngineSession.compile(full.entry, full.bytes, kernel)).toBeUndefined();
  const { entry, bytes } = await read('blazeface-short');
  for (const length of [0, 10, 1000, bytes.length - 1])
    expect(EngineSession.compile(entry, bytes.subarray(0, length), kernel)).toBeUndefined();
  expect(EngineSession.compile({ ...entry, outputs: ['nothing'] }, bytes, kernel)).toBeUndefined();
  expect(
    EngineSession.compile({ ...entry, input: { ...entry.input, name: 'x' } }, bytes, kernel),
  ).toBeUndefined();
  const channels = { ...entry, input: { ...entry.input, channels: 'grey' as const } };
  expect(EngineSession.compile(channels, bytes, kernel)).toBeUndefined();
});

test('half-precision numbers', () => {
  const bits: [number, number][] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7bff, 65504],
    [0x3555, 0.333251953125],
    [0xfc00, -Infinity],
  ];
  const halves = new DataView(new ArrayBuffer(2 * bits.length + 2));
  bits.forEach(([half], i) => halves.setUint16(2 * i, half, true));
  halves.setUint16(2 * bits.length, 0x7e00, true);
  expect([...floatsFromHalves(halves)]).toEqual([...bits.map(([, value]) => value), NaN]);
});

test('a file that is not ONNX is refused', () => {
  expect(() => readOnnxGraph(new TextEncoder().encode('<!doctype html><title>not found</title>'))).toThrow(
    UnsupportedGraph,
  );
});
