import { proxy } from 'comlink';
import type { Progress } from '../core/types.ts';

/** What a worker reports to. */
export function reporter(
  onProgress: ((progress: Progress) => void) | undefined,
): (progress: Progress) => void {
  return proxy((progress: Progress) => onProgress?.(progress));
}
