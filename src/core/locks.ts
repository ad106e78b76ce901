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
