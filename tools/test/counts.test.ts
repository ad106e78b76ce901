import { describe, expect, it } from 'vitest';
import { add, enginesCounts, line, NOTHING, one, playwrightCounts, vitestCounts } from './counts.ts';

const vitest = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  success: true,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
};

describe('counts of the runners', () => {
  it('adds up and prints one line', () => {
    const sum = [one('passed'), one('failed'), one('passed')].reduce(add, NOTHING);
    expect(line(sum)).toBe('2 passed, 1 failed');
    expect(line(add(sum, one('skipped')))).toBe('2 passed, 1 failed, 1 skipped');
  });

  it('takes vitest at its word', () => {
    expect(vitestCounts(vitest, 0, '!long')).toEqual({ passed: 5, failed: 0, skipped: 1 });
    expect(vitestCounts({ ...vitest, numFailedTests: 2, success: false }, 1, '!long').failed).toBe(2);
  });

  it('does not count as skipped what the other of the two runs runs', () => {
    const assertionResults = [
      { status: 'skipped', tags: ['long'] },
      { status: 'skipped', tags: [] },
      { status: 'passed', tags: [] },
    ];
    const both = { ...vitest, numPendingTests: 2, testResults: [{ status: 'passed', assertionResults }] };
    expect(vitestCounts(both, 0, '!long').skipped).toBe(1);
    expect(vitestCounts(both, 0, 'long').skipped).toBe(1);
  });

  it('counts a test file that could not be loaded, an unhandled error and an empty run as failed', () => {
    const unloaded = { ...vitest, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(vitestCounts({ ...unloaded, success: false }, 1, '!long').failed).toBe(1);
    expect(vitestCounts(vitest, 1, '!long').failed).toBe(1);
    expect(vitestCounts({ ...vitest, numPassedTests: 0 }, 0, '!long').failed).toBe(1);
  });

  it('counts a flaky browser test and a server that did not start as failed', () => {
    const stats = { expected: 7, unexpected: 0, flaky: 1, skipped: 0 };
    expect(playwrightCounts({ stats, errors: [] }, 0)).toEqual({ passed: 7, failed: 1, skipped: 0 });
    const none = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
    expect(playwrightCounts({ stats: none, errors: [{}] }, 1).failed).toBe(1);
  });

  it('adds up the engines, and counts a run that ended badly or found none as failed', () => {
    const engines = [{ counts: { passed: 40, failed: 0, skipped: 1 } }, { counts: one('skipped') }];
    expect(enginesCounts(engines, 0)).toEqual({ passed: 40, failed: 0, skipped: 2 });
    expect(enginesCounts(engines, 1).failed).toBe(1);
    expect(enginesCounts([], 0).failed).toBe(1);
  });
});
