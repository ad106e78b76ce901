import type { ModelCache } from '../port.ts';

const NAME = 'nearface-models';

/** Model files in the Cache API; the browser may evict them at any time. */
export const cachedModels: ModelCache = {
  async get(sha256) {
    try {
      const response = await (await open())?.match(keyOf(sha256));
      return response && new Uint8Array(await response.arrayBuffer());
    } catch {
      return undefined;
    }
  },
  async put(sha256, bytes) {
    try {
      await (await open())?.put(keyOf(sha256), new Response(bytes));
    } catch {
      // Without room for it, it is not kept, and fetched again next time.
    }
  },
};

async function open(): Promise<Cache | undefined> {
  return 'caches' in globalThis ? caches.open(NAME) : undefined;
}

/** The Cache API takes HTTP URLs only; nothing is ever requested from this one. */
function keyOf(sha256: string): string {
  return new URL(`/.nearface/${sha256}`, globalThis.origin).href;
}
