import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asIntegers } from './integers.ts';
import { EngineKernel } from './kernel.ts';
import { bytes, conv, random, runSteps } from './test-networks.ts';
import type { Step } from './test-reference.ts';

const SMALL = { inputs: 1, height: 5, width: 5, chunkWork: 65_536 };

const sides = fc.record({
  seed: fc.nat(),
  outputs: fc.integer({ min: 32, max: 80 }),
  length: fc.integer({ min: 32, max: 90 }),
});

test('bytes by a scale for each output stay what they are', () => {
  const property = fc.property(sides, ({ seed, outputs, length }) => {
    const weights = bytes(random(seed), outputs, length);
    const { values, scales, most } = asIntegers(weights, outputs, true)!;
    expect(most).toBe(32_767);
    weights.forEach((weight, i) => {
      const scale = scales[Math.floor(i / length)]!;
      expect(Math.abs(values[i]!)).toBeLessThanOrEqual(127);
      expect(Math.abs(values[i]! * scale - weight)).toBeLessThanOrEqual(1e-6 * Math.abs(127 * scale));
    });
  });
  fc.assert(property, { numRuns: 20 });
});

test('other weights keep ten bits, and no sum exceeds 31, whatever they are multiplied by', () => {
  const property = fc.property(sides, ({ seed, outputs, length }) => {
    const [more, long] = seed % 2 ? [outputs + 96, length] : [outputs, length + 96];
    const { values, scales, most } = asIntegers(random(seed)(more * long), more, true)!;
    expect(most).toBeGreaterThanOrEqual(8191);
    for (let output = 0; output < more; output++) {
      const row = values.subarray(output * long, (output + 1) * long);
      expect(most * row.reduce((sum, value) => sum + Math.abs(value), 0)).toBeLessThan(2 ** 31);
      expect(row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)).toBeGreaterThanOrEqual(
        1023,
      );
      expect(scales[output]).toBeGreaterThan(0);
    }
  });
  fc.assert(property, { numRuns: 10 });
});

test('where floats are as fast, or too little would be left, there are none', () => {
  const make = random(1);
  expect(asIntegers(bytes(make, 24, 64), 24, true)).toBeUndefined();
  expect(asIntegers(bytes(make, 64, 24), 64, true)).toBeUndefined();
  expect(asIntegers(bytes(make, 64, 2052), 64, true)).toBeUndefined();
  expect(asIntegers(make(64 * 64), 64, true)).toBeUndefined();
  expect(asIntegers(make(128 * 128), 128, true)).toBeDefined();
  expect(asIntegers(make(128 * 128), 128, false)).toBeUndefined();
  expect(asIntegers(bytes(make, 128, 128), 128, false)).toBeDefined();
  expect(
    asIntegers(
      new Float32Array(128 * 2048).fill(1).map((x, i) => x - i / 2 ** 19),
      128,
      true,
    ),
  ).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64).fill(NaN), 64, true)).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64).fill(Infinity), 64, true)).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64), 64, true)).toMatchObject({ most: 32_767 });
});

test('a weight far above the others leaves seven bits of half of them, or there are no integers', () => {
  const [outputs, length] = [128, 64];
  for (const [far, isRounded] of [
    [50, true],
    [1000, false],
    [20_000, false],
    [200_000, false],
  ] as const) {
    const weights = random(far)(outputs * length);
    for (let output = 0; output < outputs; output++) weights[output * length + 7] = far;
    const integers = asIntegers(weights, outputs, true);
    expect(integers !== undefined, String(far)).toBe(isRounded);
    integers?.values.forEach((value, i) => {
      const error = Math.abs(value * integers.scales[Math.floor(i / length)]! - weights[i]!);
      // Others are 0.5 in the middle.
      if (i % length !== 7) expect(error).toBeLessThan(0.5 / 2 / 127);
    });
  }
  // Zeros stay zeros, and are no small weights.
  const sparse = random(3)(outputs * length).map((weight, i) => (i % 3 ? 0 : weight));
  expect(asIntegers(sparse, outputs, true)).toBeDefined();
});

/** The last step's image, whose channels are a multiple of 4. */
async function lastImage(steps: readonly Step[], usesIntegers: boolean = true): Promise<Float32Array> {
  const file = await readFile(new URL('./engine-simd.wasm', import.meta.url));
  const kernel = new EngineKernel(await WebAssembly.compile(file), false, usesIntegers);
  const { plan, memory } = runSteps(steps, { ...SMALL, seed: 5 }, kernel);
  const { at, height, width, channels } = plan.images.get(steps.at(-1)!.output)!;
  return memory.slice(at / 4, at / 4 + height * width * channels);
}

test.each([
  [1, 0.0003],
  [100, 0.01],
  [1000, 0.1],
])('what a channel %i times as large as the others costs', async (times, most) => {
  const make = random(3);
  const [weights, rounded] = [make(64), make(128 * 64)];
  weights[5]! *= times;
  for (let output = 0; output < 128; output++) rounded[output * 64 + 5]! /= times;
  const steps = [
    conv(make, ['input', 1], ['a', 64], { weights, bias: new Float32Array(64) }),
    conv(make, ['a', 64], ['b', 128], { weights: rounded, bias: new Float32Array(128) }),
  ];
  const [expected, got] = [await lastImage(steps, false), await lastImage(steps)];
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  const error = Math.sqrt(squares(got.map((value, i) => value - expected[i]!)) / squares(expected));
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(most);
});

test('rows that are filled up with zeros beyond what a block holds are multiplied in floats', async () => {
  const make = random(7);
  const window = { kernel: [3, 3], stride: [1, 1], dilation: 1, pads: [1, 1, 1, 1] } as const;
  const weights = bytes(make, 32, 227 * 9);
  expect(asIntegers(weights, 32, true, 227 * 9)).toBeDefined();
  expect(asIntegers(weights, 32, true, 228 * 9)).toBeUndefined();
  const image = await lastImage([
    conv(make, ['input', 1], ['a', 227]),
    conv(make, ['a', 227], ['b', 32], { window, weights }),
  ]);
  expect(image.every((value) => Number.isFinite(value))).toBe(true);
});

test('NaN stays NaN', async () => {
  const make = random(8);
  const bias = make(64).map((value, i) => (i === 5 ? NaN : value));
  const image = await lastImage([
    conv(make, ['input', 1], ['a', 64], { bias }),
    conv(make, ['a', 64], ['b', 32], { weights: bytes(make, 32, 64) }),
  ]);
  expect(image.every((value) => Number.isNaN(value))).toBe(true);
});

test('whether they are used is told by the sign of 0 / 0, which x86 makes negative', async () => {
  const file = await readFile(new URL('./engine-simd.wasm', import.meta.url));
  const kernel = new EngineKernel(await WebAssembly.compile(file));
  expect(kernel.usesIntegers).toBe(process.arch === 'x64' || process.arch === 'ia32');
});
