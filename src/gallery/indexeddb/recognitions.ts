import { NearFaceError } from '../../core/errors.ts';
import { pack, unpack } from '../../core/pack.ts';
import { jobExists, recognising } from '../job-steps.ts';
import type {
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  StoredAppearance,
  StoredAppearances,
  StoredRecognition,
} from '../port.ts';
import {
  advanced,
  checkStaging,
  facesOfAppearance,
  forgottenAppearance,
  newRecognition,
  sourceOf,
  triedAgain,
} from '../recognition-steps.ts';
import type { Connection } from './connection.ts';
import { readGallery } from './galleries.ts';
import { putJob, readJob } from './jobs.ts';
import type { AppearanceRow, ReadTx, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';
import type { Writer } from './writer.ts';

/** Jobs that recognise, of an IndexedDB database. */
export class IndexedDbRecognitions implements RecognitionStore {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition> {
    return this.#writer.write(async (tx) => {
      for (const gallery of made.galleries) await readGallery(tx, gallery);
      if (await tx.objectStore('jobs').getKey(id)) throw jobExists(id);
      const job = newRecognition(id, made);
      await putJob(tx, job);
      return job;
    });
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#writer.write(async (tx) => {
      checkStaging(await read(tx, id), source);
      const pieces = tx.objectStore('jobPieces');
      const no = await pieces.count(piecesOf(id, source));
      await pieces.add(tx.sealer.seal(bytes), [id, source, no]);
    });
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#connection.read(async (tx) => {
      sourceOf(await read(tx, id), source);
      const piece = await tx.objectStore('jobPieces').get([id, source, no]);
      return piece ? tx.sealer.open(piece) : null;
    });
  }

  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition> {
    return this.#writer.write(async (tx) => {
      const before = await read(tx, id);
      if (before.state === 'cancelled') return before;
      const job = advanced(before, step);
      for (const appearance of step.appearances) await putAppearance(tx, id, appearance);
      await tx.objectStore('jobCheckpoints').put(tx.sealer.seal(step.checkpoint), id);
      if (step.ended && !step.ended.error)
        await tx.objectStore('jobPieces').delete(piecesOf(id, step.source));
      await putJob(tx, job);
      return job;
    });
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#connection.read(async (tx) => {
      await read(tx, id);
      const sealed = await tx.objectStore('jobCheckpoints').get(id);
      return sealed ? tx.sealer.open(sealed) : null;
    });
  }

  /** What is damaged is left out of the page. */
  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    return this.#connection.read(async (tx) => {
      await read(tx, id);
      const store = tx.objectStore('appearances');
      const all = IDBKeyRange.bound([id], [id, []]);
      const total = await store.count(all);
      const appearances: StoredAppearance[] = [];
      let cursor = offset < total && limit > 0 ? await store.openCursor(all) : null;
      if (offset > 0) cursor = (await cursor?.advance(offset)) ?? null;
      for (let left = limit; cursor && left > 0; left--, cursor = await cursor.continue()) {
        const appearance = appearanceOf(tx.sealer, cursor.value);
        if (appearance) appearances.push(appearance);
      }
      return { appearances, total };
    });
  }
}

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

async function read(tx: ReadTx, id: string): Promise<StoredRecognition> {
  return recognising(await readJob(tx, id));
}

function piecesOf(id: string, source: number): IDBKeyRange {
  return IDBKeyRange.bound([id, source], [id, source, []]);
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

function appearanceOf(sealer: Sealer, row: AppearanceRow): StoredAppearance | undefined {
  try {
    return unpack(sealer.open(row.bytes)) as StoredAppearance;
  } catch (error) {
    if (error instanceof NearFaceError) return undefined;
    throw error;
  }
}
