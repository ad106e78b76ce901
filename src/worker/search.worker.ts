import type { HelperStart } from '../search/threads/control.ts';
import { help } from '../search/threads/helper.ts';

addEventListener('message', ({ data }: MessageEvent<HelperStart>) => help(data), { once: true });
