import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { EngineKernel } from './kernel.ts';
import {
  type Case,
  cases,
  image,
  NETWORKS,
  random,
  reference,
  runSteps,
  type Step,
} from './test-networks.ts';
import { roundUp } from './weights.ts';

/** float32 sums of at most a few hundred products of numbers below 1 against double precision. */
const TOLERANCE = 2e-5;

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await readFile(new URL('./engine-simd.wasm', import.meta.url)));
});

/** Runs `steps` on both sides, and compares every image. */
function compare(steps: readonly Step[], drawn: Case, kernel: EngineKernel): void {
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
    expect(worst, `${step.kind} ${step.output}`).toBeLessThan(TOLERANCE);
  }
}

test.each(NETWORKS)('%s', (_, draw) => {
  const property = fc.property(cases, (drawn) => {
    compare(draw(drawn, random(drawn.seed)), drawn, new EngineKernel(module));
  });
  fc.assert(property, { numRuns: 150 });
});
