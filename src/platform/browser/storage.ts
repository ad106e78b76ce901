import type { OriginStorage } from '../port.ts';

/** The storage of this page's origin. A page that is not secure is told nothing of it. */
export const originStorage: OriginStorage = {
  get address() {
    return location.href;
  },
  get origin() {
    return location.origin;
  },
  get isOpaque() {
    return globalThis.origin === 'null';
  },
  async estimate() {
    try {
      const { usage = 0, quota = 0 } = await navigator.storage.estimate();
      return { usage, quota };
    } catch {
      return { usage: 0, quota: 0 };
    }
  },
  async isPersisted() {
    try {
      return await navigator.storage.persisted();
    } catch {
      return false;
    }
  },
};
