import { mkdir } from 'node:fs/promises';
import { add, line, NOTHING, one, type Counts } from './counts.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { runStep, TESTS, type Step } from './steps.ts';

interface Done {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
}

/** Steps as they are done, and the table of them all. */
export class Report {
  readonly #done: Done[] = [];

  /** Performs a step; answers whether nothing of it failed. */
  async perform(step: Step): Promise<boolean> {
    const { outcome, counts } = await runStep(step);
    this.#done.push({ name: step.name, counts, seconds: outcome.seconds });
    const failed = counts.failed > 0;
    console.log(
      `\n${failed ? 'FAILED' : 'ok'}  ${step.name}: ${line(counts)} (${outcome.seconds.toFixed(1)} s)`,
    );
    // The runners' output was shown as it came.
    if (failed && !TESTS.includes(step)) console.log(outcome.output.trimEnd());
    return !failed;
  }

  /** Two at a time: each takes one core, and CI has two. */
  async performAll(steps: readonly Step[]): Promise<void> {
    const waiting = [...steps];
    const worker = async (): Promise<void> => {
      for (let step = waiting.shift(); step; step = waiting.shift()) await this.perform(step);
    };
    await Promise.all([worker(), worker()]);
  }

  /** A failure outside any step. */
  fail(name: string): void {
    this.#done.push({ name, counts: one('failed'), seconds: 0 });
  }

  /** Prints the table and one line of sums; the exit code is 0 if nothing failed. */
  close(): void {
    console.log('\n');
    for (const { name, counts, seconds } of this.#done)
      console.log(
        `${counts.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s  ${line(counts)}`,
      );
    const sum = this.#done.reduce((total, { counts }) => add(total, counts), NOTHING);
    console.log(`\n${line(sum)}`);
    process.exitCode = sum.failed > 0 ? 1 : 0;
  }
}

/** Performs steps with a Chromium, and reports them. */
export async function reported(steps: (report: Report) => Promise<void>): Promise<void> {
  const report = new Report();
  await mkdir('temp', { recursive: true });
  try {
    const chromium = await ensureChromium();
    process.env['CHROMIUM'] = chromium;
    console.log(`Chromium: ${chromium}`);
    await steps(report);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    report.fail('Chromium');
  }
  report.close();
}
