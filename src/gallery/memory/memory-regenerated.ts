import { reembedded, refuseWithout, staleFace } from '../face-rules.ts';
import { wrongDimension } from '../gallery-errors.ts';
import { isHidden } from '../hidden-faces.ts';
import { firstAfter } from '../page-cursor.ts';
import type { FreshEmbedding, RegeneratedStore, StaleCounts, StaleFace, Swapped } from '../port.ts';
import { addBytes, bytesOf, type StoredFace } from '../stored.ts';
import { eraseFaces } from './faces.ts';
import { putGallery, readGallery } from './galleries.ts';
import { refuseWhileImporting } from './memory-imports.ts';
import type { MemoryStore, MemoryTx } from './memory-tx.ts';
import { copyPictures } from './queries.ts';
import { putFace } from './rows.ts';
import type { MemoryFace } from './tables.ts';

/** New embeddings in a database in memory. */
export class MemoryRegenerated implements RegeneratedStore {
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#store.run((tx) => {
      const faces = [...staleFaces(tx, modelId)];
      return { stale: faces.length, made: faces.filter((entry) => freshOf(tx, entry, modelId)).length };
    });
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#store.run((tx) => {
      const found: StaleFace[] = [];
      for (const entry of staleFaces(tx, modelId, afterSeq)) {
        if (found.length === count) break;
        if (!freshOf(tx, entry, modelId)) found.push(stale(entry));
      }
      return found;
    });
  }

  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    return this.#store.run((tx) => {
      const dimension = tx.counters.models.get(modelId)?.dimension;
      for (const { seq, vector, ...known } of made) {
        if (!tx.faces.has(seq)) continue;
        checkLength(modelId, seq, vector, dimension ?? vector.length);
        const fresh = { seq, vector: vector.slice(), ...known };
        tx.journal.set(tx.fresh, seq, new Map(tx.fresh.get(seq)).set(modelId, fresh));
      }
    });
  }

  swapRegenerated(modelId: string, missing: 'keep' | 'delete', signal?: AbortSignal): Promise<Swapped> {
    return this.#store.run((tx) => {
      refuseWhileImporting(tx);
      return swap(tx, modelId, missing);
    }, signal);
  }
}

/** The faces of other models, in their order, after a number; those that nobody sees yet are left out. */
function* staleFaces(tx: MemoryTx, modelId: string, afterSeq = 0): Iterable<MemoryFace> {
  const seqs = tx.seqs.inOrder();
  for (let at = firstAfter(seqs, afterSeq); at < seqs.length; at++) {
    const entry = tx.faces.get(seqs[at] as number) as MemoryFace;
    if (entry.face.modelId !== modelId && !isHidden(tx.counters, entry.face.seq)) yield entry;
  }
}

function freshOf(tx: MemoryTx, { face }: MemoryFace, modelId: string): FreshEmbedding | undefined {
  return tx.fresh.get(face.seq)?.get(modelId);
}

function stale(entry: MemoryFace): StaleFace {
  const crop = copyPictures(entry).find(({ kind }) => kind === 'crop');
  return staleFace(entry.face, entry.vector.slice(), crop && { type: crop.type, bytes: crop.bytes });
}

function swap(tx: MemoryTx, modelId: string, missing: 'keep' | 'delete'): Swapped {
  const entries = [...staleFaces(tx, modelId)];
  const without = entries.filter((entry) => !freshOf(tx, entry, modelId));
  refuseWithout(without.length, missing);
  eraseFaces(
    tx,
    without.map(({ face }) => face),
  );
  const swapped = entries.flatMap((entry) => {
    const fresh = freshOf(tx, entry, modelId);
    return fresh ? [{ entry, fresh }] : [];
  });
  const dimension = tx.counters.models.get(modelId)?.dimension ?? swapped[0]?.fresh.vector.length ?? 0;
  for (const { entry, fresh } of swapped) {
    const { seq, vector } = fresh;
    checkLength(modelId, seq, vector, dimension);
    const face = reembedded(entry.face, modelId, fresh);
    putFace(tx, { ...entry, face, vector });
    countSwapped(tx, entry.face, face);
  }
  for (const seq of [...tx.fresh.keys()]) tx.journal.delete(tx.fresh, seq);
  tx.isNew = true;
  return { swapped: swapped.length, deleted: without.length };
}

/** @throws NearFaceError `BAD_PARAM` */
function checkLength(modelId: string, seq: number, { length }: Float32Array, dimension: number): void {
  if (length !== dimension) throw wrongDimension(`the new vector of face ${seq}`, length, dimension, modelId);
}

/** Notes in the galleries of a face that its model, and the length of its record, are others now. */
function countSwapped(tx: MemoryTx, before: StoredFace, after: StoredFace): void {
  const more = addBytes(bytesOf([after]), bytesOf([before]), -1);
  for (const name of after.galleries) {
    const gallery = readGallery(tx, name);
    putGallery(tx, { ...gallery, modelId: after.modelId, bytes: addBytes(gallery.bytes, more) });
  }
}
