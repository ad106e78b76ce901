import { databaseClosed } from '../gallery-errors.ts';
import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { keysOf } from '../face-keys.ts';
import { type NewRow, rowsOf } from '../face-rows.ts';
import { groupBy } from '../group-by.ts';
import type { FaceLookup, FaceMemory, MemoryChange } from '../port.ts';
import { Journal } from './journal.ts';
import { emptyTables, type MemoryCounters, type MemoryFace, NO_COUNTS, type Tables } from './tables.ts';

/** Names stand for themselves: nothing is encrypted. */
export const PLAIN_TAG = { tag: (text: string): string => text } as const;

/** What one verb does: it changes tables, and notes what the engine's memory is to take in. */
export interface MemoryTx extends Tables {
  counters: MemoryCounters;
  /** Rises with every verb that changes faces. */
  readonly revision: number;
  /** Finds faces as they were before. */
  readonly lookup: FaceLookup;
  readonly journal: Journal;
  /** New faces; those that nobody sees yet are in no gallery. */
  readonly added: NewMemoryFace[];
  readonly changes: MemoryChange[];
  /** Numbers of those of the new faces that were there before, with other vectors. */
  readonly renewed: number[];
  /** Whether the engine's memory is to be filled anew. */
  isNew: boolean;
  /** What takes the place of all tables. */
  replaced: Tables | undefined;
}

/** A new face. */
export interface NewMemoryFace extends MemoryFace {
  readonly isHidden: boolean;
}

/** The tables, and the verbs on them: each runs at once, and leaves no trace if it throws. */
export class MemoryStore {
  readonly #name: string;
  readonly #memory: FaceMemory;
  #tables: Tables = emptyTables();
  #counters: MemoryCounters = NO_COUNTS;
  #revision = 0;
  #isClosed = false;

  constructor(name: string, memory: FaceMemory) {
    this.#name = name;
    this.#memory = memory;
  }

  close(): void {
    this.#isClosed = true;
    this.#tables = emptyTables();
  }

  /**
   * Runs a verb; verbs run in the order in which they were called.
   *
   * @throws NearFaceError `STORAGE_FAILED` after {@link close}, `ABORTED`
   */
  async run<T>(job: (tx: MemoryTx) => T, signal?: AbortSignal): Promise<T> {
    // So that a signal counts that is aborted right after the call.
    await Promise.resolve();
    throwIfAborted(signal);
    if (this.#isClosed) throw databaseClosed(this.#name, 'it was closed');
    const journal = new Journal();
    const begun = { added: [], changes: [], renewed: [], isNew: false, replaced: undefined };
    const known = { counters: this.#counters, revision: this.#revision, lookup: this.#memory.lookup };
    const tx: MemoryTx = { ...this.#tables, ...known, journal, ...begun };
    try {
      const value = job(tx);
      // Whatever may fail comes before the end.
      this.#tell(tx);
      this.#tables = tx.replaced ?? this.#tables;
      this.#counters = tx.counters;
      if (tx.added.length + tx.changes.length > 0 || tx.isNew || tx.replaced) this.#revision++;
      return value;
    } catch (error) {
      journal.undo();
      if (error instanceof RangeError) throw memoryFull(error);
      throw error;
    }
  }

  /** Tells the engine's memory what has changed. @throws NearFaceError `STORAGE_FULL`, and then it has not changed */
  #tell(tx: MemoryTx): void {
    if (tx.replaced || tx.isNew) return this.#refill(tx.replaced ?? tx);
    const added = [...groupBy(tx.added, ({ face }) => face.modelId)].map(([modelId, faces]) => {
      const rows = rowsOf(faces.map(newRow), this.#memory.encode);
      const dimension = faces[0].vector.length;
      this.#memory.reserve(modelId, dimension, faces.length);
      return { modelId, dimension, rows };
    });
    if (tx.renewed.length > 0)
      this.#memory.apply({
        ...{ kind: 'left', gallery: '', stay: new Float64Array() },
        erased: Float64Array.from(tx.renewed),
      });
    for (const { modelId, dimension, rows } of added) this.#memory.add(modelId, dimension, rows);
    for (const change of tx.changes) this.#memory.apply(change);
  }

  #refill({ faces, seqs }: Tables): void {
    const refill = this.#memory.refill();
    try {
      const ordered = Array.from(seqs.inOrder(), (seq) => faces.get(seq) as MemoryFace);
      for (const [modelId, some] of groupBy(ordered, ({ face }) => face.modelId)) {
        const dimension = some[0].vector.length;
        refill.reserve(modelId, dimension, some.length);
        for (let from = 0; from < some.length; from += REFILLED_AT_ONCE) {
          const slice = some.slice(from, from + REFILLED_AT_ONCE);
          refill.add(
            modelId,
            dimension,
            rowsOf(
              slice.map((entry) => newRow({ ...entry, isHidden: false })),
              this.#memory.encode,
            ),
          );
        }
      }
      refill.end([]);
    } catch (error) {
      refill.cancel();
      throw error;
    }
  }
}

/** Faces whose search codes are made at a time. */
const REFILLED_AT_ONCE = 1024;

function newRow({ face, vector, isHidden }: NewMemoryFace): NewRow {
  const { timestamp, reliability } = face;
  const seen = isHidden ? { ...face, galleries: [] } : face;
  return { ...keysOf(PLAIN_TAG, seen), timestamp, reliability, vector };
}

/** Where the browser gives no more memory: an array that cannot be made is a RangeError. */
function memoryFull(cause: RangeError): NearFaceError {
  const text = `There is no memory left for galleries (${cause.message}); delete faces, or keep fewer pictures (option keep)`;
  return new NearFaceError('STORAGE_FULL', text, {}, cause);
}
