import { NearFaceError } from '../../core/errors.ts';
import { pack, unpack } from '../../core/pack.ts';
import { recognising } from '../job-steps.ts';
import type { StoredAppearance, StoredRecognition } from '../port.ts';
import { facesOfAppearance, forgottenAppearance, triedAgain } from '../recognition-steps.ts';
import { putJob, readJob } from './jobs.ts';
import type { AppearanceRow, ReadTx, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

/** Lets the failed sources of a job wait again; what was seen of them goes. */
export async function retrySources(tx: WriteTx, before: StoredRecognition): Promise<void> {
  const { job, sources } = triedAgain(before);
  const store = tx.objectStore('appearances');
  for (const source of sources) await store.delete(IDBKeyRange.bound([job.id, source], [job.id, source, []]));
  await putJob(tx, job);
}

/** Takes what jobs tell of faces that are deleted. */
export async function forgetInRecognitions(tx: WriteTx, ids: readonly string[]): Promise<void> {
  const store = tx.objectStore('appearances');
  if ((await store.count()) === 0) return;
  for (const id of ids) {
    for (const row of await store.index('faces').getAll(tx.sealer.tag(id))) {
      const appearance = appearanceOf(tx.sealer, row);
      if (appearance) await store.put(rowOf(tx.sealer, row.job, forgottenAppearance(appearance, id)));
      else await store.delete([row.job, row.source, row.frame, row.track]);
    }
  }
}

/** A row under other keys. What is damaged stays so. */
export function resealedAppearance(from: Sealer, to: Sealer, row: AppearanceRow): AppearanceRow {
  const appearance = appearanceOf(from, row);
  if (appearance) return rowOf(to, row.job, appearance);
  const { job, source, frame, track } = row;
  return { ...{ job, source, frame, track }, faces: [], bytes: new Uint8Array(0) };
}

/** @throws NearFaceError `BAD_PARAM` of an id that no such job has */
export async function readRecognition(tx: ReadTx, id: string): Promise<StoredRecognition> {
  return recognising(await readJob(tx, id));
}

/** Where the pieces of a source are. */
export function piecesOf(id: string, source: number): IDBKeyRange {
  return IDBKeyRange.bound([id, source], [id, source, []]);
}

/** Puts an appearance in the place of the one of its track. */
export async function putAppearance(tx: WriteTx, job: string, appearance: StoredAppearance): Promise<void> {
  const { source, track } = appearance;
  const store = tx.objectStore('appearances');
  const before = await store.index('track').getKey([job, source, track]);
  if (before) await store.delete(before);
  await store.put(rowOf(tx.sealer, job, appearance));
}

function rowOf(sealer: Sealer, job: string, appearance: StoredAppearance): AppearanceRow {
  const { source, frameStart: frame, track } = appearance;
  const faces = facesOfAppearance(appearance).map(sealer.tag);
  return { job, source, frame, track, faces, bytes: sealer.seal(pack(appearance)) };
}

/** Nothing where it is damaged. */
export function appearanceOf(sealer: Sealer, row: AppearanceRow): StoredAppearance | undefined {
  try {
    return unpack(sealer.open(row.bytes)) as StoredAppearance;
  } catch (error) {
    if (error instanceof NearFaceError) return undefined;
    throw error;
  }
}
