import { throwIfAborted } from '../core/errors.ts';
import { number } from '../core/options.ts';
import { checkUnitVector } from './face-input.ts';
import type { Mirror } from './mirror.ts';
import type { Connection } from './store/connection.ts';
import { refuseWhileImporting } from './store/importing.ts';
import {
  countStale,
  type FreshEmbedding,
  nextStale,
  putRegenerated,
  type StaleCounts,
  type StaleFace,
  swapRegenerated,
} from './store/regenerating.ts';
import type { Transfer } from './transfer/transfer.ts';
import type { Writer } from './writer.ts';

/** Embeddings of another model beside those that answer. Every method throws NearFaceError. */
export class Regenerator {
  readonly #connection: Connection;
  readonly #mirror: Mirror;
  readonly #writer: Writer;
  readonly #transfer: Transfer;

  constructor(connection: Connection, mirror: Mirror, writer: Writer, transfer: Transfer) {
    this.#connection = connection;
    this.#mirror = mirror;
    this.#writer = writer;
    this.#transfer = transfer;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#connection.read((tx) => countStale(tx, modelId));
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#connection.read((tx) => nextStale(tx, modelId, afterSeq, count));
  }

  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    const checked = made.map(({ vector, reliability, ...face }, i) => ({
      ...face,
      vector: checkUnitVector(vector, `made[${i}].vector`),
      ...(reliability !== undefined && {
        reliability: number(0, 1)(reliability, `made[${i}].reliability`),
      }),
    }));
    return this.#writer.write((tx) => putRegenerated(tx, modelId, checked));
  }

  /** Puts the new embeddings in the place of the old ones. */
  async swapRegenerated(
    modelId: string,
    missing: 'keep' | 'delete',
    signal?: AbortSignal,
  ): Promise<{ readonly swapped: number; readonly deleted: number }> {
    const checkAborted = (): void => throwIfAborted(signal);
    await this.#transfer.mendOrRefuse();
    return this.#writer.write(
      async (tx) => {
        refuseWhileImporting(tx.state);
        const done = await swapRegenerated(tx, modelId, missing, this.#mirror.encode, checkAborted);
        tx.note({ kind: 'reload' });
        return done;
      },
      { signal },
    );
  }
}
