import { expect, test, vi } from 'vitest';
import { Stopwatch } from './stopwatch.ts';

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

test('loading a model counts for no stage, and not for the total', async () => {
  vi.useFakeTimers();
  try {
    const watch = new Stopwatch();
    const run = watch.measure('total', async () => {
      await watch.measure('landmarks', async () => {
        await sleep(5);
        await watch.exclude(() => sleep(700));
        await sleep(6);
      });
      await watch.measure('embed', () => sleep(7));
    });
    await vi.runAllTimersAsync();
    await run;
    watch.finish(true);
    expect(watch.timings).toEqual({ landmarks: 11, embed: 7, total: 18 });
  } finally {
    vi.useRealTimers();
  }
});
