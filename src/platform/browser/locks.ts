import { throwIfAborted } from '../../core/errors.ts';

/** Web Locks exist on secure pages only; elsewhere every lock counts as free, and whether one is held cannot be found out. */
const manager = (): LockManager | undefined => (navigator as { locks?: LockManager }).locks;

/** Whether there are locks here: without them nobody knows what other pages are at. */
export const hasLocks = (): boolean => manager() !== undefined;

/**
 * Runs `work` with a lock of this origin, and tells it whether the lock was free: it does not wait for it. A lock that the browser
 * refuses, as to frames without storage, is free; when another script steals it, `stolen` is aborted, and the work is waited for.
 */
export async function withLock<T>(
  name: string,
  work: (isFree: boolean, stolen: AbortSignal) => Promise<T>,
): Promise<T> {
  const theft = new AbortController();
  const locks = manager();
  if (!locks) return work(true, theft.signal);
  let working: Promise<T> | undefined;
  const start = (lock: Lock | null): Promise<T> => (working = work(lock !== null, theft.signal));
  try {
    return await locks.request(name, { ifAvailable: true }, start);
  } catch {
    // Either another script stole the lock, or the work itself failed and has ended: then the signal does nothing.
    theft.abort();
    return working ?? work(true, new AbortController().signal);
  }
}

/** Whether a page or worker of this origin holds the lock. */
export async function isLockHeld(name: string): Promise<boolean> {
  return (await namesOfLocks()).includes(name);
}

/** Calls `free` once nobody holds the lock; never where there are no locks. */
export function whenFree(name: string, free: () => void, signal?: AbortSignal): void {
  manager()
    ?.request(name, signal ? { signal } : {}, free)
    .catch(() => undefined);
}

/** Holds a lock until this page or worker ends, and calls `held` once it does. One that is stolen is taken back, once. */
export function holdForever(name: string, held: () => void, options: LockOptions = {}): void {
  let isHeld = false;
  const hold = (): Promise<never> => {
    isHeld = true;
    held();
    return new Promise<never>(() => {});
  };
  manager()
    ?.request(name, options, hold)
    .catch(() => {
      if (isHeld && !options.steal) holdForever(name, () => {}, { steal: true });
    });
}

/** Holds a lock as soon as it is free, and calls `held` then, until `signal` aborts or this page or worker ends. */
export function holdUntil(name: string, signal: AbortSignal, held: () => void): void {
  const hold = (): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    held();
    return new Promise((end) => signal.addEventListener('abort', () => end(), { once: true }));
  };
  manager()
    ?.request(name, { signal }, hold)
    .catch(() => undefined);
}

/** Runs `work` with a lock of this origin, as soon as it is free. @throws NearFaceError `ABORTED` */
export async function inTurn<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  const locks = manager();
  if (!locks) return work();
  let working: Promise<T> | undefined;
  const start = (): Promise<T> => (working = work());
  try {
    return await locks.request(name, signal ? { signal } : {}, start);
  } catch {
    throwIfAborted(signal);
    return working ?? work();
  }
}

/** Holds a lock in shared mode, beside other holders, until the function that is returned is called. */
export function holdShared(name: string): () => void {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // A lock that the browser refuses is no error: the caller works without it.
  manager()
    ?.request(name, { mode: 'shared' }, () => held)
    .catch(() => undefined);
  return release;
}

/** The names of all locks that are held in this origin. */
export async function namesOfLocks(): Promise<readonly string[]> {
  const locks = await manager()
    ?.query()
    .catch(() => undefined);
  return (locks?.held ?? []).map(({ name = '' }) => name);
}
