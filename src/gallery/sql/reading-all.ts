/** How the engine's memory is filled with what lies in the database. */
import { throwIfAborted } from '../../core/errors.ts';
import { keysOf } from '../face-keys.ts';
import { isHidden } from '../hidden-faces.ts';
import type { FaceMemory, OpeningOptions } from '../port.ts';
import type { DamagedFace } from '../quarantine.ts';
import type { StoredFace } from '../stored.ts';
import type { SqlRow } from './driver.ts';
import { RowPage } from './row-page.ts';
import { PLAIN_TAG, type SqlReading } from './sql-tx.ts';
import { dimensionOf, wholeFace } from './whole-rows.ts';

/** Faces that are read at a time, and after which it is told how far it is. */
const PAGE = 2048;

/** Puts faces into the memory, some at a time. */
export class FaceFiller {
  /** Those without a vector that can be read. */
  readonly damaged: DamagedFace[] = [];
  readonly #tx: SqlReading;
  readonly #into: Pick<FaceMemory, 'reserve' | 'add'>;
  readonly #rows: number;
  readonly #pages = new Map<string, RowPage>();

  /** @param rows - faces that are put there at a time */
  constructor(tx: SqlReading, into: Pick<FaceMemory, 'reserve' | 'add'>, rows: number = PAGE) {
    this.#tx = tx;
    this.#into = into;
    this.#rows = rows;
  }

  /** Takes the face of a row with `seq`, `record` and `vector`. One without a record that can be read nobody finds. */
  take(row: SqlRow): void {
    const face = wholeFace(row);
    if (!face) return;
    const { modelId, timestamp } = face;
    const hidden = isHidden(this.#tx.counters, face.seq);
    const page = this.#page(modelId);
    if (page.isFull) page.flush();
    if (page.take(face, row.vector as Uint8Array | null, hidden)) return;
    this.damaged.push({ modelId, timestamp, keys: keysOf(PLAIN_TAG, seen(face, hidden)) });
  }

  #page(modelId: string): RowPage {
    let page = this.#pages.get(modelId);
    if (page) return page;
    page = new RowPage(modelId, dimensionOf(this.#tx, modelId), this.#rows, this.#into);
    this.#pages.set(modelId, page);
    return page;
  }

  /** Puts the rest into the memory. @throws NearFaceError `STORAGE_FULL` */
  end(): void {
    for (const page of this.#pages.values()) page.flush();
  }
}

/** A face as others see it: nobody finds one that is hidden. */
export function seen(face: StoredFace, hidden: boolean): StoredFace {
  return hidden ? { ...face, galleries: [] } : face;
}

/** Everything, as it was read: it takes the place of what was in the memory, or is dropped. */
export interface ReadAnew {
  end(): void;
  cancel(): void;
}

/** Reads everything; whoever asked for it ends the answer, or cancels it. */
export async function readAll(
  tx: SqlReading,
  memory: FaceMemory,
  { onProgress, signal }: OpeningOptions = {},
): Promise<ReadAnew> {
  const refill = memory.refill();
  const filler = new FaceFiller(tx, refill);
  try {
    const total = [...tx.counters.models.values()].reduce((sum, { faces }) => sum + faces, 0);
    for (const [modelId, { dimension, faces }] of tx.counters.models)
      refill.reserve(modelId, dimension, faces);
    onProgress?.(0, total);
    let done = 0;
    await eachRow(tx, (row) => {
      filler.take(row);
      if (++done % PAGE > 0) return;
      throwIfAborted(signal);
      onProgress?.(done, total);
    });
    filler.end();
    throwIfAborted(signal);
    onProgress?.(done, total);
    return { end: () => refill.end(filler.damaged), cancel: () => refill.cancel() };
  } catch (error) {
    refill.cancel();
    throw error;
  }
}

const FACES = 'SELECT f.seq, f.record, v.vector FROM @faces f LEFT JOIN @vectors v USING (seq)';

/** Takes the rows of all faces in the order of their numbers. */
async function eachRow(tx: SqlReading, take: (row: SqlRow) => void): Promise<void> {
  const decoder = new TextDecoder();
  if (tx.stream) return tx.stream(`${FACES} ORDER BY f.seq`, (fields) => take(rowOf(fields, decoder)));
  for (let after = 0; ;) {
    const rows = await tx.ask(`${FACES} WHERE f.seq > $1 ORDER BY f.seq LIMIT $2`, [after, PAGE]);
    for (const row of rows) take(row);
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

/** A row of binary fields; the vector is a view of what is overwritten after. */
function rowOf(
  [seq, record, vector]: readonly (Uint8Array | null)[],
  decoder: InstanceType<typeof TextDecoder>,
): SqlRow {
  return { seq: wholeNumber(seq as Uint8Array), record: decoder.decode(record as Uint8Array), vector };
}

/** A `bigint` of 53 bits that is not below 0. */
function wholeNumber(bytes: Uint8Array): number {
  let number = 0;
  for (let i = 0; i < bytes.length; i++) number = 256 * number + (bytes[i] as number);
  return number;
}
