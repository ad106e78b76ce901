import type { IDBPTransaction } from 'idb';
import type { UpgradeDb } from './step.ts';

/** A block of records of version 4: JSON, or sealed bytes in an encrypted database. */
interface Block4 {
  readonly block: number;
  readonly seqs: readonly number[];
  readonly records: readonly (string | Uint8Array<ArrayBuffer>)[];
}

/** What is looked at of a gallery of version 4; in an encrypted database all of it is sealed. */
interface Gallery4 {
  readonly name: string;
  readonly bytes?: { readonly records: number; readonly pictures: number };
}

/** What is looked at of the counters of version 4. */
interface State4 {
  readonly bytes: { readonly records: number; readonly pictures: number };
}

/** What is looked at of a record of version 4. */
interface Record4 {
  readonly friend: boolean;
  readonly galleries?: unknown;
}

/** The stores of version 4, as far as they are touched. */
type Tx4 = IDBPTransaction<
  {
    records: { key: number; value: Block4 };
    galleries: { key: string; value: Gallery4 };
    state: { key: string; value: State4 };
  },
  ['records', 'galleries', 'state'],
  'versionchange'
>;

/** What a text of JSON is shorter without the flag: `,"friend":true` or `,"friend":false`. */
const lengthOf = (friend: boolean): number => `,"friend":${friend}`.length;

/**
 * Version 5 keeps people, cameras and sightings, each in a store of its own, and knows no flag `friend` of a face any more. It is taken
 * out of records, and out of the bytes that galleries and counters tell. Sealed records cannot be opened here: they keep it, and it is
 * told to nobody.
 */
export async function toVersion5(db: UpgradeDb, upgrade: unknown): Promise<void> {
  createStores5(db);
  const tx = upgrade as Tx4;
  const { total, byGallery } = await dropFlags(tx);
  if (total === 0) return;
  const state = await tx.objectStore('state').get('state');
  if (state?.bytes)
    await tx.objectStore('state').put({ ...state, bytes: without(state.bytes, total) }, 'state');
  for (const [name, bytes] of byGallery) {
    const gallery = await tx.objectStore('galleries').get(name);
    if (gallery?.bytes)
      await tx.objectStore('galleries').put({ ...gallery, bytes: without(gallery.bytes, bytes) });
  }
}

function without(bytes: State4['bytes'], records: number): State4['bytes'] {
  return { ...bytes, records: bytes.records - records };
}

function createStores5(db: UpgradeDb): void {
  const has = (name: string): boolean => db.objectStoreNames.contains(name);
  if (!has('persons')) db.createObjectStore('persons', { keyPath: 'number' }).createIndex('id', 'id');
  if (!has('cameras')) db.createObjectStore('cameras', { keyPath: 'id' });
  if (!has('pairs'))
    db.createObjectStore('pairs', { keyPath: 'key' }).createIndex('marks', 'marks', { multiEntry: true });
  if (!has('peopleSteps'))
    db.createObjectStore('peopleSteps', { keyPath: 'no' }).createIndex('faces', 'faces', {
      multiEntry: true,
    });
  if (!has('sightings')) {
    const sightings = db.createObjectStore('sightings', { keyPath: 'seq' });
    sightings.createIndex('id', 'id');
    sightings.createIndex('face', 'face');
    sightings.createIndex('time', ['time', 'back']);
    sightings.createIndex('person', ['person', 'time', 'back']);
  }
  if (!has('sightingPictures')) db.createObjectStore('sightingPictures');
}

/** Answers how much shorter all records are, and those of each gallery. */
async function dropFlags(
  tx: Tx4,
): Promise<{ readonly total: number; readonly byGallery: ReadonlyMap<string, number> }> {
  const byGallery = new Map<string, number>();
  let total = 0;
  for (let cursor = await tx.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
    const { records } = cursor.value;
    if (!Array.isArray(records)) continue;
    let isChanged = false;
    const dropped = (records as Block4['records']).map((entry) => {
      const record = flagged(entry);
      if (!record) return entry;
      isChanged = true;
      const { friend, ...kept } = record;
      total += lengthOf(friend);
      const galleries: readonly unknown[] = Array.isArray(kept.galleries) ? kept.galleries : [];
      for (const name of galleries)
        if (typeof name === 'string') byGallery.set(name, (byGallery.get(name) ?? 0) + lengthOf(friend));
      return JSON.stringify(kept);
    });
    if (isChanged) await cursor.update({ ...cursor.value, records: dropped });
  }
  return { total, byGallery };
}

/** A record that has the flag; nothing where it is damaged. */
function flagged(entry: unknown): Record4 | undefined {
  // Most databases have no such flag: reading a record takes longer than seeing that.
  if (typeof entry !== 'string' || !entry.includes('"friend":')) return undefined;
  try {
    const record = JSON.parse(entry) as Partial<Record4> | null;
    return typeof record?.friend === 'boolean' ? (record as Record4) : undefined;
  } catch {
    return undefined;
  }
}
