import type { VideoInput } from '../../api/video-input.ts';
import type { HostVideo } from '../port.ts';
import { openFrames } from './frames/open-frames.ts';

export const openVideo: HostVideo['openVideo'] = (source, options) =>
  openFrames(source as VideoInput, options);
