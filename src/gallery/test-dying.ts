import { type MockInstance, vi } from 'vitest';

/** Lets so many transactions of IndexedDB begin, and none after them, until it is restored, as of a page that dies. */
export function dyingAfter(transactions: number): MockInstance {
  let left = transactions;
  const begin = IDBDatabase.prototype.transaction;
  return vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    ...args: Parameters<IDBDatabase['transaction']>
  ) {
    if (left-- > 0) return begin.apply(this, args);
    throw new Error('the page is gone');
  });
}
