import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asIntegers } from './integers.ts';
import { EngineKernel } from './kernel.ts';
import { bytes, random } from './test-networks.ts';

const sides = fc.record({
  seed: fc.nat(),
  outputs: fc.integer({ min: 32, max: 80 }),
  length: fc.integer({ min: 32, max: 90 }),
});

test('bytes by a scale for each output stay what they are', () => {
  const property = fc.property(sides, ({ seed, outputs, length }) => {
    const weights = bytes(random(seed), outputs, length);
    const { values, scales, most } = asIntegers(weights, outputs)!;
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
    const { values, scales, most } = asIntegers(random(seed)(more * long), more)!;
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
  expect(asIntegers(bytes(make, 24, 64), 24)).toBeUndefined();
  expect(asIntegers(bytes(make, 64, 24), 64)).toBeUndefined();
  expect(asIntegers(bytes(make, 64, 2052), 64)).toBeUndefined();
  expect(asIntegers(make(64 * 64), 64)).toBeUndefined();
  expect(
    asIntegers(
      new Float32Array(128 * 2048).fill(1).map((x, i) => x - i / 2 ** 19),
      128,
    ),
  ).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64).fill(NaN), 64)).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64).fill(Infinity), 64)).toBeUndefined();
  expect(asIntegers(new Float32Array(64 * 64), 64)).toMatchObject({ most: 32_767 });
});

test('whether they are used is told by the sign of 0 / 0, which x86 makes negative', async () => {
  const file = await readFile(new URL('./engine-simd.wasm', import.meta.url));
  const kernel = new EngineKernel(await WebAssembly.compile(file));
  expect(kernel.usesIntegers).toBe(process.arch === 'x64' || process.arch === 'ia32');
});
