/** Photos of jobs in their tables. */
import { forgotten } from '../job-steps.ts';
import type { StoredJobItem } from '../port.ts';
import type { MemoryTx } from './memory-tx.ts';

/** The photos of a job, in their order. */
export function itemsOf({ items }: MemoryTx, job: string): ReadonlyMap<number, StoredJobItem> {
  return items.get(job) ?? new Map();
}

/** Puts a photo in the place of the one of its number. */
export function putItem(tx: MemoryTx, job: string, item: StoredJobItem): void {
  const items = tx.items.get(job) ?? new Map<number, StoredJobItem>();
  if (!tx.items.has(job)) tx.journal.set(tx.items, job, items);
  indexItem(tx, job, items.get(item.index), item);
  tx.journal.set(items, item.index, item);
}

/** Takes all photos of a job out. */
export function dropItems(tx: MemoryTx, job: string): void {
  for (const item of itemsOf(tx, job).values()) indexItem(tx, job, item, undefined);
  tx.journal.delete(tx.items, job);
}

/** Takes what jobs know of faces that are deleted: names of files, and metas. */
export function forgetInJobs(tx: MemoryTx, ids: readonly string[]): void {
  for (const id of ids)
    for (const [job, index] of tx.enrolled.get(id) ?? []) {
      const item = itemsOf(tx, job).get(index);
      if (item) putItem(tx, job, forgotten(item, id));
    }
}

function indexItem(
  tx: MemoryTx,
  job: string,
  before: StoredJobItem | undefined,
  after: StoredJobItem | undefined,
): void {
  const [had, has] = [before?.ids ?? [], after?.ids ?? []];
  const index = (after ?? before)?.index as number;
  const placesOf = (id: string): readonly (readonly [string, number])[] =>
    (tx.enrolled.get(id) ?? []).filter(([other, no]) => other !== job || no !== index);
  for (const id of new Set([...had, ...has])) {
    const places = has.includes(id) ? [...placesOf(id), [job, index] as const] : placesOf(id);
    if (places.length > 0) tx.journal.set(tx.enrolled, id, places);
    else tx.journal.delete(tx.enrolled, id);
  }
}
