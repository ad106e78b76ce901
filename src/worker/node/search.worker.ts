import { parentPort } from 'node:worker_threads';
import type { HelperStart } from '../../search/threads/control.ts';
import { help } from '../../search/threads/helper.ts';

parentPort?.once('message', (start: HelperStart) => help(start));
