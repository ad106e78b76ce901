import { runLater } from '../people/coroutine.ts';
import { forgetFaces } from '../people/removal.ts';
import { forgetInJobs } from './jobs.ts';
import { peopleTables } from './people-tables.ts';
import { forgetInRecognitions } from './recognitions.ts';
import type { WriteTx } from './schema.ts';

/** Takes out of jobs, and of what is known of people, whatever names faces that are gone. */
export async function forgetEverywhere(tx: WriteTx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await forgetInJobs(tx, ids);
  await forgetInRecognitions(tx, ids);
  await runLater(forgetFaces(peopleTables(tx), ids));
}
