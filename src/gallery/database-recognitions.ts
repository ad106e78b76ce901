import { recognising } from './job-steps.ts';
import { addJob, type JobTables, type JobWork, readJob } from './job-tables.ts';
import { type Coroutine, of } from './people/coroutine.ts';
import type {
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  StoredAppearances,
  StoredRecognition,
} from './port.ts';
import {
  advanced,
  checkStaging,
  facesOfAppearance,
  newRecognition,
  sourceOf,
  withoutFaces,
} from './recognition-steps.ts';

/** The jobs that recognise of a database, whichever it is. */
export class DatabaseRecognitions implements RecognitionStore {
  readonly #work: JobWork;

  constructor(work: JobWork) {
    this.#work = work;
  }

  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition> {
    return this.#work.write(function* (tx) {
      for (const gallery of made.galleries) yield* of(tx.readGallery(gallery));
      return yield* addJob(tx, newRecognition(id, made));
    });
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#work.write(function* (tx) {
      checkStaging(yield* read(tx, id), source);
      yield* of(tx.sources.addPiece(id, source, bytes));
    });
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#work.read(function* (tx) {
      sourceOf(yield* read(tx, id), source);
      return yield* of(tx.sources.piece(id, source, no));
    });
  }

  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition> {
    return this.#work.enrol(function* (tx) {
      const before = yield* read(tx, id);
      if (before.state === 'cancelled') return before;
      const job = advanced(before, step);
      // Who was found may have been deleted since.
      const ids = new Set(step.appearances.flatMap(facesOfAppearance));
      const faces = ids.size > 0 ? yield* of(tx.faces.byIds([...ids])) : [];
      for (const face of faces) ids.delete(face.id);
      const appearances = step.appearances.map((each) => withoutFaces(each, ids));
      yield* of(tx.sources.putAppearances(id, appearances));
      yield* of(tx.sources.putCheckpoint(id, step.checkpoint));
      if (step.ended && !step.ended.error) yield* of(tx.sources.dropPieces(id, step.source));
      yield* of(tx.jobs.put(job));
      return job;
    });
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#work.read(function* (tx) {
      yield* read(tx, id);
      return yield* of(tx.sources.checkpoint(id));
    });
  }

  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    return this.#work.read(function* (tx) {
      yield* read(tx, id);
      return yield* of(tx.sources.appearances(id, offset, limit));
    });
  }
}

function* read(tx: JobTables, id: string): Coroutine<StoredRecognition> {
  return recognising(yield* readJob(tx, id));
}
