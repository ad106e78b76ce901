/** What jobs that recognise work at and have seen, in their stores. */
import { NearFaceError } from '../../core/errors.ts';
import { pack, unpack } from '../../core/pack.ts';
import type { JobSourceTable } from '../job-tables.ts';
import type { StoredAppearance } from '../port.ts';
import { facesOfAppearance, withoutFaces } from '../recognition-steps.ts';
import type { AppearanceRow, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

export function sourceTable(tx: WriteTx): JobSourceTable {
  const appearances = tx.objectStore('appearances');
  const pieces = tx.objectStore('jobPieces');
  const checkpoints = tx.objectStore('jobCheckpoints');
  return {
    async addPiece(job, source, bytes) {
      const no = await pieces.count(partsOf(job, source));
      await pieces.add(tx.sealer.seal(bytes), [job, source, no]);
    },
    async piece(job, source, no) {
      const piece = await pieces.get([job, source, no]);
      return piece ? tx.sealer.open(piece) : null;
    },
    dropPieces: (job, source) => pieces.delete(partsOf(job, source)),
    async checkpoint(job) {
      const sealed = await checkpoints.get(job);
      return sealed ? tx.sealer.open(sealed) : null;
    },
    async putCheckpoint(job, bytes) {
      await checkpoints.put(tx.sealer.seal(bytes), job);
    },
    async appearances(job, offset, limit) {
      const all = IDBKeyRange.bound([job], [job, []]);
      const total = await appearances.count(all);
      const found: StoredAppearance[] = [];
      let cursor = offset < total && limit > 0 ? await appearances.openCursor(all) : null;
      if (offset > 0) cursor = (await cursor?.advance(offset)) ?? null;
      for (let left = limit; cursor && left > 0; left--, cursor = await cursor.continue()) {
        const appearance = appearanceOf(tx.sealer, cursor.value);
        if (appearance) found.push(appearance);
      }
      return { appearances: found, total };
    },
    async putAppearances(job, some) {
      for (const appearance of some) await putAppearance(tx, job, appearance);
    },
    dropAppearances: (job, source) => appearances.delete(partsOf(job, source)),
  };
}

/** What there is of a source: its pieces, or its appearances. */
function partsOf(job: string, source: number): IDBKeyRange {
  return IDBKeyRange.bound([job, source], [job, source, []]);
}

/** Takes what jobs tell of faces that are deleted. */
export async function forgetInRecognitions(tx: WriteTx, ids: readonly string[]): Promise<void> {
  const store = tx.objectStore('appearances');
  if ((await store.count()) === 0) return;
  const gone = new Set(ids);
  for (const id of ids) {
    for (const row of await store.index('faces').getAll(tx.sealer.tag(id))) {
      const appearance = appearanceOf(tx.sealer, row);
      if (appearance) await store.put(rowOf(tx.sealer, row.job, withoutFaces(appearance, gone)));
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

/** Puts an appearance in the place of the one of its track. */
async function putAppearance(tx: WriteTx, job: string, appearance: StoredAppearance): Promise<void> {
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
function appearanceOf(sealer: Sealer, row: AppearanceRow): StoredAppearance | undefined {
  try {
    return unpack(sealer.open(row.bytes)) as StoredAppearance;
  } catch (error) {
    if (error instanceof NearFaceError) return undefined;
    throw error;
  }
}
