import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Comparison, FacePair } from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import type { Settings } from './settings.ts';

export type Side = 'a' | 'b';

export interface ComparePhoto {
  readonly name: string;
  readonly blob: Blob;
  /** Object URL of `blob`. */
  readonly url: string;
}

export type CompareState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'working' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'done'; readonly comparison: Comparison };

export interface CompareStore {
  readonly photos: Readonly<Record<Side, ReadonlySignal<ComparePhoto | undefined>>>;
  readonly state: ReadonlySignal<CompareState>;
  /** Index into `comparison.pairs` of the pair that is shown. */
  readonly pair: Signal<number>;
  set(side: Side, photo: { readonly name: string; readonly blob: Blob }): void;
  clear(side: Side): void;
  retry(): void;
}

export function createCompareStore(engine: Engine, settings: Settings): CompareStore {
  const photos = {
    a: signal<ComparePhoto | undefined>(undefined),
    b: signal<ComparePhoto | undefined>(undefined),
  };
  const state = signal<CompareState>({ kind: 'empty' });
  const pair = signal(0);
  const attempt = signal(0);
  let controller = new AbortController();

  const run = async (a: Blob, b: Blob, threshold: ReturnType<typeof toThreshold>): Promise<void> => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    state.value = { kind: 'working' };
    try {
      const nf = await engine.ready();
      const options = {
        faces: 'all',
        mode: 'accurate',
        threshold,
        signal,
        returnDetails: { crop: true },
      } as const;
      const comparison = await nf.compare(a, b, options);
      if (signal.aborted) return;
      pair.value = closest(comparison);
      state.value = { kind: 'done', comparison };
    } catch (error) {
      if (!signal.aborted) state.value = { kind: 'failed', error };
    }
  };

  effect(() => {
    void attempt.value;
    const [a, b] = [photos.a.value, photos.b.value];
    const threshold = toThreshold(settings.threshold.value);
    if (a && b) void run(a.blob, b.blob, threshold);
    else state.value = { kind: 'empty' };
  });

  const clear = (side: Side): void => {
    const before = photos[side].value;
    if (before) URL.revokeObjectURL(before.url);
    photos[side].value = undefined;
  };
  return {
    photos,
    state,
    pair,
    set(side, { name, blob }) {
      clear(side);
      photos[side].value = { name, blob, url: URL.createObjectURL(blob) };
    },
    clear,
    retry: () => attempt.value++,
  };
}

/** The pair that is surest to be of one person. */
function closest({ pairs }: Comparison): number {
  const sure = ({ confidence, cosine }: FacePair): number => confidence ?? cosine;
  return pairs.reduce((best, pair, i) => (sure(pair) > sure(pairs[best]!) ? i : best), 0);
}
