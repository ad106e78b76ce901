/**
 * Bytes that are kept so that faces can be deleted when the disk is full: cutting one out rewrites its segment, and a browser refuses
 * every byte then.
 */
import type { WriteTx } from './schema.ts';

/** More than the largest segment takes, with a block of records. */
const RESERVE_BYTES = 2 ** 21;

/** Beside the counters. */
const RESERVE = 'reserve' as 'state';

/** Puts the reserve back if it is gone. */
export async function keepReserve(tx: WriteTx): Promise<void> {
  const store = tx.objectStore('state');
  if (await store.getKey(RESERVE)) return;
  // Random, as browsers compress what they store.
  const bytes = new Uint8Array(RESERVE_BYTES);
  for (let from = 0; from < bytes.length; from += 65_536)
    crypto.getRandomValues(bytes.subarray(from, from + 65_536));
  await store.put(bytes as never, RESERVE);
}

/** Gives the reserve back to the browser; nothing is written, so that it works on a full disk. */
export async function releaseReserve(tx: WriteTx): Promise<void> {
  await tx.objectStore('state').delete(RESERVE);
}
