/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/** The counts of a check that is one test. */
export function one(result: keyof Counts): Counts {
  return { ...NOTHING, [result]: 1 };
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** `3 passed, 1 failed`, and how many were skipped if any were. */
export function line({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status?: string; readonly tags?: readonly string[] }[];
  }[];
}

/** Which of vitest's tests are run: those that have the tag, or those that lack it. */
export type Selection = 'long' | '!long';

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
  readonly errors: readonly unknown[];
}

/**
 * Counts of vitest's JSON report; a file that could not be run counts as a failure, as does a run that found none. Tests that were not selected
 * are not skipped, though vitest says so.
 */
export function vitestCounts(report: VitestReport, exitCode: number, selection: Selection): Counts {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const others = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(
      ({ status, tags = [] }) => status === 'skipped' && tags.includes('long') !== (selection === 'long'),
    );
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0) - others.length;
  const counts = { passed: report.numPassedTests, failed: report.numFailedTests + unloaded, skipped };
  return atLeastOneFailure(counts, !report.success || exitCode !== 0 || counts.passed === 0);
}

/** Counts of Playwright's JSON report; flaky counts as failed. */
export function playwrightCounts({ stats, errors }: PlaywrightReport, exitCode: number): Counts {
  const { expected: passed, unexpected, flaky, skipped } = stats;
  const counts = { passed, failed: unexpected + flaky, skipped };
  return atLeastOneFailure(counts, errors.length > 0 || exitCode !== 0 || passed === 0);
}

/** Counts of `temp/engines.json`: the steps of all engines, and one skipped for each engine that is missing. */
export function enginesCounts(engines: readonly { readonly counts: Counts }[], exitCode: number): Counts {
  const counts = engines.reduce((sum, engine) => add(sum, engine.counts), NOTHING);
  return atLeastOneFailure(counts, exitCode !== 0 || counts.passed === 0);
}

/** A run that ended badly though no test failed has one failure. */
function atLeastOneFailure(counts: Counts, endedBadly: boolean): Counts {
  return endedBadly && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
