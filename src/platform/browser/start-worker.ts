import { NearFaceError } from '../../core/errors.ts';
import type { HelperThread, WorkerStart, WorkerThread } from '../port.ts';
import { createWorker, isForeign } from './create-worker.ts';
import { whenFree } from './locks.ts';
import { ALIVE } from './serve.ts';

/** WebKit keeps a database open whose worker is ended while it is being closed (at 0 ms; not at 100). */
const CLOSING_MS = 500;

/** Starts one of the library's workers; that it has ended is known by the lock that it holds while it lives. */
export function startWorker({ script, assets, name, onFailed, onEnded }: WorkerStart): WorkerThread {
  const url = new URL(`${script}.worker.js`, assets).href;
  const worker = createWorker(url, name);
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    onFailed(event.message ? failed(script, event.message) : notLoaded(url));
  });
  worker.addEventListener('message', (event) => event.data === ALIVE && whenFree(name, onEnded));
  return { endpoint: worker, lingerMs: CLOSING_MS, end: () => worker.terminate() };
}

/** Starts a worker that helps to search or to run models. */
export function startHelper(assets: string, onFailed: () => void, onReady?: () => void): HelperThread {
  const worker = createWorker(new URL('search.worker.js', assets).href, 'nearface-helper');
  return helperThread(worker, onFailed, onReady);
}

/** A worker that tells if it fails, and when it posts something. */
export function helperThread(worker: Worker, onFailed: () => void, onReady?: () => void): HelperThread {
  if (onReady) worker.addEventListener('message', onReady, { once: true });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    onFailed();
  });
  return worker;
}

function failed(script: string, message: string): NearFaceError {
  return new NearFaceError('WORKER_DIED', `The ${script} worker failed: ${message}`);
}

function notLoaded(url: string): NearFaceError {
  const [how, source] = isForeign(url)
    ? [' with Access-Control-Allow-Origin', 'blob: data:']
    : ['', "'self'"];
  const text =
    `The worker script ${url} could not be loaded; serve the library's dist folder there${how}, or name ` +
    `the folder that holds it with the option assets; a Content-Security-Policy needs: worker-src ${source}`;
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { url });
}
