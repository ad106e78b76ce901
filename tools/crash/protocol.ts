import type { Found } from './model.ts';
import type { Operation } from './operation.ts';

/**
 * What the page tells Node, by a POST to the desk. `found` and `done` are answered with the next operation;
 * whatever came of an answered operation and is not told as `done` was in flight when the browser died.
 */
export type Report =
  | { readonly kind: 'found'; readonly found: Found }
  /** The promise of the last operation resolved. */
  | { readonly kind: 'done' }
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

/** Tells the page what to do next. */
export type Order = Operation;
