import type { Host } from '../port.ts';
import type { DecodeHook, ImageInput } from '../../api/image-input.ts';
import { assetsUrl, baseUrl } from './assets.ts';
import { decodeInPage } from './decode-in-page.ts';
import { isImageInput, toWireImage } from './image-input.ts';
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
  isImage: isImageInput,
  readImage: (input, param, signal) => toWireImage(input as ImageInput, param, signal),
  decodeRefused: ({ file, hook, param, refusal }, signal) =>
    decodeInPage(file, hook as DecodeHook | undefined, param, refusal, signal),
  persistStorage: () => navigator.storage?.persist?.(),
};
