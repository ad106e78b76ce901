import { parentPort } from 'node:worker_threads';
import { type AnyHelperStart, startHelping } from '../helper-service.ts';

const start = (given: AnyHelperStart): void => startHelping(given, () => parentPort?.postMessage('ready'));
parentPort?.once('message', start);
