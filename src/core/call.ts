import type { Progress } from './types.ts';

/** What goes with a call that may be long: how it is ended, and what it tells on its way. */
export interface Call {
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: Progress) => void) | undefined;
}
