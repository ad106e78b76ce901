import type { ReadTx, StoredSegment, StoredState } from './schema.ts';
import { segmentOf } from './rows.ts';
import { segmentsOf } from './segments.ts';

/** Segments read at a time: some megabytes. */
const SLICE_SEGMENTS = 16;

/** Slices that are asked for at a time. */
const SLICES_COMING = 4;

/** Takes in what {@link loadAll} reads. */
export interface LoadSink {
  /** Before the first segment: how many faces there are. */
  start(state: StoredState): void;
  segment(segment: StoredSegment): void;
  /** After each slice; it may throw to end the loading. */
  slice(): void;
}

/** What loading reads with: the index is made by it. */
type LoadTx = Omit<ReadTx, 'index'>;

/** Reads all vectors, slice by slice, from one consistent view. */
export async function loadAll(tx: LoadTx, sink: LoadSink): Promise<void> {
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
  const coming: ReturnType<typeof readSlice>[] = [];
  for (let from = 0, asked = 0; from < keys.length; from += SLICE_SEGMENTS) {
    for (; coming.length < SLICES_COMING && asked < keys.length; asked += SLICE_SEGMENTS) {
      const slice = readSlice(asked);
      slice.catch(() => undefined);
      coming.push(slice);
    }
    for (const row of (await coming.shift()) ?? []) sink.segment(segmentOf(tx.sealer, row));
    sink.slice();
  }
}

/** The segments of all models that may hold faces from `first` to `last`. */
export async function readAdded(tx: LoadTx, first: number, last: number): Promise<readonly StoredSegment[]> {
  const models = [...tx.state.models.keys()];
  return (await Promise.all(models.map((modelId) => segmentsOf(tx, modelId, first, last)))).flat();
}
