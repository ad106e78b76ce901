import { NearFaceError } from '../../core/errors.ts';
import type { GalleryHost } from '../../platform/port.ts';
import type { GalleryApi, GalleryInfo, WireResult } from '../contract.ts';
import { answer } from '../jobs.ts';
import { NO_STORAGE } from '../no-storage.ts';

const REFUSED =
  'Node has no galleries yet: detect, embed and compare work, which need no storage; keep embeddings yourself, or enrol in a browser';

/** A gallery worker that keeps nothing: it opens, says so, and refuses every other call. */
export function noGalleries(version: string, host: GalleryHost): GalleryApi {
  const refuse = (): Promise<WireResult<never>> =>
    answer(() => {
      throw new NearFaceError('STORAGE_FAILED', REFUSED, { storage: 'refused' });
    });
  const own: Partial<GalleryApi> = {
    open: (_job, { threads }) =>
      answer((): GalleryInfo => {
        return { version, ...NO_STORAGE, warnings: [...host.missing(threads), REFUSED] };
      }),
    letGo: () => answer(() => undefined),
    abort: () => undefined,
  };
  return new Proxy(own as GalleryApi, {
    get: (target, name): unknown => Reflect.get(target, name) ?? refuse,
  });
}
