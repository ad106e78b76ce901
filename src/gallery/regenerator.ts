import type { Call } from '../core/call.ts';
import { number } from '../core/options.ts';
import { checkUnitVector } from './face-input.ts';
import type { FreshEmbedding, RegeneratedStore, StaleCounts, StaleFace, Swapped } from './port.ts';

/** Embeddings of another model beside those that answer. Every method throws NearFaceError. */
export class Regenerator {
  readonly #store: RegeneratedStore;

  constructor(store: RegeneratedStore) {
    this.#store = store;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#store.countStale(modelId);
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#store.nextStale(modelId, afterSeq, count);
  }

  async putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    const checked = made.map(({ vector, reliability, ...face }, i) => ({
      ...face,
      vector: checkUnitVector(vector, `made[${i}].vector`),
      ...(reliability !== undefined && {
        reliability: number(0, 1)(reliability, `made[${i}].reliability`),
      }),
    }));
    return this.#store.putRegenerated(modelId, checked);
  }

  /** Puts the new embeddings in the place of the old ones. */
  swapRegenerated(modelId: string, missing: 'keep' | 'delete', { signal }: Call = {}): Promise<Swapped> {
    return this.#store.swapRegenerated(modelId, missing, signal);
  }
}
