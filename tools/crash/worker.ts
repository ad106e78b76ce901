import { expose } from 'comlink';
import { GalleryService } from '../../src/worker/gallery-service.ts';
import type { DiscardMessage } from './protocol.ts';

/** Chromium's own addition to the event. */
type ChromiumEvent = IDBVersionChangeEvent & {
  readonly dataLoss?: 'none' | 'total';
  readonly dataLossMessage?: string;
};

const factory = IDBFactory.prototype;
const open = factory.open;
factory.open = function (...args: Parameters<IDBFactory['open']>): IDBOpenDBRequest {
  const request = open.apply(this, args);
  request.addEventListener('upgradeneeded', (event: ChromiumEvent) => {
    const message: DiscardMessage = { discarded: event.dataLossMessage ?? '' };
    if (event.dataLoss === 'total') postMessage(message);
  });
  return request;
};

expose(new GalleryService({ version: 'crash' }));
