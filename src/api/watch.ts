import { loadVideoCode } from './load-video-code.ts';
import type { Session } from './session.ts';
import { checkWatch, completeWatch } from './resolve-watch.ts';
import { VideoSession } from './video-session.ts';
import type { WatchOptions } from './watch-options.ts';

/** Starts a session; see {@link NearFace.watch}. */
export function watch(session: Session, source: unknown, raw: WatchOptions | undefined): VideoSession {
  session.throwIfDisposed();
  const options = checkWatch(raw);
  // With a camera, what its record says decides as well.
  if (options.cameraId === undefined) completeWatch(options);
  const { cameraId, signal } = options;
  return new VideoSession({
    now: () => performance.now(),
    load: async () => {
      const { openParts } = await loadVideoCode(() => import('./watch-run.ts'));
      return openParts(session, source, options);
    },
    overlay: (width, height) => session.host.createOverlay(width, height),
    ...(cameraId !== undefined && { cameraId }),
    ...(signal && { signal }),
  });
}
