import type { HostVideo } from '../port.ts';
import { noVideo } from './host.ts';

export const openVideo: HostVideo['openVideo'] = () => Promise.reject(noVideo());
