/** How the engine's memory is filled with what lies in the database. */
import { throwIfAborted } from '../../core/errors.ts';
import { keysOf } from '../face-keys.ts';
import { isHidden } from '../hidden-faces.ts';
import type { FaceMemory, OpeningOptions } from '../port.ts';
import type { DamagedFace } from '../quarantine.ts';
import type { StoredFace } from '../stored.ts';
import { columnText, numbersParam, NUMBERS } from './columns.ts';
import type { SqlRow } from './driver.ts';
import { besideVector } from './face-facts.ts';
import { LastText } from './last-text.ts';
import { RowPage } from './row-page.ts';
import { PLAIN_TAG, type SqlReading } from './sql-tx.ts';
import { wholeFace } from './whole-rows.ts';

/** Faces that are read at a time, and after which it is told how far it is. */
const PAGE = 2048;

type Place = Pick<FaceMemory, 'reserve' | 'add'>;

/** Puts faces into the memory, some at a time. */
export class FaceFiller {
  /** Those without a vector that can be read. */
  readonly damaged: DamagedFace[] = [];
  readonly #tx: SqlReading;
  readonly #into: Place;
  readonly #rows: number;
  /** By the models' names as they lie in columns. */
  readonly #pages = new Map<string, RowPage>();

  /** @param rows - faces that are put there at a time */
  constructor(tx: SqlReading, into: Place, rows: number = PAGE) {
    this.#tx = tx;
    this.#into = into;
    this.#rows = rows;
  }

  /** Takes the face of a row with `seq`, `record` and `vector`. One without a record that can be read nobody finds. */
  take(row: SqlRow): void {
    const face = wholeFace(row);
    if (!face) return;
    const { modelId, timestamp } = face;
    const shown = seen(face, isHidden(this.#tx.counters, face.seq));
    const { model, facts } = besideVector(face);
    const vector = row.vector as Uint8Array | null;
    if (this.takeFacts(face.seq, model, shown.galleries, facts, vector)) return;
    this.damaged.push({ modelId, timestamp, keys: keysOf(PLAIN_TAG, shown) });
  }

  /** Takes a face as it lies beside its vector. Answers whether it could be read, and is of a model that has faces. */
  takeFacts(
    seq: number,
    model: string,
    galleries: readonly string[] | null,
    facts: Uint8Array | null,
    vector: Uint8Array | null,
  ): boolean {
    if (!galleries) return false;
    const page = this.#pages.get(model) ?? this.#newPage(model);
    if (page?.isFull) page.flush();
    return page?.take(seq, facts, vector, isHidden(this.#tx.counters, seq) ? NOWHERE : galleries) ?? false;
  }

  #newPage(model: string): RowPage | undefined {
    for (const [modelId, { dimension }] of this.#tx.counters.models) {
      if (columnText(modelId) !== model) continue;
      const page = new RowPage(modelId, dimension, this.#rows, this.#into);
      this.#pages.set(model, page);
      return page;
    }
    return undefined;
  }

  /** Puts the rest into the memory. @throws NearFaceError `STORAGE_FULL` */
  end(): void {
    for (const page of this.#pages.values()) page.flush();
  }
}

const NOWHERE: readonly string[] = [];

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
  const refill = memory.refill(tx.rotations);
  const filler = new FaceFiller(tx, refill);
  try {
    const total = [...tx.counters.models.values()].reduce((sum, { faces }) => sum + faces, 0);
    for (const [modelId, { dimension, faces }] of tx.counters.models)
      refill.reserve(modelId, dimension, faces);
    onProgress?.(0, total);
    const others: number[] = [];
    const vectored = new NumberSums();
    await eachVector(tx, (seq, model, galleries, facts, vector) => {
      if (!filler.takeFacts(seq, model, galleries, facts, vector)) others.push(seq);
      vectored.add(seq);
      if (vectored.count % PAGE > 0) return;
      throwIfAborted(signal);
      onProgress?.(vectored.count, total);
    });
    await takeOthers(tx, filler, others, vectored.count < total || !(await haveVectors(tx, vectored)));
    filler.end();
    throwIfAborted(signal);
    onProgress?.(Math.max(vectored.count, total), total);
    return { end: () => refill.end(filler.damaged), cancel: () => refill.cancel() };
  } catch (error) {
    refill.cancel();
    throw error;
  }
}

/** What tells a set of faces' numbers from another one, but for a chance of one in a million: as many may be others. */
class NumberSums {
  count = 0;
  seqs = 0;
  mixed = 0;

  add(seq: number): void {
    this.count++;
    this.seqs += seq;
    this.mixed += (seq * MIX) % MODULUS;
  }
}

const [MIX, MODULUS] = [7919, 999_979];

/** Whether the faces that have records are those that have vectors, however damaged. */
async function haveVectors(tx: SqlReading, { count, seqs, mixed }: NumberSums): Promise<boolean> {
  const [row] = await tx.ask(
    `SELECT count(*) AS count, coalesce(sum(seq), 0) AS seqs, coalesce(sum(seq * ${MIX} % ${MODULUS}), 0) AS mixed FROM @faces`,
  );
  return Number(row?.count) === count && Number(row?.seqs) === seqs && Number(row?.mixed) === mixed;
}

const RECORDS = 'SELECT f.seq, f.record, v.vector FROM @faces f LEFT JOIN @vectors v USING (seq)';

/** Takes faces by their records where what lies beside their vectors cannot be read, or there is no vector. */
async function takeOthers(
  tx: SqlReading,
  filler: FaceFiller,
  seqs: readonly number[],
  areMissing: boolean,
): Promise<void> {
  for (let from = 0; from < seqs.length; from += PAGE) {
    const some = numbersParam(seqs.slice(from, from + PAGE));
    for (const row of await tx.ask(`${RECORDS} WHERE f.seq IN ${NUMBERS} ORDER BY f.seq`, [some]))
      filler.take(row);
  }
  if (!areMissing) return;
  for (let after = 0; ;) {
    const rows = await tx.ask(`${RECORDS} WHERE v.seq IS NULL AND f.seq > $1 ORDER BY f.seq LIMIT $2`, [
      after,
      PAGE,
    ]);
    for (const row of rows) filler.take(row);
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

/** Takes a vector, and what lies beside it; bytes are overwritten after the call. */
type TakeVector = (
  seq: number,
  model: string,
  galleries: readonly string[] | null,
  facts: Uint8Array | null,
  vector: Uint8Array | null,
) => void;

const VECTORS = 'SELECT seq, model, galleries, facts, vector FROM @vectors';

/** Takes all vectors in the order of their faces' numbers. */
async function eachVector(tx: SqlReading, take: TakeVector): Promise<void> {
  if (tx.stream) {
    const [model, galleries] = [new LastText((text) => text), new LastText(namesIn)];
    return tx.stream(`${VECTORS} ORDER BY seq`, ([seq, modelText, names, facts, vector]) =>
      take(
        wholeNumber(seq as Uint8Array),
        model.of(modelText ?? NO_TEXT),
        galleries.of(names ?? NO_TEXT),
        facts ?? null,
        vector ?? null,
      ),
    );
  }
  for (let after = 0; ;) {
    const rows = await tx.ask(`${VECTORS} WHERE seq > $1 ORDER BY seq LIMIT $2`, [after, PAGE]);
    for (const { seq, model, galleries, facts, vector } of rows)
      take(
        Number(seq),
        (model ?? '') as string,
        namesIn((galleries ?? '') as string),
        facts as Uint8Array | null,
        vector as Uint8Array | null,
      );
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

const NO_TEXT = new Uint8Array(0);

/** The names of galleries in a column; nothing where it is damaged. */
function namesIn(text: string): readonly string[] | null {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}

/** A `bigint` of 53 bits that is not below 0. */
function wholeNumber(bytes: Uint8Array): number {
  let number = 0;
  for (let i = 0; i < bytes.length; i++) number = 256 * number + (bytes[i] as number);
  return number;
}
