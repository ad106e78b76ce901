import type { EngineKernel } from './kernel.ts';
import type { Plan } from './plan.ts';

/** Runs a plan on an input, channels first. Returns the memory with the images of the outputs. */
export function runPlan(kernel: EngineKernel, plan: Plan, input: Float32Array): Float32Array {
  const { program, programAt, rooms } = plan;
  for (;;) {
    const { buffer } = kernel.memory;
    const memory = new Float32Array(buffer);
    memory.set(input, plan.input / 4);
    new Int32Array(buffer).set(program.words, programAt / 4);
    const isDone = program.parts.every((part) => {
      if (typeof part !== 'function') return kernel.perform(part, rooms);
      part(memory);
      return true;
    });
    // Else a helper was lost, and there are none any more.
    if (isDone) return memory;
  }
}
