import type { UpgradeDb } from './step.ts';

/** Version 6 keeps what jobs that recognise work at, where they are, and whom they have seen, each in a store of its own. */
export async function toVersion6(db: UpgradeDb): Promise<void> {
  const has = (name: string): boolean => db.objectStoreNames.contains(name);
  if (!has('jobPieces')) db.createObjectStore('jobPieces');
  if (!has('jobCheckpoints')) db.createObjectStore('jobCheckpoints');
  if (has('appearances')) return;
  const appearances = db.createObjectStore('appearances', { keyPath: ['job', 'source', 'frame', 'track'] });
  appearances.createIndex('faces', 'faces', { multiEntry: true });
  appearances.createIndex('track', ['job', 'source', 'track']);
}
