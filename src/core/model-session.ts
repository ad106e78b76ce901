import type { ModelEntry } from './manifest.ts';

/** Inputs per run; more take memory and gain nothing. */
export const MAX_BATCH = 8;

/** A loaded model. Owned by whoever created it. */
export interface ModelSession {
  readonly entry: ModelEntry;
  /** The most inputs that one run takes; 1 for graphs with a fixed batch axis. */
  readonly maxBatch: number;
  /**
   * One run. `dims` is the shape of `input`, batch first; the outputs come in the order of `entry.outputs` (or
   * of the graph, where the entry names none), each a copy of its own.
   */
  run(input: Float32Array<ArrayBuffer>, dims: readonly number[]): Promise<readonly Float32Array[]>;
  /** Idempotent. */
  dispose(): Promise<void>;
}

/** A model that may not be loaded yet. */
export interface LazyModel {
  readonly entry: ModelEntry;
  /** Its session, loaded when it is first asked for; a failed or aborted load is tried again by the next call. */
  open(signal?: AbortSignal): Promise<ModelSession>;
}

/** A model that is loaded. */
export function loadedModel(session: ModelSession): LazyModel {
  return { entry: session.entry, open: async () => session };
}

/** The shape of `batch` inputs of a model. */
export function inputDims(
  { input }: ModelEntry,
  batch: number,
  size: readonly number[] = input.size,
): number[] {
  const [width, height] = size as [number, number];
  const channels = input.channels === 'grey' ? 1 : 3;
  return input.layout === 'nchw' ? [batch, channels, height, width] : [batch, height, width, channels];
}
