import { type EngineHelperStart, helpEngine } from '../runtime/engine/kernel.ts';
import type { HelperStart } from '../search/threads/control.ts';
import { help } from '../search/threads/helper.ts';

/** What a helper is sent first. */
export type AnyHelperStart = HelperStart | EngineHelperStart;

/** Helps to search or to run models until the worker is ended. `ready` is called before. */
export function startHelping(start: AnyHelperStart, ready: () => void): void {
  if ('kind' in start) helpEngine(start, ready);
  else help(start);
}
