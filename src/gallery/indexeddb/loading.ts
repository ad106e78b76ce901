import type { DamagedFace } from '../quarantine.ts';
import { isHidden } from '../hidden-faces.ts';
import { blockOf, facesOf, nextBlocks } from './records.ts';
import { isWhole, wholeSegment } from './rows.ts';
import type { ReadTx, StoredSegment, StoredState } from './schema.ts';
import { segmentsOf } from './segments.ts';
import { keysOf } from '../face-keys.ts';

/** Segments read at a time: some megabytes. */
const SLICE_SEGMENTS = 16;

/** Slices that are asked for at a time. */
const SLICES_COMING = 4;

/** Takes in what {@link loadAll} reads. */
export interface LoadSink {
  /** Before the first segment: how many faces there are. */
  start(state: StoredState): void;
  segment(segment: StoredSegment): void;
  /** Whether a face's vector was taken in. */
  has(modelId: string, seq: number): boolean;
  /** After each slice; it may throw to end the loading. */
  slice(): void;
}

/** What loading reads with: the index is made by it. */
type LoadTx = Omit<ReadTx, 'index'>;

/** Numbers of faces of a model whose vectors may be damaged. */
interface DamagedRange {
  readonly modelId: string;
  readonly first: number;
  /** The first number behind it. */
  readonly end: number;
}

/** Blocks of records read at a time. */
const SLICE_BLOCKS = 64;

/** Reads all vectors, slice by slice, from one consistent view. Answers the faces whose vectors are damaged. */
export async function loadAll(tx: LoadTx, sink: LoadSink): Promise<readonly DamagedFace[]> {
  sink.start(tx.state);
  const vectors = tx.objectStore('vectors');
  const keys = await vectors.getAllKeys();
  const readSlice = (from: number): ReturnType<typeof vectors.getAll> => {
    const slice = keys.slice(from, from + SLICE_SEGMENTS);
    const [first, last] = [slice[0], slice.at(-1)];
    if (first === undefined || last === undefined) return Promise.resolve([]);
    return vectors.getAll(IDBKeyRange.bound(first, last));
  };
  // The next slices are on their way while one is taken in.
  const damaged: DamagedRange[] = [];
  const read = new Map<string, number>();
  let at = 0;
  const coming: ReturnType<typeof readSlice>[] = [];
  for (let from = 0, asked = 0; from < keys.length; from += SLICE_SEGMENTS) {
    for (; coming.length < SLICES_COMING && asked < keys.length; asked += SLICE_SEGMENTS) {
      const slice = readSlice(asked);
      slice.catch(() => undefined);
      coming.push(slice);
    }
    for (const row of (await coming.shift()) ?? []) {
      const { modelId, first } = row;
      const next = keys[++at];
      const segment = wholeSegment(tx.sealer, row, tx.state.models.get(modelId)?.dimension);
      if (segment) {
        sink.segment(segment);
        read.set(modelId, (read.get(modelId) ?? 0) + segment.seqs.length);
      }
      if (!isWhole(row, segment))
        damaged.push({ modelId, first, end: next?.[0] === modelId ? next[1] : tx.state.nextSeq });
    }
    sink.slice();
  }
  const found = await withoutVector(tx, damaged, sink);
  // Where a whole segment is gone, nothing but the counters tells it.
  const short = [...tx.state.models].filter(([modelId, { faces }]) => {
    const known = found.filter((face) => face.modelId === modelId).length + (read.get(modelId) ?? 0);
    return known < faces;
  });
  if (short.length === 0) return found;
  const all = short.map(([modelId]) => ({ modelId, first: 0, end: tx.state.nextSeq }));
  return withoutVector(tx, [...damaged, ...all], sink);
}

/** The faces in some ranges that were not taken in, each once. */
async function withoutVector(
  tx: LoadTx,
  ranges: readonly DamagedRange[],
  sink: LoadSink,
): Promise<readonly DamagedFace[]> {
  const found = new Map<number, DamagedFace>();
  for (const { modelId, first, end } of ranges)
    for (let from = blockOf(first), isLast = false; !isLast;) {
      const blocks = await nextBlocks(tx, from, SLICE_BLOCKS);
      for (const face of blocks.flatMap((block) => facesOf(tx.sealer, block))) {
        const { seq, timestamp } = face;
        if (face.modelId !== modelId || seq < first || seq >= end || sink.has(modelId, seq)) continue;
        const keys = keysOf(tx.sealer, face);
        const seen = isHidden(tx.state, seq) ? { ...keys, galleries: [] } : keys;
        found.set(seq, { modelId, timestamp, keys: seen });
      }
      const last = blocks.at(-1)?.block ?? Infinity;
      isLast = last >= blockOf(end);
      from = last + 1;
      sink.slice();
    }
  return [...found.values()];
}

/** The segments of all models that may hold faces from `first` to `last`. */
export async function readAdded(tx: LoadTx, first: number, last: number): Promise<readonly StoredSegment[]> {
  const models = [...tx.state.models.keys()];
  return (await Promise.all(models.map((modelId) => segmentsOf(tx, modelId, first, last)))).flat();
}
