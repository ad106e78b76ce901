import { describe, expect, it } from 'vitest';
import type { JobProgress } from '../../src/index.ts';
import { barOf, durationOf, ProgressTeller } from './progress.ts';

const at = (processed: number, total: number, rest: Partial<JobProgress> = {}): JobProgress => ({
  counts: { waiting: total - processed, added: processed, rejected: 0, skipped: 0, failed: 0 },
  ...{ processed, total, elapsedMs: 0, perSecond: 0, msLeft: null, ...rest },
});

/** What a teller writes, with a clock that is set by hand. */
function told(terminal: { readonly isTTY?: boolean; readonly columns?: number }): {
  readonly clock: { ms: number };
  readonly written: string[];
  readonly teller: ProgressTeller;
} {
  const [clock, written] = [{ ms: 0 }, [] as string[]];
  const teller = new ProgressTeller({ ...terminal, write: (text) => written.push(text) }, () => clock.ms);
  return { clock, written, teller };
}

describe('barOf', () => {
  it('is as full as the work is done', () => {
    expect(barOf(at(0, 10))).toBe(`[${'-'.repeat(30)}] 0/10`);
    expect(barOf(at(10, 10))).toBe(`[${'#'.repeat(30)}] 10/10`);
    const counts = { waiting: 5, added: 3, rejected: 1, skipped: 0, failed: 1 };
    expect(barOf(at(5, 10, { counts, perSecond: 12.34, msLeft: 31_000 }))).toBe(
      `[${'#'.repeat(15)}${'-'.repeat(15)}] 5/10  12.3/s  31 s left  1 rejected  1 failed`,
    );
  });
});

describe('durationOf', () => {
  it.each([
    [400, '0 s'],
    [31_000, '31 s'],
    [240_000, '4 min'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms', (ms, text) => {
    expect(durationOf(ms)).toBe(text);
  });
});

describe('ProgressTeller', () => {
  it('draws over one line of a terminal, within its width', () => {
    const { clock, written, teller } = told({ isTTY: true, columns: 40 });
    teller.tell(at(0, 3));
    clock.ms = 50;
    teller.tell(at(1, 3));
    clock.ms = 150;
    teller.tell(at(2, 3));
    teller.tell(at(3, 3));
    teller.end();
    teller.end();
    expect(written.map((text) => /\d\/3/.exec(text)?.[0])).toEqual(['0/3', '2/3', '3/3', undefined]);
    expect(written.join('').match(/\n/g)).toHaveLength(1);
    for (const text of written.slice(0, 3)) {
      expect(text.startsWith('\r')).toBe(true);
      expect(text.replace('\r', '').replace('\u001b[K', '').length).toBeLessThan(40);
    }
  });

  it('takes 80 columns for those of a terminal that tells none', () => {
    const { written, teller } = told({ isTTY: true, columns: 0 });
    teller.tell(at(3, 3));
    expect(written).toEqual([`\r[${'#'.repeat(30)}] 3/3\u001b[K`]);
  });

  it('writes a line now and then elsewhere, and the last one', () => {
    const { clock, written, teller } = told({});
    teller.tell(at(0, 9));
    for (clock.ms = 100; clock.ms <= 6000; clock.ms += 100) teller.tell(at(5, 9));
    teller.tell(at(9, 9));
    teller.end();
    expect(written).toEqual(['0/9\n', '5/9\n', '9/9\n']);
  });
});
