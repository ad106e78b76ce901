/** Keeps history no longer than it is to be kept. */

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** What goes on by the clock. */
export interface Clock {
  now(): number;
  /** Calls something once an hour, and answers what ends that. */
  hourly(work: () => void): () => void;
}

/** The machine's; waiting keeps no process alive. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  hourly: (work) => {
    const timer: unknown = setInterval(work, HOUR_MS);
    (timer as { unref?: () => void }).unref?.();
    return () => clearInterval(timer as number);
  },
};

/**
 * Removes what is older than so many days, now and once an hour. What fails, as where another page encrypts the database, is tried again
 * an hour later. Answers what ends it.
 */
export function keepFor(
  days: number,
  prune: (before: number) => Promise<unknown>,
  clock: Clock = CLOCK,
): () => void {
  const run = (): void => void prune(clock.now() - days * DAY_MS).catch(() => undefined);
  run();
  return clock.hourly(run);
}
