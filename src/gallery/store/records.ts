import { groupBy } from '../group-by.ts';
import { fromBytes, toBytes } from './rows.ts';
import { BLOCK_FACES, type ReadTx, type RecordBlock, type StoredFace, type WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

/** Blocks read at a time. */
const SLICE_BLOCKS = 64;

/** The block of a face. */
export const blockOf = (seq: number): number => Math.floor(seq / BLOCK_FACES);

type Entry = RecordBlock['records'][number];

/** A face's record as it lies in its block. */
export function recordEntry(sealer: Sealer, { seq: _, ...record }: StoredFace): Entry {
  return sealer.encrypted ? sealer.seal(toBytes(record)) : JSON.stringify(record);
}

function faceOf(sealer: Sealer, seq: number, entry: Entry): StoredFace {
  const record: unknown = typeof entry === 'string' ? JSON.parse(entry) : fromBytes(sealer.open(entry));
  return { ...(record as Omit<StoredFace, 'seq'>), seq };
}

/** The faces of a block, in their order. */
export function facesOf(sealer: Sealer, { seqs, records }: RecordBlock): readonly StoredFace[] {
  return seqs.map((seq, i) => faceOf(sealer, seq, records[i] as Entry));
}

/** Faces by number, in the order of `seqs`; those that are gone are left out. */
export async function readFaces(
  tx: Pick<ReadTx, 'objectStore' | 'sealer'>,
  seqs: ArrayLike<number>,
): Promise<StoredFace[]> {
  const wanted = Array.from(seqs);
  const blocks = await readBlocks(tx, [...new Set(wanted.map(blockOf))]);
  return wanted.flatMap((seq) => {
    const block = blocks.get(blockOf(seq));
    const i = block?.seqs.indexOf(seq) ?? -1;
    return i < 0 ? [] : [faceOf(tx.sealer, seq, block?.records[i] as Entry)];
  });
}

async function readBlocks(
  tx: Pick<ReadTx, 'objectStore'>,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, RecordBlock>> {
  const store = tx.objectStore('records');
  const sorted = numbers.toSorted((a, b) => a - b);
  const reading: Promise<readonly (RecordBlock | undefined)[]>[] = [];
  for (let from = 0; from < sorted.length; from += SLICE_BLOCKS) {
    const some = sorted.slice(from, from + SLICE_BLOCKS);
    const [first, last] = [some[0] as number, some.at(-1) as number];
    // Blocks that lie close together are read as a whole, with those in between.
    const close = last - first < 2 * some.length;
    reading.push(
      close
        ? store.getAll(IDBKeyRange.bound(first, last))
        : Promise.all(some.map((block) => store.get(block))),
    );
  }
  const blocks = (await Promise.all(reading)).flat();
  return new Map(blocks.flatMap((block) => (block ? [[block.block, block]] : [])));
}

/** The next blocks of records from one on. */
export async function nextBlocks(
  tx: Pick<ReadTx, 'objectStore'>,
  from: number,
  count: number,
): Promise<readonly RecordBlock[]> {
  return tx.objectStore('records').getAll(IDBKeyRange.lowerBound(from), count);
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
  const blocks = await readBlocks(tx, [...changed.keys()]);
  await Promise.all(
    [...changed].map(async ([block, some]) => {
      const old = blocks.get(block);
      const records = new Map(old?.seqs.map((seq, i) => [seq, old.records[i] as Entry]));
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
