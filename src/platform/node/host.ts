import { badParam, NearFaceError } from '../../core/errors.ts';
import { copyPixels, isPixels } from '../../image/given.ts';
import { decodeByHook, isText } from '../decode-by-hook.ts';
import type { Host } from '../port.ts';
import { assetsUrl, baseUrl } from './files.ts';
import { readImage } from './image-input.ts';
import { processLocks } from './locks.ts';
import { startWorker } from './start-worker.ts';
import { visionWorkers } from './vision-workers.ts';

/** A script that runs in Node. */
export const host: Host = {
  isIsolated: true,
  get address() {
    return `process ${process.pid}`;
  },
  locks: processLocks(),
  get visionWorkers() {
    return visionWorkers();
  },
  assetsUrl,
  baseUrl,
  startWorker,
  readImage,
  async decodeRefused(refused, signal) {
    const { file, hook } = refused;
    if (!hook || isText(file)) return undefined;
    const decoded = await decodeByHook(refused, signal);
    if (!isPixels(decoded))
      throw badParam('the answer of options.decode', decoded, 'pixels { width, height, data }');
    const pixels = copyPixels(decoded, 'the answer of options.decode');
    return { image: { kind: 'pixels', pixels, file }, transfer: [pixels.data.buffer] };
  },
  openCamera: () => Promise.reject(noVideo()),
  pictureToSend: () => {
    throw noVideo();
  },
  createOverlay: () => {
    throw noVideo();
  },
  persistStorage: () => undefined,
};

/** What is said of all videos here. */
export function noVideo(): NearFaceError {
  return new NearFaceError('BACKEND_UNAVAILABLE', 'Node decodes no videos; open them in a browser');
}
