/**
 * Does work with a signal that aborts as soon as one of several does, with its reason. `AbortSignal.any` does so too, in newer browsers.
 *
 * @param signals - absent ones never abort
 */
export async function withAnySignal<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopper = new AbortController();
  const stops = signals.flatMap((signal) => {
    if (!signal) return [];
    const stop = (): void => stopper.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return [() => signal.removeEventListener('abort', stop)];
  });
  try {
    return await work(stopper.signal);
  } finally {
    for (const forget of stops) forget();
  }
}
