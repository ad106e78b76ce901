import { throwIfAborted } from './errors.ts';

/** Web Locks exist on secure pages only; elsewhere every lock is free, and nobody can tell whether one is held. */
const manager = (): LockManager | undefined => (navigator as { locks?: LockManager }).locks;

/** Runs `work` with a lock of this origin, and tells it whether the lock was free: it does not wait for it. */
export function withLock<T>(name: string, work: (isFree: boolean) => Promise<T>): Promise<T> {
  const locks = manager();
  if (!locks) return work(true);
  return locks.request(name, { ifAvailable: true }, (lock) => work(lock !== null));
}

/** Whether a page or worker of this origin holds the lock. */
export async function isLockHeld(name: string): Promise<boolean> {
  const { held = [] } = (await manager()?.query()) ?? {};
  return held.some((lock) => lock.name === name);
}

/** Runs `work` with a lock of this origin, as soon as it is free. @throws NearFaceError `ABORTED` */
export async function inTurn<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  const locks = manager();
  if (!locks) return work();
  try {
    return await locks.request(name, signal ? { signal } : {}, work);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** Holds a lock together with whoever holds it, until the answered function is called. */
export function holdShared(name: string): () => void {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // Where it cannot be held nobody is told.
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
