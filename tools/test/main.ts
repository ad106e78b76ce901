/** `npm test`: what a change has to pass before it is committed. Ends with one line of sums; the exit code is 0 if nothing failed. */
import { reported } from './report.ts';
import { BUILDS, CHECKS, PACK, RUNNERS } from './steps.ts';

await reported(async (report) => {
  for (const step of BUILDS) if (!(await report.perform(step))) return;
  await report.perform(PACK);
  await report.performAll(CHECKS);
  for (const step of RUNNERS) await report.perform(step);
});
