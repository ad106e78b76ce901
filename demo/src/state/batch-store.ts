import { signal, type ReadonlySignal } from '@preact/signals';
import type { EnrolOutcome, FacesRule, Gallery, NearFace } from 'nearface';
import { nameFromFile } from '../model/format.ts';
import { gateOf, rejectedWords, type GateChoice } from '../model/gates.ts';
import { fetchSample, MADE_UP_NAMES, SAMPLES } from '../model/samples.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { versionsOf } from './sample-versions.ts';

/** How photos that are enrolled together are treated. */
export interface BatchOptions {
  readonly faces: FacesRule;
  /** One name for all; without it each face is named after its file. */
  readonly meta?: string;
  /** Faces below it are not enrolled. */
  readonly gate: GateChoice;
}

/** An enrolment of many photos, under way or done. */
export interface Batch {
  readonly title: string;
  readonly running: boolean;
  readonly done: number;
  readonly total: number;
  /** In the order in which the photos finished. */
  readonly outcomes: readonly BatchOutcome[];
  /** What ended it before the last photo. */
  readonly error?: unknown;
}

export interface BatchOutcome {
  readonly name: string;
  /** How many faces were stored. */
  readonly added: number;
  /** Why each face that was not good enough was left out, in words. */
  readonly rejected: readonly string[];
  readonly error?: unknown;
}

export interface BatchStore {
  readonly batch: ReadonlySignal<Batch | undefined>;
  enrol(files: readonly File[], options: BatchOptions): Promise<void>;
  /** Enrols everyone in the sample photos under made-up names, the same person under one name. */
  enrolSamples(): Promise<void>;
  /** The same of three versions of each sample, so that everybody has several faces. */
  enrolVersions(): Promise<void>;
  cancel(): void;
  dismiss(): void;
}

export function createBatchStore(engine: Engine, library: Library): BatchStore {
  const batch = signal<Batch | undefined>(undefined);
  let controller = new AbortController();

  const begin = (title: string, total: number): AbortSignal => {
    controller = new AbortController();
    batch.value = { title, running: true, done: 0, total, outcomes: [] };
    return controller.signal;
  };
  const report = (outcome: BatchOutcome): void => {
    const now = batch.value;
    if (now) batch.value = { ...now, done: now.done + 1, outcomes: [...now.outcomes, outcome] };
  };
  const end = async (work: Promise<unknown>): Promise<void> => {
    let error: unknown;
    await work.catch((caught: unknown) => (error = caught));
    await library.refresh();
    if (batch.value) batch.value = { ...batch.value, running: false, ...(error !== undefined && { error }) };
  };

  /** Enrols everyone in the samples; `versions` are the photos made of each, with a word for each but the first. */
  const enrolEach = async (
    title: string,
    versions: readonly string[],
    make: (photo: Blob) => Promise<readonly Blob[]>,
  ): Promise<void> => {
    const signal = begin(title, SAMPLES.length * versions.length);
    const work = async (): Promise<void> => {
      const [nf, gallery] = [await engine.ready(), await library.gallery()];
      const names = [...MADE_UP_NAMES];
      for (const sample of SAMPLES) {
        const { blob } = await fetchSample(sample);
        for (const [i, photo] of (await make(blob)).entries()) {
          const outcome = await enrolEveryone(nf, gallery, names, photo, signal);
          report({ name: `${sample.name}${versions[i] ?? ''}`, ...outcome });
        }
      }
    };
    await end(work());
  };

  return {
    batch,
    async enrol(files, { faces, meta, gate }) {
      const minQuality = gateOf(gate);
      const signal = begin(files.length === 1 ? files[0]!.name : `${files.length} photos`, files.length);
      const items = files.map((image) => ({ image, meta: meta ?? nameFromFile(image.name) }));
      const work = async (): Promise<void> => {
        const gallery = await library.gallery();
        const onProgress = (_: unknown, outcome: EnrolOutcome): void => report(toOutcome(outcome));
        const quality = minQuality && { minQuality };
        await gallery.addMany(items, { faces, mode: 'accurate', ...quality, signal, onProgress });
      };
      await end(work());
    },
    enrolSamples: () => enrolEach('The sample photos', [''], async (photo) => [photo]),
    enrolVersions: () =>
      enrolEach('The sample photos in three versions', ['', ', mirrored', ', dimmed'], versionsOf),
    cancel: () => controller.abort(),
    dismiss: () => (batch.value = undefined),
  };
}

/** Stores each face of a photo; a person who has no name yet takes the next of `names`. */
async function enrolEveryone(
  nf: NearFace,
  gallery: Gallery,
  names: string[],
  photo: Blob,
  signal: AbortSignal,
): Promise<Pick<BatchOutcome, 'added' | 'rejected'>> {
  const { records, rejected } = await gallery.add(photo, { faces: 'all', mode: 'accurate', signal });
  for (const { id, personId } of records) {
    const person = personId === undefined ? undefined : await nf.people.get(personId);
    if (person?.named) await gallery.update(id, { meta: person.meta });
    else if (person) await nf.people.rename(person.id, names.shift() ?? 'Someone');
  }
  return { added: records.length, rejected: rejected.map((face) => rejectedWords([face])) };
}

function toOutcome(outcome: EnrolOutcome): BatchOutcome {
  const { name, status } = outcome;
  if (status === 'failed') return { name, added: 0, rejected: [], error: outcome.error };
  const rejected = outcome.rejected.map((face) => rejectedWords([face]));
  return { name, added: status === 'added' ? outcome.records.length : 0, rejected };
}
