import type { IDBPDatabase } from 'idb';
import { EMPTY_STATE, type GalleryDb, STORES, type StoreName, type WriteTx } from './schema.ts';
import { galleryRow } from './rows.ts';
import { countersOf, emptied } from '../people/stored.ts';
import { DEFAULT_GALLERY, newGallery } from '../stored.ts';

/** What is not emptied: the counters, which are put anew, and the keys. */
const KEPT: ReadonlySet<StoreName> = new Set<StoreName>(['state', 'keys']);

/** Deletes everything but the default gallery, which is empty then, and the keys of an encrypted database. */
export async function eraseAll(tx: WriteTx): Promise<void> {
  const { models: _models, bytes: _bytes, importing: _importing, people, ...kept } = tx.state;
  const erased = STORES.filter((name) => !KEPT.has(name));
  await Promise.all(erased.map(async (name) => tx.objectStore(name).clear()));
  await tx.objectStore('galleries').add(galleryRow(tx.sealer, newGallery(DEFAULT_GALLERY, null)));
  tx.state = { ...EMPTY_STATE, ...kept, people: emptied(countersOf(people)) };
  tx.note({ kind: 'reload' });
}

/**
 * Empties a physical database that is about to be deleted, and overwrites it.
 *
 * @param keyId - what its keys are called from now on; without it whoever has it open finds an empty plain database
 */
export async function wipe(db: IDBPDatabase<GalleryDb>, keyId?: string): Promise<void> {
  // One of an earlier version would have to be upgraded first.
  if (!STORES.every((name) => db.objectStoreNames.contains(name))) return;
  const tx = db.transaction([...STORES], 'readwrite', { durability: 'strict' });
  const state = await tx.objectStore('state').get('state');
  await Promise.all(STORES.map(async (name) => tx.objectStore(name).clear()));
  const generation = state?.generation ?? 0;
  await tx.objectStore('galleries').put(newGallery(DEFAULT_GALLERY, null));
  await tx.objectStore('state').put({ ...EMPTY_STATE, generation, ...(keyId && { keyId }) }, 'state');
  await tx.done;
  await overwrite(db, true);
}

/** Larger values are files of their own in Chromium, which go when they are deleted. */
const FILLER_BYTES = 60_000;

/** A transaction's filler: as much as Chromium keeps in memory before it writes a file. */
const FILLERS = 70;

/** More than Chromium's first level of files may hold, so that it is joined with those below, and what is deleted is left out. */
const ROUNDS = 8;

/**
 * Writes and deletes some 30 MB. What was deleted before stays in a browser's files until they are written anew; Chromium (LevelDB) does
 * that when enough has been written that lies, by its keys, on both sides.
 *
 * @param isDoomed - whether nobody reads the database any more, so that as much again can be written among its first keys
 */
export async function overwrite(db: IDBPDatabase<GalleryDb>, isDoomed = false): Promise<void> {
  // Random, as it is compressed; it may be the same each time.
  const filler = crypto.getRandomValues(new Uint8Array(FILLER_BYTES));
  for (let round = 0; round < ROUNDS; round++) {
    const tx = db.transaction(['galleries', 'changes', 'keys'], 'readwrite', { durability: 'strict' });
    const [first, changes, last] = [
      tx.objectStore('galleries'),
      tx.objectStore('changes'),
      tx.objectStore('keys'),
    ];
    const puts: Promise<unknown>[] = [first.put({ name: FIRST }), last.put({} as never, LAST)];
    // No revision is negative, and no gallery's name or tag has a blank: the next opening deletes what a crash left.
    for (let i = 0; i < FILLERS; i++) puts.push(changes.put(filler as never, -1 - (round * FILLERS + i)));
    if (isDoomed)
      for (let i = 0; i < FILLERS; i++) puts.push(first.put({ name: ` ${round} ${i}`, sealed: filler }));
    puts.push(first.delete(FIRST), last.delete(LAST));
    await Promise.all([...puts, tx.done]);
  }
  await db.delete('changes', filledChanges());
}

/** Where fillers are in the changes, and among the galleries. */
const filledChanges = (): IDBKeyRange => IDBKeyRange.upperBound(-1);
const filledGalleries = (): IDBKeyRange => IDBKeyRange.upperBound('!');

/** Deletes the fillers that are left where a page has ended while it overwrote the database: they would be taken for galleries. */
export async function clearFillers(db: IDBPDatabase<GalleryDb>): Promise<void> {
  const counts = [db.count('galleries', filledGalleries()), db.count('changes', filledChanges())];
  if ((await Promise.all(counts)).every((count) => count === 0)) return;
  const tx = db.transaction(['galleries', 'changes'], 'readwrite');
  await Promise.all([
    tx.objectStore('galleries').delete(filledGalleries()),
    tx.objectStore('changes').delete(filledChanges()),
    tx.done,
  ]);
}

/** Keys before all galleries and after all keys. */
const [FIRST, LAST] = ['', '\uffff' as 'keys'];
