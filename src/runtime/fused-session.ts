import type { FusedNetwork, ModelEntry } from '../core/manifest.ts';
import type { ModelSession } from '../core/model-session.ts';

/** The second network of a fused model as a model of its own, for loading it. */
export function secondOf({ id, role, format }: ModelEntry, network: FusedNetwork): ModelEntry {
  const { weight: _, ...own } = network;
  return { id, role, format, ...own };
}

/**
 * Two networks that see the same crops, as one session: an output of the one, then one of the other. It owns the sessions that
 * it is made of.
 */
export class FusedSession implements ModelSession {
  readonly entry: ModelEntry;
  readonly maxBatch: number;
  readonly #first: ModelSession;
  readonly #second: ModelSession;

  constructor(entry: ModelEntry, first: ModelSession, second: ModelSession) {
    this.entry = entry;
    this.#first = first;
    this.#second = second;
    this.maxBatch = Math.min(first.maxBatch, second.maxBatch);
  }

  async run(input: Float32Array<ArrayBuffer>, dims: readonly number[]): Promise<readonly Float32Array[]> {
    const [a] = await this.#first.run(input, dims);
    const [b] = await this.#second.run(this.#forSecond(input), dims);
    return [a!, b!];
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#first.dispose(), this.#second.dispose()]);
  }

  /** The same pixels, `(channel − mean) / std` with the other network's mean and std. */
  #forSecond(input: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const [from, to] = [this.#first.entry.input, this.#second.entry.input];
    if (from.mean === to.mean && from.std === to.std) return input;
    const [scale, shift] = [from.std / to.std, (from.mean - to.mean) / to.std];
    return input.map((x) => x * scale + shift);
  }
}
