/** Model files that were fetched and checked before, by their sha256. The browser may evict them at any time. */
export class ModelCache {
  static readonly #NAME = 'nearface-models';

  /** The file with this digest, or nothing. Never throws: a cache that fails is an empty one. */
  async get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const response = await (await this.#open())?.match(keyOf(sha256));
      return response && new Uint8Array(await response.arrayBuffer());
    } catch {
      return undefined;
    }
  }

  /** Keeps a file; without room for it, it is not kept. */
  async put(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await (await this.#open())?.put(keyOf(sha256), new Response(bytes));
    } catch {
      // The file is fetched again next time.
    }
  }

  async delete(sha256: string): Promise<void> {
    try {
      await (await this.#open())?.delete(keyOf(sha256));
    } catch {
      // As `get`.
    }
  }

  async #open(): Promise<Cache | undefined> {
    return 'caches' in globalThis ? caches.open(ModelCache.#NAME) : undefined;
  }
}

/** The Cache API takes HTTP URLs only; nothing is ever requested from this one. */
function keyOf(sha256: string): string {
  return new URL(`/.nearface/${sha256}`, globalThis.origin).href;
}
