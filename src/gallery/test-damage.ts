/** For tests in the browser: databases of which a part is damaged. */
import { openDB } from 'idb';
import type { RecordBlock, StoreName } from './indexeddb/schema.ts';
import { currentSlot } from './indexeddb/slots.ts';

/** Changes one value (the first, without a key) as it lies in a database, or deletes it where the answer is none. */
export async function damageStored<T>(
  database: string,
  store: StoreName,
  key: IDBValidKey | undefined,
  change: (value: T) => unknown,
): Promise<void> {
  const db = await openDB((await currentSlot(database)) ?? database);
  const at = key ?? (await db.getAllKeys(store))[0];
  const changed = change((await db.get(store, at as IDBValidKey)) as T);
  const hasPath = db.transaction(store).store.keyPath !== null;
  if (changed === undefined) await db.delete(store, at as IDBValidKey);
  else if (hasPath) await db.put(store, changed);
  else await db.put(store, changed, at);
  db.close();
}

/** The first half of something. */
export const cut = <T extends { slice(from: number, to: number): T }>(values: T & { length: number }): T =>
  values.slice(0, values.length >> 1);

/** A copy of which one byte is another. */
export function flipped<T extends Uint8Array | Float32Array>(values: T): T {
  const copy = values.slice() as T;
  const bytes = new Uint8Array(copy.buffer);
  bytes[100] = (bytes[100] as number) ^ 0xff;
  return copy;
}

/** A block in which the record of one face cannot be read. */
export function withUnreadable(block: RecordBlock, seq: number): RecordBlock {
  const records = block.records.map((record, i) => {
    if (block.seqs[i] !== seq) return record;
    return typeof record === 'string' ? record.slice(1) : flipped(record);
  });
  return { ...block, records };
}
