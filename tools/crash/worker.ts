import { expose } from 'comlink';
import { browserGalleries } from '../../src/worker/browser-galleries-service.ts';
import { GalleryService } from '../../src/worker/gallery-service.ts';
import type { DiscardMessage, ReachedMessage, Stage } from './protocol.ts';

/** Chromium's own addition to the event. */
type ChromiumEvent = IDBVersionChangeEvent & {
  readonly dataLoss?: 'none' | 'total';
  readonly dataLossMessage?: string;
};

function reached(stage: Stage): void {
  postMessage({ reached: stage } satisfies ReachedMessage);
}

const factory = IDBFactory.prototype;
const open = factory.open;
factory.open = function (...args: Parameters<IDBFactory['open']>): IDBOpenDBRequest {
  const request = open.apply(this, args);
  reached('opening');
  request.addEventListener('success', () => reached('database'));
  request.addEventListener('upgradeneeded', (event: ChromiumEvent) => {
    const message: DiscardMessage = { discarded: event.dataLossMessage ?? '' };
    if (event.dataLoss === 'total') postMessage(message);
  });
  return request;
};

reached('worker');
expose(new GalleryService({ version: 'crash', ...browserGalleries }));
