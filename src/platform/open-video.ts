/** How videos are opened in a browser; the build for Node puts `node/open-video.ts` in the place of this file. */
export { openVideo } from './browser/open-video.ts';
