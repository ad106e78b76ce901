import type { Host } from '../port.ts';
import type { ImageInput } from '../../api/image-input.ts';
import type { HostPicture } from '../../core/wire-image.ts';
import { assetsUrl, baseUrl } from './assets.ts';
import type { BrowserInput } from './browser-image.ts';
import { decodeInPage } from './decode-in-page.ts';
import { openCamera } from './open-camera.ts';
import type { Picture } from './frames/picture.ts';
import { toWireImage } from './image-input.ts';
import { isLockHeld, withLock } from './locks.ts';
import { passkeys } from './passkeys.ts';
import { createOverlay } from './overlay.ts';
import { startWorker } from './start-worker.ts';
import { visionWorkersFor } from './vision-workers.ts';

/** A page, or a worker in which an instance lives. */
export const browserHost: Host = {
  get isIsolated() {
    return globalThis.crossOriginIsolated;
  },
  get address() {
    return location.href;
  },
  locks: { withLock, isLockHeld },
  get visionWorkers() {
    const { hardwareConcurrency, deviceMemory } = navigator as Navigator & { deviceMemory?: number };
    return visionWorkersFor(hardwareConcurrency, deviceMemory);
  },
  assetsUrl,
  baseUrl,
  startWorker,
  readImage: (input, param, signal) => toWireImage(input as ImageInput, param, signal),
  decodeRefused: decodeInPage,
  openCamera,
  pictureToSend(picture: HostPicture): BrowserInput {
    const image = picture as Picture;
    return 'displayWidth' in image
      ? { image: { kind: 'frame', frame: image }, transfer: [image] }
      : { image: { kind: 'bitmap', bitmap: image }, transfer: [image] };
  },
  createOverlay,
  passkeys,
  persistStorage: () => navigator.storage?.persist?.(),
};
