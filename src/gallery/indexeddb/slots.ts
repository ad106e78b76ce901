/**
 * The two physical databases that one name may stand for. Encrypting makes the other one and deletes the first, so that no row of
 * it has to be found and overwritten. Which one counts is told by what lies in them: one without counters is unfinished, and of two
 * finished ones the later generation counts.
 */
import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { NearFaceError } from '../../core/errors.ts';
import { namesOfLocks } from '../../platform/browser/locks.ts';
import { originStorage } from '../../platform/browser/storage.ts';
import { wipe } from './erasing.ts';
import type { GalleryDb } from './schema.ts';
import { openError } from './transactions.ts';

/** How long others may take to let go of a database that is deleted or upgraded. */
const RELEASE_MS = 5000;

/** How long the browser may take to open a database, or to begin to upgrade it. */
const OPEN_MS = 20_000;

/** Both physical names. */
export const slotsOf = (name: string): readonly [first: string, second: string] => [name, `${name}#2`];

/** The one of the two that is not `slot`. */
export function otherSlot(name: string, slot: string): string {
  const [first, second] = slotsOf(name);
  return slot === first ? second : first;
}

/** The name of the lock that says that a page has the database open; it is held until the page lets go. */
export const pageLock = (name: string, page: string): string => `nearface:${name}:page:${page}`;

/** What is known of a copy that is being made; beside the counters that make it whole. */
const VOID = 'void' as 'state';

/** Where the data of a name lies; nothing if there is none. What a crash left of an older one is deleted. */
export async function currentSlot(name: string): Promise<string | undefined> {
  const [first, second] = slotsOf(name);
  const there = await slotsThere(name);
  if (!there.includes(second)) return there[0];
  const generations = await Promise.all([generationOf(first), generationOf(second)]);
  const [a, b] = generations;
  if (a === undefined && b === undefined) {
    await deleteSlot(name, second);
    return undefined;
  }
  const current = (a ?? -1) > (b ?? -1) ? first : second;
  // Another page may still hold it: then the next opening tries again.
  if (a !== undefined && b !== undefined) {
    const older = otherSlot(name, current);
    await wipeSlot(older).catch(() => undefined);
    await deleteSlot(name, older).catch(() => undefined);
  }
  return current;
}

/** Those of a name's physical databases that exist, or may exist where the browser does not list them. */
async function slotsThere(name: string): Promise<readonly string[]> {
  // Chromium would leave a rejection behind that nobody can catch, beside the one that is thrown.
  if (originStorage.isOpaque) throw new DOMException('An opaque origin has no storage', 'SecurityError');
  // Absent in browsers of before 2024, whatever the types say.
  const { databases } = indexedDB as { databases?: IDBFactory['databases'] };
  if (!databases) return slotsOf(name);
  const list = (): Promise<IDBDatabaseInfo[]> => databases.call(indexedDB);
  // Chromium removes its files where a crash has damaged them: the call that finds it out fails, and the next begins anew.
  const listed = new Set((await list().catch(list)).map((info) => info.name));
  return slotsOf(name).filter((slot) => listed.has(slot));
}

/** The generation of a physical database; nothing where there is none, or none that is finished. */
async function generationOf(slot: string): Promise<number | undefined> {
  const db = await openThere(slot);
  try {
    if (!db?.objectStoreNames.contains('state')) return undefined;
    const state = await db.get('state', 'state');
    return state && (state.generation ?? 0);
  } finally {
    db?.close();
  }
}

/** Opens a physical database as it is, if it exists. */
async function openThere(slot: string): Promise<IDBPDatabase<GalleryDb> | undefined> {
  let isNew = false;
  const opening = openDB<GalleryDb>(slot, undefined, {
    upgrade: (_db, _from, _to, tx) => {
      isNew = true;
      tx.done.catch(() => undefined);
      tx.abort();
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  try {
    return await new Patience(slot).waitFor(opening, OPEN_MS);
  } catch (error) {
    if (isNew) return undefined;
    throw error;
  }
}

/**
 * Ends the making of a copy by a page that is gone, so that it cannot be finished any more. Answers false, and changes nothing, if
 * it is finished.
 */
export async function abandonCopy(name: string, slot: string): Promise<boolean> {
  const copy = await openThere(slot);
  if (copy) {
    try {
      if (copy.objectStoreNames.contains('state')) {
        const tx = copy.transaction('state', 'readwrite');
        if (await tx.store.get('state')) return false;
        await tx.store.put({} as GalleryDb['state']['value'], VOID);
        await tx.done;
      }
    } finally {
      copy.close();
    }
    await deleteSlot(name, slot);
  }
  return true;
}

/** Whether the making of a copy was ended by another page; asked in the transaction that would finish it. */
export async function isAbandoned(state: { get(key: 'state'): Promise<unknown> }): Promise<boolean> {
  return (await state.get(VOID)) !== undefined;
}

/**
 * Deletes all that lies under a name; pages that have it open lose it.
 *
 * @throws NearFaceError `STORAGE_FAILED`, also if another page does not let go of it
 */
export async function deleteDatabase(name: string): Promise<void> {
  const current = await currentSlot(name).then(
    (slot) => slot ?? name,
    (error: unknown) => {
      throw openError(error, name);
    },
  );
  // What is older goes first, so that it is not taken for the present one after a crash.
  for (const slot of [otherSlot(name, current), current]) {
    await wipeSlot(slot).catch(() => undefined);
    await deleteSlot(name, slot);
  }
}

async function wipeSlot(slot: string): Promise<void> {
  const db = await openThere(slot);
  await (db && wipe(db))?.finally(() => db.close());
}

/** Deletes one of a name's physical databases. @throws NearFaceError `STORAGE_FAILED` */
export async function deleteSlot(name: string, slot: string): Promise<void> {
  try {
    const patience = new Patience(name);
    // Without an event at all it waits for an earlier deletion, which is blocked.
    await patience.waitFor(deleteDB(slot, { blocked: () => patience.startFor(RELEASE_MS) }), OPEN_MS);
  } catch (error) {
    throw NearFaceError.from(error, 'STORAGE_FAILED', `The database ${name} could not be deleted`);
  }
}

/** Opens a physical database in a time. @throws whatever opening throws; NearFaceError `STORAGE_FAILED` */
export async function openInTime(
  name: string,
  open: (events: {
    readonly blocked: () => void;
    readonly begun: () => void;
  }) => Promise<IDBPDatabase<GalleryDb>>,
): Promise<IDBPDatabase<GalleryDb>> {
  const patience = new Patience(name);
  const opening = open({ blocked: () => patience.startFor(RELEASE_MS), begun: () => patience.end() });
  try {
    return await patience.waitFor(opening, OPEN_MS);
  } catch (error) {
    void opening.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
}

/** Waits for what other pages may hold up, for some time. */
class Patience {
  readonly #name: string;
  readonly #over: Promise<never>;
  #reject: (error: Error) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(name: string) {
    this.#name = name;
    this.#over = new Promise((_, reject) => (this.#reject = reject));
    this.#over.catch(() => undefined);
  }

  async waitFor<T>(work: Promise<T>, ms: number): Promise<T> {
    this.startFor(ms);
    work.catch(() => undefined);
    try {
      return await Promise.race([work, this.#over]);
    } finally {
      this.end();
    }
  }

  /** From now on so long. */
  startFor(ms: number): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void heldOpen(this.#name).then(this.#reject), ms);
  }

  /** No more hurry. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}

/** The error that says which page to close. */
async function heldOpen(name: string): Promise<NearFaceError> {
  const prefix = pageLock(name, '');
  const locks = await namesOfLocks();
  const pages = [
    ...new Set(locks.filter((lock) => lock.startsWith(prefix)).map((lock) => lock.slice(prefix.length))),
  ];
  const which = pages.length > 0 ? `${pages.join(', ')} has` : `another page of ${originStorage.origin} has`;
  return new NearFaceError(
    'STORAGE_FAILED',
    `${which} the database ${name} open and does not let go of it; close or reload that page (or restart the browser), and try again`,
    { database: name, pages },
  );
}
