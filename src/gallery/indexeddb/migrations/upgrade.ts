import type { IDBPDatabase } from 'idb';
import { EMPTY_STATE, type GalleryDb, type StoreName, type UpgradeTx } from '../schema.ts';
import type { Step, UpgradeDb } from './step.ts';
import { toVersion2 } from './to-2.ts';
import { toVersion3 } from './to-3.ts';
import { toVersion4 } from './to-4.ts';
import { toVersion5 } from './to-5.ts';
import { toVersion6 } from './to-6.ts';
import { DEFAULT_GALLERY, newGallery } from '../../stored.ts';

/** The first brings version 1 up to version 2. */
const STEPS: readonly Step[] = [toVersion2, toVersion3, toVersion4, toVersion5, toVersion6];

/**
 * Brings a database of an earlier version, or a new one, up to the present one.
 *
 * @param isLost - whether it is new since the browser found the files of an earlier one damaged
 */
export async function upgrade(
  db: IDBPDatabase<GalleryDb>,
  from: number,
  tx: UpgradeTx,
  isLost = false,
): Promise<void> {
  if (from > 0) {
    for (const step of STEPS.slice(from - 1)) await step(db as unknown as UpgradeDb, tx);
    createStores(db);
    return;
  }
  createStores(db);
  await tx.objectStore('galleries').add(newGallery(DEFAULT_GALLERY, null));
  await tx.objectStore('state').add({ ...EMPTY_STATE, ...(isLost && { lost: true }) }, 'state');
}

/** Creates what stores are not there yet. */
export function createStores(db: IDBPDatabase<GalleryDb>): void {
  const has = (name: StoreName): boolean => db.objectStoreNames.contains(name);
  if (!has('galleries')) db.createObjectStore('galleries', { keyPath: 'name' });
  if (!has('records')) db.createObjectStore('records', { keyPath: 'block' });
  if (!has('vectors')) db.createObjectStore('vectors', { keyPath: ['modelId', 'first'] });
  if (!has('jobs')) db.createObjectStore('jobs', { keyPath: 'id' });
  if (!has('jobItems')) {
    const items = db.createObjectStore('jobItems', { keyPath: ['job', 'index'] });
    items.createIndex('status', ['job', 'status', 'index']);
    items.createIndex('ids', 'ids', { multiEntry: true });
  }
  if (!has('regenerated')) {
    const regenerated = db.createObjectStore('regenerated', { keyPath: ['seq', 'modelId'] });
    regenerated.createIndex('modelId', 'modelId');
  }
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
  if (!has('appearances')) {
    const keyPath = ['job', 'source', 'frame', 'track'];
    const appearances = db.createObjectStore('appearances', { keyPath });
    appearances.createIndex('faces', 'faces', { multiEntry: true });
    appearances.createIndex('track', ['job', 'source', 'track']);
  }
  const bare = ['pictures', 'sightingPictures', 'jobPieces', 'jobCheckpoints', 'changes', 'state', 'keys'];
  for (const name of bare as StoreName[]) if (!has(name)) db.createObjectStore(name);
}
