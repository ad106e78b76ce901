import { type AnyHelperStart, startHelping } from './helper-service.ts';

const start = ({ data }: MessageEvent<AnyHelperStart>): void =>
  startHelping(data, () => postMessage('ready'));
addEventListener('message', start, { once: true });
