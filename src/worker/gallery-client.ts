import { proxy } from 'comlink';
import type { Progress } from '../core/types.ts';
import { type CallOptions, WorkerClient } from './client.ts';
import type { GalleryApi, GalleryCalls, GalleryInfo } from './contract.ts';

/** How a call of the galleries is reported on. */
export interface GalleryCallOptions extends CallOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The gallery worker as the page sees it. */
export class GalleryClient extends WorkerClient<GalleryApi, GalleryInfo> {
  /** Calls by name; `CALL` among the arguments stands for the signal and the report. */
  ask<Name extends keyof GalleryCalls>(
    name: Name,
    args: Parameters<GalleryCalls[Name]>,
    { onProgress, ...options }: GalleryCallOptions = {},
  ): Promise<Awaited<ReturnType<GalleryCalls[Name]>>> {
    const report = onProgress && proxy((progress: Progress) => onProgress(progress));
    return this.call((remote, callId) => remote.call(callId, name, report, ...args), options);
  }
}
