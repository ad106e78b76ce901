import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { asIntegers } from './integers.ts';
import { EngineKernel } from './kernel.ts';
import { type Case, cases, NETWORKS, random, runSteps } from './test-networks.ts';
import { type Image, image, reference, type Step } from './test-reference.ts';
import { roundUp } from './weights.ts';

/** float32 sums of at most a few hundred products of numbers below 1 against double precision. */
const TOLERANCE = 2e-5;

/** The same of up to a thousand, of numbers up to 5. */
const WIDE_TOLERANCE = 1e-4;

/** By how much sums in integers may differ from those of a step that is made in them; 0 for others. */
function roundingOf(step: Step, from: Image): number {
  const integers =
    step.kind === 'conv' && !step.depthwise && step.input !== 'input'
      ? asIntegers(step.weights, step.channels, true)
      : undefined;
  if (!integers || step.kind !== 'conv') return 0;
  let largest = 0;
  for (let c = 0; c < from.channels; c++)
    for (let y = 0; y < from.height; y++)
      for (let x = 0; x < from.width; x++) largest = Math.max(largest, Math.abs(from.at(c, y, x)));
  const length = step.weights.length / step.channels;
  const steps = Array.from(integers.scales, (scale, output) => {
    const row = step.weights.subarray(output * length, (output + 1) * length);
    const sum = row.reduce((total, weight) => total + Math.abs(weight), 0);
    const weightError = row.reduce(
      (total, weight, i) => total + Math.abs(weight - scale * integers.values[output * length + i]!),
      0,
    );
    return largest * (sum / integers.most / 2 + weightError);
  });
  return Math.max(...steps);
}

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await readFile(new URL('./engine-simd.wasm', import.meta.url)));
});

/** Runs `steps` on both sides, and compares every image. */
function compare(steps: readonly Step[], drawn: Case, kernel: EngineKernel, tolerance: number): void {
  const { inputs, height, width } = drawn;
  const { plan, memory, pixels } = runSteps(steps, drawn, kernel);
  const images = new Map([
    ['input', image(inputs, height, width, (c, y, x) => pixels[(c * height + y) * width + x]!)],
  ]);
  for (const step of steps) {
    const expected = reference(step, images);
    images.set(step.output, expected);
    const placed = plan.images.get(step.output)!;
    expect([placed.channels, placed.height, placed.width]).toEqual([
      expected.channels,
      expected.height,
      expected.width,
    ]);
    const stride = roundUp(placed.channels, 4);
    let worst = 0;
    for (let y = 0; y < placed.height; y++)
      for (let x = 0; x < placed.width; x++)
        for (let c = 0; c < stride; c++) {
          const got = memory[placed.at / 4 + (y * placed.width + x) * stride + c]!;
          const wanted = expected.at(c, y, x);
          const error = Math.abs(got - wanted) / Math.max(1, Math.abs(wanted));
          worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
        }
    const from = step.kind === 'concat' ? undefined : images.get(step.input);
    const rounding = kernel.usesIntegers && from ? roundingOf(step, from) : 0;
    expect(worst, `${step.kind} ${step.output}`).toBeLessThan(tolerance + 1.01 * rounding);
  }
}

describe.each([
  ['in floats', false],
  ['in integers', true],
])('%s', (_, usesIntegers) => {
  test.each(NETWORKS)('%s', (kind, draw) => {
    const isWide = kind.startsWith('products of many channels');
    const property = fc.property(cases, (drawn) => {
      const steps = draw(drawn, random(drawn.seed));
      compare(
        steps,
        drawn,
        new EngineKernel(module, false, usesIntegers),
        isWide ? WIDE_TOLERANCE : TOLERANCE,
      );
    });
    fc.assert(property, { numRuns: isWide ? 60 : 150 });
  });
});
