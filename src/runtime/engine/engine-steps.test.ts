import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { EngineKernel } from './kernel.ts';
import type { Network } from './lower.ts';
import { planNetwork } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { type Case, cases, image, NETWORKS, random, reference, type Step } from './test-networks.ts';
import { packWeights, roundUp } from './weights.ts';

/** float32 sums of at most a few hundred products of numbers below 1 against double precision. */
const TOLERANCE = 2e-5;

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await readFile(new URL('./engine-simd.wasm', import.meta.url)));
});

/** Runs `steps` on both sides, every image being an output so that all are kept, and compares every image. */
function compare(
  steps: readonly Step[],
  { seed, inputs, height, width, chunkWork }: Case,
  kernel: EngineKernel,
): void {
  const outputs = steps.map(({ output }) => ({ images: [{ name: output, flat: false }], softmax: 0 }));
  const network: Network = { input: 'input', steps, outputs };
  const weights = packWeights(network, kernel);
  const plan = planNetwork(network, weights, kernel, { channels: inputs, height, width }, chunkWork);
  kernel.reserve(plan.end);
  // What a step must not read, or must overwrite, would show.
  new Float32Array(kernel.memory.buffer).fill(NaN, kernel.weights.top / 4);
  const pixels = random(seed + 1)(inputs * height * width);
  const memory = runPlan(kernel, plan, pixels);
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
