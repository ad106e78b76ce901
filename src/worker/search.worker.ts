import { type AnyHelperStart, startHelping } from './helper.ts';

const start = ({ data }: MessageEvent<AnyHelperStart>): void =>
  startHelping(data, () => postMessage('ready'));
addEventListener('message', start, { once: true });
