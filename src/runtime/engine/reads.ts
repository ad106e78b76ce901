import type { Network, Step } from './lower.ts';

/** The images that a step reads. */
export function readsOf(step: Step): readonly string[] {
  if (step.kind === 'concat') return step.inputs;
  if (step.kind === 'mean') return [step.input];
  if (step.kind === 'gate') return [step.input, step.gate];
  if (step.kind === 'regionSample' || step.kind === 'regionPoints') return [step.input, step.map];
  if (step.kind === 'pool' || step.kind === 'regionMap' || step.residual === undefined) return [step.input];
  return [step.input, step.residual];
}

/** The step after which an image is needed no more. Images of the outputs stay. */
export function lastReadsOf({ steps, outputs }: Network): Map<string, number> {
  const last = new Map<string, number>();
  steps.forEach((step, index) => {
    for (const name of readsOf(step)) last.set(name, index);
  });
  for (const { images } of outputs) for (const { name } of images) last.delete(name);
  return last;
}
