/** What one verb does: it asks and changes tables, and notes what the engine's memory is to take in. */
import type { SecretRotations } from '../../core/secret-rotation.ts';
import type { FaceLookup, MemoryChange, SeqRange } from '../port.ts';
import type { StoredFace } from '../stored.ts';
import type { SqlCounters } from './counters.ts';
import type { SqlRow, SqlSession, SqlValue } from './driver.ts';

/** Names stand for themselves: nothing is encrypted by us. */
export const PLAIN_TAG = { tag: (text: string): string => text } as const;

/** A verb that asks. */
export interface SqlReading {
  /** Rows; a name that begins with @ is one of the database's schema. @throws NearFaceError `STORAGE_FULL`, `STORAGE_FAILED`, `ABORTED` */
  ask(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** As {@link SqlSession} has it, with the names of {@link ask}. @throws NearFaceError */
  readonly stream?: SqlSession['stream'];
  /** The same of {@link SqlSession}'s `load`. */
  readonly load?: SqlSession['load'];
  readonly counters: SqlCounters;
  /** Rises with every verb that changes faces. */
  readonly revision: number;
  /** Finds faces as they were before. */
  readonly lookup: FaceLookup;
  /** What vectors are rotated by in the tables. */
  readonly rotations: SecretRotations | undefined;
}

/** A new face with its vector, as it lies in its table. */
export interface NewSqlFace {
  readonly face: StoredFace;
  readonly vector: Float32Array<ArrayBuffer>;
  /** As they lie beside the vector. */
  readonly facts: Uint8Array;
  readonly isHidden: boolean;
}

/** A verb that changes. */
export interface SqlTx extends SqlReading {
  counters: SqlCounters;
  /** New faces; those that nobody sees yet are in no gallery. */
  readonly added: NewSqlFace[];
  readonly changes: MemoryChange[];
  /** Numbers of those of the new faces that were there before, with other vectors. */
  readonly renewed: number[];
  /** Whether the engine's memory is to be filled anew. */
  isNew: boolean;
}

/** Whether it has changed anything that the engine's memory knows of. */
export function hasChanged({ added, changes, isNew }: SqlTx): boolean {
  return added.length + changes.length > 0 || isNew;
}

/** What others read of a verb: which faces they look at again. */
export interface LoggedChange {
  /** Faces that came, changed or went. */
  readonly touched: readonly SeqRange[];
  /** Those of them whose vectors are others. */
  readonly renewed: readonly number[];
  /** Galleries that went. */
  readonly gone: readonly string[];
  /** Everything is to be read again. */
  readonly isNew?: true;
  /** See {@link SqlCounters}. */
  readonly stamp?: string | undefined;
}

/** What others are told of a verb. */
export function loggedChange({ added, changes, renewed, isNew, counters: { stamp } }: SqlTx): LoggedChange {
  if (isNew) return { touched: [], renewed: [], gone: [], isNew: true, stamp };
  const ranges: SeqRange[] = [];
  const seqs = added.map(({ face }) => face.seq);
  const gone: string[] = [];
  for (const change of changes) {
    if (change.kind === 'shown') ranges.push(...change.ranges);
    else if (change.kind === 'gone') gone.push(change.gallery);
    else if (change.kind === 'changed') seqs.push(...change.faces.map(({ seq }) => seq));
    else seqs.push(...change.stay, ...change.erased);
  }
  return { touched: [...ranges, ...rangesOf(seqs)], renewed, gone, stamp };
}

/** Numbers as ranges of neighbours. */
function rangesOf(seqs: readonly number[]): readonly SeqRange[] {
  const ranges: [number, number][] = [];
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && seq <= last[1] + 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}
