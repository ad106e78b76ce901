import { Worker } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/umd/node-adapter';
import { NearFaceError } from '../../core/errors.ts';
import type { HelperThread, WorkerStart, WorkerThread } from '../port.ts';
import { packageUrl } from './files.ts';

/** Starts one of the package's own scripts in a thread, wherever the assets are. */
export function startWorker({ script, name, onFailed, onEnded }: WorkerStart): WorkerThread {
  const url = scriptUrl(script);
  const worker = newThread(url, name);
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isMissing = error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND';
    onFailed(isMissing ? notLoaded(url.href, error) : failed(script, error));
  });
  worker.on('exit', onEnded);
  // Comlink's adapter takes an event emitter for an endpoint, which a thread is.
  const endpoint = nodeEndpoint(worker);
  return { endpoint, lingerMs: 0, end: () => void worker.terminate() };
}

/** Starts a thread that helps to search or to run models. */
export function startHelper(_assets: string, onFailed: () => void, onReady?: () => void): HelperThread {
  const worker = newThread(scriptUrl('search'), 'nearface-helper');
  worker.on('error', onFailed);
  if (onReady) worker.once('message', onReady);
  return worker;
}

/** What the script was started with is not for a thread of the package: `--input-type` would be refused. */
function newThread(url: URL, name: string): Worker {
  try {
    return new Worker(url, { name, execArgv: [] });
  } catch (error) {
    throw notLoaded(url.href, error as Error);
  }
}

function scriptUrl(script: string): URL {
  return new URL(`node/${script}.worker.js`, packageUrl());
}

function failed(script: string, error: Error): NearFaceError {
  return new NearFaceError('WORKER_DIED', `The ${script} worker failed: ${error.message}`, {}, error);
}

function notLoaded(url: string, error: Error): NearFaceError {
  const text =
    `The worker script ${url} could not be loaded: ${error.message}. The package nearface must stay a folder of its own: tell the ` +
    'bundler of a server that it is external';
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { url }, error);
}
