import type { Host } from '../port.ts';
import type { ImageInput } from '../../api/image-input.ts';
import { assetsUrl, baseUrl } from './assets.ts';
import { decodeInPage } from './decode-in-page.ts';
import { toWireImage } from './image-input.ts';
import { isLockHeld, withLock } from './locks.ts';
import { startWorker } from './start-worker.ts';

/** A page, or a worker in which an instance lives. */
export const browserHost: Host = {
  get isIsolated() {
    return globalThis.crossOriginIsolated;
  },
  get address() {
    return location.href;
  },
  locks: { withLock, isLockHeld },
  assetsUrl,
  baseUrl,
  startWorker,
  readImage: (input, param, signal) => toWireImage(input as ImageInput, param, signal),
  decodeRefused: decodeInPage,
  persistStorage: () => navigator.storage?.persist?.(),
};
