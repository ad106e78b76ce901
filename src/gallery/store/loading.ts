import { type ReadTx, readState, type StoredSegment } from './schema.ts';

/** Segments read at a time: some megabytes. */
const SLICE_SEGMENTS = 16;

/** Takes in what {@link loadAll} reads. */
export interface LoadSink {
  /** Before the first segment: how many faces there are. */
  total(faces: number): void;
  segment(segment: StoredSegment): void;
  /** After the last segment: which faces a gallery holds. */
  members(gallery: string, seqs: readonly number[]): void;
  /** After each slice; it may throw to end the loading. */
  slice(): void;
}

/** Reads all vectors and memberships, slice by slice, from one consistent view. */
export async function loadAll(tx: ReadTx, sink: LoadSink): Promise<void> {
  const { models } = await readState(tx);
  sink.total([...models.values()].reduce((sum, { faces }) => sum + faces, 0));
  const segments = tx.objectStore('segments');
  const numbers = await segments.getAllKeys();
  const readSlice = (from: number): Promise<StoredSegment[]> => {
    const slice = numbers.slice(from, from + SLICE_SEGMENTS);
    const [first, last] = [slice[0], slice.at(-1)];
    if (first === undefined || last === undefined) return Promise.resolve([]);
    return segments.getAll(IDBKeyRange.bound(first, last));
  };
  // The next slice is on its way while one is taken in.
  let next = readSlice(0);
  for (let from = 0; from < numbers.length; from += SLICE_SEGMENTS) {
    const slice = await next;
    next = readSlice(from + SLICE_SEGMENTS);
    next.catch(() => undefined);
    for (const segment of slice) sink.segment(segment);
    sink.slice();
  }
  await loadMembers(tx, sink);
}

async function loadMembers(tx: ReadTx, sink: LoadSink): Promise<void> {
  const index = tx.objectStore('faces').index('galleries');
  for (const gallery of await tx.objectStore('galleries').getAllKeys()) {
    sink.members(gallery, await index.getAllKeys(gallery));
    sink.slice();
  }
}
