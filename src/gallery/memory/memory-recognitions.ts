import { jobExists, recognising } from '../job-steps.ts';
import type {
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  StoredAppearance,
  StoredAppearances,
  StoredRecognition,
} from '../port.ts';
import {
  advanced,
  checkStaging,
  compareAppearances,
  facesOfAppearance,
  forgottenAppearance,
  newRecognition,
  sourceOf,
  triedAgain,
} from '../recognition-steps.ts';
import { readGallery } from './galleries.ts';
import { putJob, readJob } from './job-items.ts';
import type { MemoryStore, MemoryTx } from './memory-tx.ts';
import type { MemoryRecognition } from './tables.ts';

const NOTHING: MemoryRecognition = { pieces: new Map(), checkpoint: null, appearances: [] };

/** Jobs that recognise, of a database in memory. */
export class MemoryRecognitions implements RecognitionStore {
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition> {
    return this.#store.run((tx) => {
      for (const gallery of made.galleries) readGallery(tx, gallery);
      if (tx.jobs.has(id)) throw jobExists(id);
      const job = newRecognition(id, structuredClone(made));
      putJob(tx, job);
      return structuredClone(job);
    });
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#store.run((tx) => {
      checkStaging(read(tx, id), source);
      const { pieces } = keptOf(tx, id);
      const more = new Map(pieces).set(source, [...(pieces.get(source) ?? []), bytes.slice()]);
      keep(tx, id, { pieces: more });
    });
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.run((tx) => {
      sourceOf(read(tx, id), source);
      return keptOf(tx, id).pieces.get(source)?.[no]?.slice() ?? null;
    });
  }

  saveRecognition(id: string, given: RecognitionStep): Promise<StoredRecognition> {
    return this.#store.run((tx) => {
      const before = read(tx, id);
      if (before.state === 'cancelled') return structuredClone(before);
      const { appearances, checkpoint, ...step } = structuredClone(given);
      const job = advanced(before, given);
      const kept = keptOf(tx, id);
      const isNew = ({ source, track }: StoredAppearance): boolean =>
        appearances.some((other) => other.source === source && other.track === track);
      const others = kept.appearances.filter((each) => !isNew(each));
      const pieces = new Map(kept.pieces);
      if (step.ended && !step.ended.error) pieces.delete(step.source);
      keep(tx, id, {
        ...{ pieces, checkpoint },
        appearances: [...others, ...appearances].sort(compareAppearances),
      });
      putJob(tx, job);
      return structuredClone(job);
    });
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.run((tx) => {
      read(tx, id);
      return keptOf(tx, id).checkpoint?.slice() ?? null;
    });
  }

  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    return this.#store.run((tx) => {
      read(tx, id);
      const { appearances } = keptOf(tx, id);
      return structuredClone({
        appearances: appearances.slice(offset, offset + limit),
        total: appearances.length,
      });
    });
  }
}

/** Lets the failed sources of a job wait again; what was seen of them goes. */
export function retryRecognition(tx: MemoryTx, before: StoredRecognition): void {
  const { job, sources } = triedAgain(before);
  const { appearances } = keptOf(tx, job.id);
  keep(tx, job.id, { appearances: appearances.filter(({ source }) => !sources.includes(source)) });
  putJob(tx, job);
}

/** Takes away all that is kept of a job. */
export function dropRecognition(tx: MemoryTx, id: string): void {
  tx.journal.delete(tx.recognitions, id);
}

/** Takes what jobs tell of faces that are deleted. */
export function forgetInRecognitions(tx: MemoryTx, ids: readonly string[]): void {
  const gone = new Set(ids);
  for (const [job, { appearances }] of tx.recognitions) {
    if (!appearances.some((each) => facesOfAppearance(each).some((id) => gone.has(id)))) continue;
    keep(tx, job, {
      appearances: appearances.map((each) =>
        facesOfAppearance(each)
          .filter((id) => gone.has(id))
          .reduce(forgottenAppearance, each),
      ),
    });
  }
}

function read(tx: MemoryTx, id: string): StoredRecognition {
  return recognising(readJob(tx, id));
}

function keptOf({ recognitions }: MemoryTx, id: string): MemoryRecognition {
  return recognitions.get(id) ?? NOTHING;
}

function keep(tx: MemoryTx, id: string, changed: Partial<MemoryRecognition>): void {
  tx.journal.set(tx.recognitions, id, { ...keptOf(tx, id), ...changed });
}
