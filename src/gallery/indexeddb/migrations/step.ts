/** What a step does to stores. */
export type UpgradeDb = Pick<IDBDatabase, 'objectStoreNames' | 'createObjectStore' | 'deleteObjectStore'>;

/**
 * Brings a database up to a version from the one before, in the transaction that opens it. Each has a file of its own, `to-N.ts`, with
 * the layouts of both versions and all that it computes, and imports nothing else of the library, so that it goes on doing the same when
 * that changes. Values that are damaged stay so: they must not keep the rest from being opened.
 *
 * @param tx - over all stores
 */
export type Step = (db: UpgradeDb, tx: unknown) => Promise<void>;
