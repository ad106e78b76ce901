import { NearFaceError } from '../core/errors.ts';
import { Forwarder } from './forwarder.ts';
import { type ForwardOptions, resolveForward } from './options.ts';

/**
 * Hands on, in a service worker, the requests under a prefix to the page that answers them with {@link answerRequests}. Call it when the script is run for the
 * first time, beside what else the service worker does. While no page answers, requests are 503 with a reason as JSON.
 *
 * @throws NearFaceError `BAD_PARAM`; `BACKEND_UNAVAILABLE` elsewhere than in a service worker
 */
export function forwardRequests(options?: ForwardOptions): void {
  const { basePath, claim } = resolveForward(options);
  const scope = globalThis as unknown as ServiceWorkerGlobalScope;
  if (typeof ServiceWorkerGlobalScope === 'undefined' || !(scope instanceof ServiceWorkerGlobalScope))
    throw new NearFaceError('BACKEND_UNAVAILABLE', 'forwardRequests is called in a service worker');
  const forwarder = new Forwarder(scope, basePath);
  if (claim) scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener('fetch', (event) => {
    const { origin, pathname } = new URL(event.request.url);
    const isUnder = pathname === basePath || pathname.startsWith(`${basePath}/`);
    if (origin === scope.location.origin && isUnder) event.respondWith(forwarder.answer(event.request));
  });
}
