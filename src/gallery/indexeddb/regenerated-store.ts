import { throwIfAborted } from '../../core/errors.ts';
import type { Encode } from '../face-rows.ts';
import type { FreshEmbedding, RegeneratedStore, StaleCounts, StaleFace, Swapped } from '../port.ts';
import type { Connection } from './connection.ts';
import { refuseWhileImporting } from './importing.ts';
import type { Imports } from './imports.ts';
import { countStale, nextStale, putRegenerated, swapRegenerated } from './regenerating.ts';
import type { Writer } from './writer.ts';

/** New embeddings in IndexedDB. */
export class IndexedDbRegenerated implements RegeneratedStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #imports: Imports;
  readonly #encode: Encode;

  constructor(connection: Connection, writer: Writer, imports: Imports, encode: Encode) {
    this.#connection = connection;
    this.#writer = writer;
    this.#imports = imports;
    this.#encode = encode;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#connection.read((tx) => countStale(tx, modelId));
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#connection.read((tx) => nextStale(tx, modelId, afterSeq, count));
  }

  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    return this.#writer.write((tx) => putRegenerated(tx, modelId, made));
  }

  async swapRegenerated(modelId: string, missing: 'keep' | 'delete', signal?: AbortSignal): Promise<Swapped> {
    await this.#imports.mendOrRefuse();
    return this.#writer.write(
      async (tx) => {
        refuseWhileImporting(tx.state);
        const done = await swapRegenerated(tx, modelId, missing, this.#encode, () => throwIfAborted(signal));
        tx.note({ kind: 'reload' });
        return done;
      },
      { signal },
    );
  }
}
