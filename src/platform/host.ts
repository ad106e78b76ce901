/** The host of this build: a browser; the build for Node puts `node/host.ts` in the place of this file. */
export { browserHost as host } from './browser/host.ts';
