import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter';

/** Serves `service` to whoever started this thread. */
export function serve(service: object): void {
  if (!parentPort) throw new Error('This script runs in a thread that nearface starts');
  expose(service, nodeEndpoint(parentPort));
}
