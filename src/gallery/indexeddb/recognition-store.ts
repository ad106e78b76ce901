import { jobExists } from '../job-steps.ts';
import type {
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  StoredAppearance,
  StoredAppearances,
  StoredRecognition,
} from '../port.ts';
import { advanced, checkStaging, newRecognition, sourceOf } from '../recognition-steps.ts';
import type { Connection } from './connection.ts';
import { readGallery } from './galleries.ts';
import { putJob } from './jobs.ts';
import { appearanceOf, piecesOf, putAppearance, readRecognition } from './recognitions.ts';
import type { Writer } from './writer.ts';

/** Jobs that recognise, of an IndexedDB database. */
export class IndexedDbRecognitions implements RecognitionStore {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition> {
    return this.#writer.write(async (tx) => {
      for (const gallery of made.galleries) await readGallery(tx, gallery);
      if (await tx.objectStore('jobs').getKey(id)) throw jobExists(id);
      const job = newRecognition(id, made);
      await putJob(tx, job);
      return job;
    });
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#writer.write(async (tx) => {
      checkStaging(await readRecognition(tx, id), source);
      const pieces = tx.objectStore('jobPieces');
      const no = await pieces.count(piecesOf(id, source));
      await pieces.add(tx.sealer.seal(bytes), [id, source, no]);
    });
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#connection.read(async (tx) => {
      sourceOf(await readRecognition(tx, id), source);
      const piece = await tx.objectStore('jobPieces').get([id, source, no]);
      return piece ? tx.sealer.open(piece) : null;
    });
  }

  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition> {
    return this.#writer.write(async (tx) => {
      const before = await readRecognition(tx, id);
      if (before.state === 'cancelled') return before;
      const job = advanced(before, step);
      for (const appearance of step.appearances) await putAppearance(tx, id, appearance);
      await tx.objectStore('jobCheckpoints').put(tx.sealer.seal(step.checkpoint), id);
      if (step.ended && !step.ended.error)
        await tx.objectStore('jobPieces').delete(piecesOf(id, step.source));
      await putJob(tx, job);
      return job;
    });
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#connection.read(async (tx) => {
      await readRecognition(tx, id);
      const sealed = await tx.objectStore('jobCheckpoints').get(id);
      return sealed ? tx.sealer.open(sealed) : null;
    });
  }

  /** What is damaged is left out of the page. */
  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    return this.#connection.read(async (tx) => {
      await readRecognition(tx, id);
      const store = tx.objectStore('appearances');
      const all = IDBKeyRange.bound([id], [id, []]);
      const total = await store.count(all);
      const appearances: StoredAppearance[] = [];
      let cursor = offset < total && limit > 0 ? await store.openCursor(all) : null;
      if (offset > 0) cursor = (await cursor?.advance(offset)) ?? null;
      for (let left = limit; cursor && left > 0; left--, cursor = await cursor.continue()) {
        const appearance = appearanceOf(tx.sealer, cursor.value);
        if (appearance) appearances.push(appearance);
      }
      return { appearances, total };
    });
  }
}
