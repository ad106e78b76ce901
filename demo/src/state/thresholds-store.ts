import { computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { AuditFinding, OwnCalibration } from 'nearface';
import { confidenceOf } from '../model/rate-words.ts';
import { createAuditDeeds, type AuditDeeds, type Findings } from './audit-deeds.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { createLongTask, type LongTask } from './long-task.ts';
import type { Settings } from './settings.ts';

/** What was measured, and in what state of the gallery. */
export interface Measurement {
  readonly calibration: OwnCalibration;
  readonly falseMatchRate: number;
  readonly version: number;
}

/** How good the gallery in use is. */
export interface ThresholdsStore extends AuditDeeds {
  readonly measuring: LongTask<Measurement>;
  /** Whether the gallery has changed since it was measured. */
  readonly isStale: ReadonlySignal<boolean>;
  /** The false match rate that the recommended level is to keep. */
  readonly falseMatchRate: Signal<number>;
  /** The threshold that is looked at, a confidence. */
  readonly place: Signal<number>;
  readonly auditing: LongTask<Findings>;
}

/** Wrong pairs of each kind that are asked for. */
const PAIRS = 200;
/** Findings of a page, and the most that are told at a time. */
const [PAGE, MOST_FINDINGS] = [100, 400];

interface ThresholdsParts {
  readonly engine: Engine;
  readonly library: Library;
  readonly settings: Settings;
  readonly announcement: Signal<string>;
}

export function createThresholdsStore(parts: ThresholdsParts): ThresholdsStore {
  const { engine, library, settings } = parts;
  const falseMatchRate = signal(1e-3);
  const place = signal(confidenceOf('default'));

  const measuring = createLongTask<Measurement>(async ({ signal: stop, report }, tell) => {
    const gallery = await library.gallery();
    const [version, wanted] = [library.version.peek(), falseMatchRate.peek()];
    const calibration = await gallery.calibrate({
      falseMatchRate: wanted,
      pairs: PAIRS,
      signal: stop,
      onProgress: ({ done, total }) => report(done / total),
    });
    tell({ calibration, falseMatchRate: wanted, version });
    place.value = confidenceOf(calibration.recommended.name);
  });

  const auditing = createLongTask<Findings>(async ({ signal: stop, report }, tell) => {
    const gallery = await library.gallery();
    const list: AuditFinding[] = [];
    let cursor: string | undefined;
    do {
      const page = await gallery.audit({
        limit: PAGE,
        signal: stop,
        onProgress: ({ done, total }) => report(done / total),
        ...(cursor !== undefined && { cursor }),
      });
      list.push(...page.findings);
      cursor = page.cursor;
      tell({ list: [...list], hasMore: cursor !== undefined });
    } while (cursor !== undefined && list.length < MOST_FINDINGS);
  });

  // What was found is of one gallery, and of one instance, whose model may be another.
  const instance = computed(() => (engine.state.value.kind === 'ready' ? engine.state.value.nf : undefined));
  effect(() => {
    void settings.gallery.value;
    void instance.value;
    untracked(() => {
      measuring.reset();
      auditing.reset();
    });
  });
  const isStale = computed(() => {
    const measured = measuring.result.value;
    return measured !== undefined && measured.version !== library.version.value;
  });
  return { measuring, isStale, falseMatchRate, place, auditing, ...createAuditDeeds(parts, auditing) };
}
