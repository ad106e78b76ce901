/** What the server needs of the library, which is handed to it, so that a process never has two of them. */
import type { NearFace } from '../../src/index.ts';
import type { createHandler } from '../../src/rest/index.ts';

/** `nearface` and `nearface/rest`. */
export interface Library {
  readonly NearFace: typeof NearFace;
  readonly createHandler: typeof createHandler;
  readonly version: string;
}
