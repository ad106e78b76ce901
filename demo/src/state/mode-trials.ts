import { signal, type ReadonlySignal } from '@preact/signals';
import type { Box, Detection } from 'nearface';
import { findOptions, MODES, type Mode } from '../model/call-text.ts';
import { median } from '../model/format.ts';
import type { Engine } from './engine.ts';
import type { PhotoItem } from './photo-item.ts';
import type { Settings } from './settings.ts';

/** What one mode found, and how long the whole call took. */
export interface ModeTrial {
  readonly mode: Mode;
  readonly detection: Detection;
  /** Median of {@link RUNS} calls of `detect` without details, decoding and the way to the worker included. */
  readonly ms: number;
}

export interface TrialSet {
  readonly item: PhotoItem;
  readonly area: Box | undefined;
  readonly autoRotate: boolean;
  readonly trials: readonly ModeTrial[];
  readonly running: boolean;
  readonly error?: unknown;
}

export interface ModeTrials {
  /** The newest comparison; it holds for its photo, area and rotation only. */
  readonly set: ReadonlySignal<TrialSet | undefined>;
  /** Looks at the photo in each mode, by turns so that a warming machine favours none. */
  run(item: PhotoItem): Promise<void>;
}

/** Calls per mode. */
export const RUNS = 3;

export function createModeTrials(engine: Engine, settings: Settings): ModeTrials {
  const set = signal<TrialSet | undefined>(undefined);
  return {
    set,
    async run(item) {
      if (set.value?.running) return;
      const [area, autoRotate] = [item.area.value, settings.autoRotate.value];
      const about = { item, area, autoRotate };
      set.value = { ...about, trials: [], running: true };
      try {
        const nf = await engine.ready();
        const times = MODES.map((): number[] => []);
        let detections: Detection[] = [];
        for (let i = 0; i < RUNS; i++) {
          detections = [];
          for (const [at, mode] of MODES.entries()) {
            const details = { quality: false, attributes: false, liveness: false };
            const call = { mode, autoRotate, ...details, ...(area && { area }) };
            const start = performance.now();
            detections.push(await nf.detect(item.blob, findOptions(call)));
            times[at]!.push(performance.now() - start);
          }
        }
        const trials = MODES.map((mode, i) => ({ mode, detection: detections[i]!, ms: median(times[i]!) }));
        set.value = { ...about, trials, running: false };
      } catch (error) {
        set.value = { ...about, trials: [], running: false, error };
      }
    },
  };
}
