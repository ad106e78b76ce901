/** The page of steps. It loads itself anew in the middle; the driver waits until `report.done`. */
import { demoSteps } from './demo-steps.ts';
import { gallerySteps, reloadedSteps } from './gallery-steps.ts';
import { falsifiedSteps, inputSteps } from './input-steps.ts';
import type { StepResult } from './report.ts';
import { runSteps } from './step.ts';
import { watchSteps } from './watch-steps.ts';

const KEPT = 'engines-results';

async function main(): Promise<void> {
  const kept = sessionStorage.getItem(KEPT);
  if (location.search === '?falsified') {
    const results = await runSteps(falsifiedSteps, []);
    window.report = { results, running: '', done: true };
  } else if (kept === null) {
    const results = await runSteps([...inputSteps, ...gallerySteps], []);
    sessionStorage.setItem(KEPT, JSON.stringify(results));
    location.reload();
  } else {
    const before = JSON.parse(kept) as readonly StepResult[];
    const results = await runSteps([...reloadedSteps, ...watchSteps, ...demoSteps], before);
    window.report = { results, running: '', done: true };
  }
}

void main();
