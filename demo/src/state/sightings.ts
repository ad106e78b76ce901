import { signal, type ReadonlySignal } from '@preact/signals';
import type { Face } from 'nearface';
import { fetchSample, SAMPLES, type Sample } from '../model/samples.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { findNames, type Names } from './photo-analysis.ts';
import type { PhotoItem } from './photo-item.ts';
import type { Settings } from './settings.ts';

/** Where the person who was enrolled last is seen again. */
export interface Sightings {
  readonly who: string;
  /** The photo that they were enrolled from. */
  readonly from: PhotoItem;
  /** Samples that are not open, in which they are. */
  readonly samples: readonly Sample[];
  /** Whether more samples are to be looked at. */
  readonly looking: boolean;
}

/** Looks for people who were enrolled in the samples that are not open. */
export interface SightingsStore {
  readonly last: ReadonlySignal<Sightings | undefined>;
  /** Notes that someone was enrolled; whoever tries the samples has the others looked at. */
  enrolled(who: string, from: PhotoItem): Promise<void>;
}

export function createSightings(
  engine: Engine,
  library: Library,
  settings: Settings,
  isOpen: (sample: Sample) => boolean,
): SightingsStore {
  const last = signal<Sightings | undefined>(undefined);
  /** Faces by sample; a sample is looked at once. */
  const known = new Map<Sample, readonly Face[]>();

  const facesOf = async (sample: Sample): Promise<readonly Face[]> => {
    const before = known.get(sample);
    if (before) return before;
    const { blob } = await fetchSample(sample);
    const { faces } = await (await engine.ready()).embed(blob, { mode: 'accurate' });
    known.set(sample, faces);
    return faces;
  };
  const isIn = async (sample: Sample, who: string): Promise<boolean> =>
    (await findNames(library, settings, await facesOf(sample))).some((names) => isNamed(names, who));

  return {
    last,
    async enrolled(who, from) {
      const mine = { who, from, samples: [], looking: from.isSample };
      last.value = mine;
      if (!from.isSample) return;
      let found: Sightings = mine;
      for (const sample of SAMPLES) {
        if (isOpen(sample)) continue;
        // What cannot be looked at is not offered; the next enrolment tries it again.
        const seen = await isIn(sample, who).catch(() => false);
        if (last.value !== found) return;
        if (seen) last.value = found = { ...found, samples: [...found.samples, sample] };
      }
      last.value = { ...found, looking: false };
    },
  };
}

/** Whether a face carries a name. */
export function isNamed({ name }: Names, who: string): boolean {
  return name?.record.meta === who;
}
