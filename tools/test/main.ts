/** `npm test`: everything that CI checks. Ends with one line of sums; the exit code is 0 if nothing failed. */
import { mkdir } from 'node:fs/promises';
import { add, line, NOTHING, one, type Counts } from './counts.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { BROWSERS, BUILDS, CHECKS, PACK, runStep, RUNNERS, TESTS, type Step } from './steps.ts';

interface Done {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
}

const done: Done[] = [];

async function perform(step: Step): Promise<boolean> {
  const { outcome, counts } = await runStep(step);
  done.push({ name: step.name, counts, seconds: outcome.seconds });
  const failed = counts.failed > 0;
  console.log(
    `\n${failed ? 'FAILED' : 'ok'}  ${step.name}: ${line(counts)} (${outcome.seconds.toFixed(1)} s)`,
  );
  // The runners' output was shown as it came.
  if (failed && !TESTS.includes(step)) console.log(outcome.output.trimEnd());
  return !failed;
}

/** Two at a time: the checks are single-threaded, and CI has two cores. */
async function performAll(steps: readonly Step[]): Promise<void> {
  const waiting = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await perform(step);
  };
  await Promise.all([worker(), worker()]);
}

async function everything(): Promise<void> {
  const chromium = await ensureChromium();
  process.env['CHROMIUM'] = chromium;
  console.log(`Chromium: ${chromium}`);
  for (const step of BUILDS) if (!(await perform(step))) return;
  await perform(PACK);
  await performAll(CHECKS);
  for (const step of RUNNERS) await perform(step);
  await performAll(BROWSERS);
}

await mkdir('temp', { recursive: true });
try {
  await everything();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  done.push({ name: 'Chromium', counts: one('failed'), seconds: 0 });
}

console.log('\n');
for (const { name, counts, seconds } of done)
  console.log(
    `${counts.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s  ${line(counts)}`,
  );
const sum = done.reduce((total, { counts }) => add(total, counts), NOTHING);
console.log(`\n${line(sum)}`);
process.exitCode = sum.failed > 0 ? 1 : 0;
