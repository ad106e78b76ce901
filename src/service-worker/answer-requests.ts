import { badParam, NearFaceError } from '../core/errors.ts';
import { randomId } from '../core/random-id.ts';
import { holdUntil } from '../platform/browser/locks.ts';
import { isOffer, type PageMessage } from './messages.ts';
import { type AnswerOptions, lockOf, resolveAnswer } from './options.ts';
import { type PageHandler, take } from './take.ts';

/** A page that answers requests. */
export interface Answering {
  /** Takes no more requests; those under way are answered. Another page that waits takes over. Safe to call twice. */
  stop(): void;
}

/**
 * Answers, in a page, the requests that a service worker with {@link forwardRequests} hands on. Where several pages call it, one answers, and when it is
 * closed the next one does.
 *
 * @param handle - made with the same `basePath`
 * @throws NearFaceError `BAD_PARAM`; `BACKEND_UNAVAILABLE` where there are no service workers: elsewhere than in a page, and in pages that are not
 * secure
 */
export function answerRequests(handle: PageHandler, options?: AnswerOptions): Answering {
  if (typeof handle !== 'function') throw badParam('handle', handle, 'a function, as createHandler makes it');
  const { basePath } = resolveAnswer(options);
  const workers = containerOfPage();
  const [life, stopped] = [randomId(), new AbortController()];
  let isMine = false;
  // The life of the page is a lock of its own: what it has taken is answered also once another page takes over.
  holdUntil(life, new AbortController().signal, () => undefined);
  holdUntil(lockOf(basePath), stopped.signal, () => (isMine = true));
  const onMessage = ({ data, ports: [port], source }: MessageEvent): void => {
    if (!isOffer(data) || data.basePath !== basePath || !port || !(source instanceof ServiceWorker)) return;
    if (isMine && !stopped.signal.aborted) take(handle, data, port, life);
    else port.postMessage({ kind: 'refused' } satisfies PageMessage);
  };
  workers.addEventListener('message', onMessage);
  workers.startMessages();
  return {
    stop: () => {
      stopped.abort();
      workers.removeEventListener('message', onMessage);
    },
  };
}

function containerOfPage(): ServiceWorkerContainer {
  const { serviceWorker } = (globalThis as { navigator?: Partial<Navigator> }).navigator ?? {};
  if (serviceWorker && typeof document !== 'undefined') return serviceWorker;
  const message =
    'There are no service workers here: answerRequests is called in a page, over https or localhost';
  throw new NearFaceError('BACKEND_UNAVAILABLE', message);
}
