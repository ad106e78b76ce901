import type { Found } from './model.ts';
import type { Operation } from './operation.ts';

/**
 * What the page tells Node, by a POST to the desk. `found` and `done` are answered with the next operation;
 * whatever came of an answered operation and is not told as `done` was in flight when the browser died.
 */
export type Report =
  | { readonly kind: 'found'; readonly found: Found }
  /** The second worker has the database open, or asks again. */
  | { readonly kind: 'ready'; readonly tab: Tab }
  /** The promise of the tab's last operation resolved. */
  | { readonly kind: 'done'; readonly tab: Tab }
  /** How far the opening has come. */
  | { readonly kind: 'reached'; readonly stage: Stage }
  /** The store could not be opened, or refused what it must accept. */
  | { readonly kind: 'failed'; readonly why: string };

/** The page's script runs, the worker's does, it opens the database, the database is open, the galleries are. */
export type Stage = 'page' | 'worker' | 'opening' | 'database' | 'galleries';

/** What the worker posts to its page on its way. */
export interface ReachedMessage {
  readonly reached: Stage;
}

/**
 * What the worker posts to its page when Chromium found the database's files damaged, deleted them, and made an
 * empty database in their place. It does that by itself, before any code of a page runs.
 */
export interface DiscardMessage {
  readonly discarded: string;
}

/** The page's two workers, each as another page would be. */
export type Tab = 0 | 1;

/** Tells the page what one of its workers is to do next: to ask again in a while, or nothing any more. */
export type Order = Operation | { readonly kind: 'rest' } | { readonly kind: 'stop' };
