/** `npm run test:long`: the checks that take longer, in CI and before a release; ends as `npm test` does. */
import { reported } from './report.ts';
import { BUILDS, LONG, PACK } from './steps.ts';

await reported(async (report) => {
  for (const step of BUILDS) if (!(await report.perform(step))) return;
  await report.perform(PACK);
  await report.performAll(LONG);
});
