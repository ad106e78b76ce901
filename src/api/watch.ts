import { NearFaceError } from '../core/errors.ts';
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
    load: async () => (await loadCode()).openParts(session, source, options),
    overlay: (width, height) => session.host.createOverlay(width, height),
    ...(cameraId !== undefined && { cameraId }),
    ...(signal && { signal }),
  });
}

/** The code for videos is loaded with the first of them. */
async function loadCode(): Promise<typeof import('./watch-run.ts')> {
  try {
    return await import('./watch-run.ts');
  } catch (error) {
    const what =
      'The code for videos could not be loaded; the files nearface.*.js must lie beside nearface.js, all of one version';
    throw NearFaceError.from(error, 'BACKEND_UNAVAILABLE', what);
  }
}
