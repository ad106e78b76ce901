import type { Locks } from '../port.ts';

/** Locks among the instances of one process: what they share, galleries in memory, does not outlive it. */
export function processLocks(): Locks {
  const held = new Set<string>();
  return {
    async withLock(name, work) {
      const { signal } = new AbortController();
      if (held.has(name)) return work(false, signal);
      held.add(name);
      try {
        return await work(true, signal);
      } finally {
        held.delete(name);
      }
    },
    isLockHeld: async (name) => held.has(name),
  };
}
