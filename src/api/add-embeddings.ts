import { badParam } from '../core/errors.ts';
import type { FaceRecord } from '../core/records.ts';
import type { FaceInput } from '../worker/contract.ts';
import { iterate, lengthOf, withDone } from './enrol.ts';
import type { AddEmbeddingOptions, AddEmbeddingsOptions } from './options.ts';
import { resolveAddEmbeddings } from './resolve-gallery-options.ts';

/** An embedding to enrol, with what overrides the call's options. */
export interface EmbeddingItem extends Omit<AddEmbeddingOptions, 'signal'> {
  /** Of unit length, as the model makes them. */
  readonly embedding: Float32Array;
}

/** Faces that are stored in one transaction. */
const BATCH = 2000;

/** What embeddings are stored with. */
export interface EmbeddingSink {
  /** Checks an item whose number is given. @throws NearFaceError */
  prepare(item: EmbeddingItem, path: string): FaceInput;
  store(faces: readonly FaceInput[], signal: AbortSignal | undefined): Promise<readonly FaceRecord[]>;
}

/** Stores embeddings in batches: one is prepared while another is written. Answers the ids. */
export async function addEmbeddings(
  sink: EmbeddingSink,
  items: Iterable<EmbeddingItem> | AsyncIterable<EmbeddingItem>,
  raw: AddEmbeddingsOptions | undefined,
): Promise<readonly string[]> {
  const { onProgress, signal, ...options } = resolveAddEmbeddings(raw);
  const source = iterate(items, 'an iterable of { embedding, meta }');
  const total = lengthOf(items);
  const ids: string[] = [];
  let index = 0;
  const nextBatch = async (): Promise<readonly FaceInput[]> => {
    const faces: FaceInput[] = [];
    while (faces.length < BATCH) {
      const next = await source.next();
      if (next.done) break;
      const path = `items[${index++}]`;
      if (typeof next.value !== 'object' || next.value === null)
        throw badParam(path, next.value, '{ embedding, meta }');
      faces.push(sink.prepare({ ...options, ...next.value }, path));
    }
    return faces;
  };
  try {
    for (let batch = await nextBatch(); batch.length > 0;) {
      const storing = sink.store(batch, signal);
      // If the next batch is bad, this one is stored all the same.
      const [stored, next] = await Promise.allSettled([storing, nextBatch()]);
      if (stored.status === 'rejected') throw stored.reason;
      for (const { id } of stored.value) ids.push(id);
      onProgress?.({ phase: 'enrol', item: 'embeddings', done: ids.length, total });
      if (next.status === 'rejected') throw next.reason;
      batch = next.value;
    }
    return ids;
  } catch (error) {
    await source.return?.(undefined);
    throw withDone(error, `${ids.length} embeddings`, { added: ids.length });
  }
}
