import { serveFrames } from '../platform/browser/frames/serve-frames.ts';
import { tellAlive } from '../platform/browser/serve.ts';

addEventListener('message', ({ data }: MessageEvent<{ readonly port: MessagePort }>) =>
  serveFrames(data.port),
);
tellAlive();
