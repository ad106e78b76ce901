import { assumedReliability } from '../../core/reliability.ts';
import { groupBy } from '../group-by.ts';
import { fromBytes, toBytes } from './rows.ts';
import { BLOCK_FACES, type ReadTx, type RecordBlock, type WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';
import type { StoredFace } from '../stored.ts';
import { isFaceRecord } from '../wholeness.ts';

/** Blocks read at a time. */
const SLICE_BLOCKS = 256;

/** The block of a face. */
export const blockOf = (seq: number): number => Math.floor(seq / BLOCK_FACES);

type Entry = RecordBlock['records'][number];

/** A face's record as it lies in its block. */
export function recordEntry(sealer: Sealer, { seq: _, ...record }: StoredFace): Entry {
  return sealer.encrypted ? sealer.seal(toBytes(record)) : JSON.stringify(record);
}

/** Nothing where the record is damaged. */
function faceOf(sealer: Sealer, seq: number, entry: Entry | undefined): StoredFace | undefined {
  const record = recordOf(sealer, entry);
  if (!record) return undefined;
  // A record of an earlier version says nothing of its reliability.
  const known = record as unknown as Omit<StoredFace, 'seq' | 'reliability'> & {
    readonly reliability?: number;
  };
  if (known.reliability === undefined) return { ...known, ...assumedReliability(), seq };
  return { ...known, reliability: known.reliability, seq };
}

function recordOf(sealer: Sealer, entry: Entry | undefined): Record<string, unknown> | undefined {
  try {
    const record: unknown =
      typeof entry === 'string' ? JSON.parse(entry) : fromBytes(sealer.open(entry ?? new Uint8Array(0)));
    return isFaceRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The numbers and records of a block; a damaged one may have lost some. */
function entriesOf({ seqs, records }: RecordBlock): readonly (readonly [number, Entry | undefined])[] {
  const held: readonly (Entry | undefined)[] = Array.isArray(records) ? records : [];
  return Array.isArray(seqs) ? (seqs as readonly number[]).map((seq, i) => [seq, held[i]]) : [];
}

/** The faces of a block, in their order; those whose records are damaged are left out. */
export function facesOf(sealer: Sealer, block: RecordBlock): readonly StoredFace[] {
  return entriesOf(block)
    .map(([seq, entry]) => faceOf(sealer, seq, entry))
    .filter((face) => face !== undefined);
}

/** The numbers that a block of records has, or should have, though nothing can be read there. */
export function damagedIn(sealer: Sealer, block: RecordBlock): readonly number[] {
  return entriesOf(block)
    .filter(([seq, entry]) => !faceOf(sealer, seq, entry))
    .map(([seq]) => seq);
}

/** A block under other keys; what is damaged stays so. */
export function resealedBlock(from: Sealer, to: Sealer, block: RecordBlock): RecordBlock {
  const entries = entriesOf(block);
  return {
    block: block.block,
    seqs: entries.map(([seq]) => seq),
    records: entries.map(([seq, entry]) => {
      const face = faceOf(from, seq, entry);
      return face ? recordEntry(to, face) : new Uint8Array(0);
    }),
  };
}

/** Faces by number, in the order of `seqs`; those that are gone, or whose records are damaged, are left out. */
export async function readFaces(
  tx: Pick<ReadTx, 'objectStore' | 'sealer'> & Partial<Pick<ReadTx, 'index'>>,
  seqs: ArrayLike<number>,
): Promise<StoredFace[]> {
  const wanted = new Set(Array.from(seqs));
  const found = new Map<number, StoredFace>();
  await eachBlocks(tx, [...wanted], (blocks) => {
    for (const [seq, entry] of blocks.flatMap(entriesOf)) {
      const face = wanted.has(seq) ? faceOf(tx.sealer, seq, entry) : undefined;
      if (face) found.set(seq, face);
    }
  });
  for (const seq of wanted) if (!found.has(seq)) tx.index?.noteUnreadable(seq);
  return Array.from(seqs, (seq) => found.get(seq)).filter((face) => face !== undefined);
}

/** Reads the blocks of some faces, a slice at a time. */
async function eachBlocks(
  tx: Pick<ReadTx, 'objectStore'>,
  seqs: readonly number[],
  take: (blocks: readonly RecordBlock[]) => void,
): Promise<void> {
  const store = tx.objectStore('records');
  const numbers = Float64Array.from(new Set(seqs.map(blockOf))).sort();
  for (let from = 0; from < numbers.length; from += SLICE_BLOCKS) {
    const some = numbers.subarray(from, from + SLICE_BLOCKS);
    const [first, last] = [some[0] as number, some.at(-1) as number];
    // Blocks that lie close together are read as a whole, with those in between.
    const close = last - first < 2 * some.length;
    const blocks = close
      ? await store.getAll(IDBKeyRange.bound(first, last))
      : await Promise.all(Array.from(some, (block) => store.get(block)));
    take(blocks.filter((block) => block !== undefined));
  }
}

/** The next blocks of records from one on. */
export async function nextBlocks(
  tx: Pick<ReadTx, 'objectStore'>,
  from: number,
  count: number,
): Promise<readonly RecordBlock[]> {
  return tx.objectStore('records').getAll(IDBKeyRange.lowerBound(from), count);
}

/** Blocks read at a time where all are read. */
const WALK_BLOCKS = 8;

/** All faces from a block on, in the order of their numbers, some at a time. */
export async function* slicesOfFaces(
  tx: Pick<ReadTx, 'objectStore' | 'sealer'>,
  from = 0,
): AsyncGenerator<readonly StoredFace[], void> {
  for (let next = from; ;) {
    const blocks = await nextBlocks(tx, next, WALK_BLOCKS);
    const last = blocks.at(-1);
    if (!last) return;
    yield blocks.flatMap((block) => facesOf(tx.sealer, block));
    next = last.block + 1;
  }
}

/** The same, one at a time. */
export async function* allFaces(
  tx: Pick<ReadTx, 'objectStore' | 'sealer'>,
  from = 0,
): AsyncGenerator<StoredFace, void> {
  for await (const faces of slicesOfFaces(tx, from)) yield* faces;
}

/** Writes records, in the place of earlier ones of the same faces. */
export async function putRecords(tx: WriteTx, faces: readonly StoredFace[]): Promise<void> {
  await changeBlocks(
    tx,
    faces.map(({ seq }) => seq),
    new Map(faces.map((face) => [face.seq, recordEntry(tx.sealer, face)])),
  );
}

/** Deletes the records of faces. */
export async function deleteRecords(tx: WriteTx, seqs: readonly number[]): Promise<void> {
  await changeBlocks(tx, seqs, new Map());
}

/** Replaces what the blocks hold of some faces. */
async function changeBlocks(
  tx: WriteTx,
  seqs: readonly number[],
  entries: ReadonlyMap<number, Entry>,
): Promise<void> {
  const store = tx.objectStore('records');
  const changed = groupBy(seqs, blockOf);
  const blocks = new Map<number, RecordBlock>();
  await eachBlocks(tx, seqs, (some) => {
    for (const block of some) blocks.set(block.block, block);
  });
  await Promise.all(
    [...changed].map(async ([block, some]) => {
      const old = blocks.get(block);
      const records = new Map<number, Entry>(
        old && entriesOf(old).map(([seq, entry]) => [seq, entry ?? new Uint8Array(0)]),
      );
      for (const seq of some) {
        const entry = entries.get(seq);
        if (entry === undefined) records.delete(seq);
        else records.set(seq, entry);
      }
      if (records.size === 0) return store.delete(block);
      const kept = [...records.keys()].sort((a, b) => a - b);
      return store.put({ block, seqs: kept, records: kept.map((seq) => records.get(seq) as Entry) });
    }),
  );
}
