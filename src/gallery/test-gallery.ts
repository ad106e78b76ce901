/** For tests in the browser: engines on databases of their own, and vectors. */
import { deleteDB, openDB } from 'idb';
import { toHex } from '../core/hex.ts';
import { compileKernel } from '../search/kernel/kernel.ts';
import { type EngineOptions, GalleryEngine } from './gallery-engine.ts';
import { indexedDb, type IndexedDbOptions } from './indexeddb/indexeddb-database.ts';
import type { RecordBlock, StoreName } from './indexeddb/schema.ts';
import { currentSlot, slotsOf } from './indexeddb/slots.ts';

export { testFace } from './test-face.ts';
export { cheapPassphrases } from './test-passphrases.ts';
export { testVector } from './test-vector.ts';

/** The kernel as the build made it. */
export async function testKernel(): Promise<WebAssembly.Module> {
  const response = await fetch(new URL('../search/kernel/search-relaxed.wasm', import.meta.url));
  return compileKernel(await response.arrayBuffer());
}

/** A database name that no other test has. */
export function testDatabase(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}

/** Opens an engine on a database. */
export async function openEngine(database: string, passphrase?: string): Promise<GalleryEngine> {
  return openEngineWith({ database, kernel: await testKernel(), key: passphrase });
}

/** The same with any options. */
export function openEngineWith(options: IndexedDbOptions & EngineOptions): Promise<GalleryEngine> {
  return GalleryEngine.open(indexedDb(options), options);
}

/** Everything in a store, as it lies in the database. */
export async function rawStore(database: string, store: StoreName): Promise<readonly unknown[]> {
  const db = await openDB((await currentSlot(database)) ?? database);
  const all: readonly unknown[] = await db.getAll(store);
  db.close();
  return all;
}

/** The numbers of the faces whose records lie in the database. */
export async function rawSeqs(database: string): Promise<readonly number[]> {
  const blocks = (await rawStore(database, 'records')) as readonly RecordBlock[];
  return blocks.flatMap(({ seqs }) => seqs);
}

/** Everything in all stores, keys of pictures included; of the reserve its digest: to compare its bytes takes seconds. */
export async function rawDatabase(database: string): Promise<unknown> {
  const db = await openDB((await currentSlot(database)) ?? database);
  const stores = await Promise.all(
    [...db.objectStoreNames].map(async (name) => [
      name,
      await db.getAllKeys(name),
      await Promise.all((await db.getAll(name)).map((row: unknown) => withoutBytes(row))),
    ]),
  );
  db.close();
  return stores;
}

async function withoutBytes(row: unknown): Promise<unknown> {
  if (!(row instanceof Uint8Array)) return row;
  const digest = await crypto.subtle.digest('SHA-256', row.slice());
  return { length: row.length, sha256: toHex(new Uint8Array(digest)) };
}

/** Ends a test's database. */
export async function dropDatabase(database: string): Promise<void> {
  // Without overwriting it.
  for (const slot of slotsOf(database)) await deleteDB(slot);
}
