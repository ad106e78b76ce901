import { throwIfAborted } from '../../core/errors.ts';
import type { SecretRotation } from '../../core/secret-rotation.ts';
import type {
  Clearing,
  Damage,
  FaceFilter,
  FacePage,
  FacePatch,
  GalleryPatch,
  MetaCount,
  PictureKind,
  StorageUsage,
} from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import { emptied } from '../people/stored.ts';
import type {
  GalleryAndModels,
  GalleryDatabase,
  GalleryDeletion,
  Import,
  MetaPage,
  OpenDatabase,
  PageQuery,
  Scope,
  WholeFaces,
  WholeQuery,
} from '../port.ts';
import { DEFAULT_GALLERY, newGallery, storedBytes, type StoredFace, type StoredGallery } from '../stored.ts';
import { ensureCandidates } from './candidate-tables.ts';
import { NO_COUNTERS } from './counters.ts';
import type { OpenSql } from './driver.ts';
import {
  addFaces,
  deleteFaces,
  deleteGallery,
  readFace,
  removeExpired,
  replaceFace,
  seenFaces,
  updateFaces,
} from './faces.ts';
import { createGallery, listGalleries, readGallery, updateGallery } from './galleries.ts';
import { importInto, refuseWhileImporting, takeBackDead } from './imports.ts';
import { SqlJobs } from './jobs.ts';
import { nearest } from './nearest.ts';
import { putGallery } from './mending-galleries.ts';
import { checkRecords, clearDamaged, damageOf } from './mending.ts';
import { SqlPeople } from './people.ts';
import {
  countFaces,
  facesOfPhoto,
  listFaces,
  listMetas,
  readPicture,
  readVectors,
  readWhole,
} from './queries.ts';
import { SqlRegenerated } from './regenerated.ts';
import { readVector } from './rows.ts';
import { DATA_TABLES, migrate } from './schema.ts';
import { sqlFailed } from './sql-errors.ts';
import { SqlStore } from './sql-store.ts';
import type { SqlTx } from './sql-tx.ts';

/** Where a database of SQL lies. */
export interface SqlOptions {
  readonly open: OpenSql;
  /** Its tables' schema. Default: `nearface`. */
  readonly schema?: string;
  /** What vectors are rotated by; see `template-secret.ts`. */
  readonly templateSecret?: string | undefined;
  /** Whether pgvector is to find faces whose vectors are not in memory. */
  readonly candidates?: boolean;
  /** From how many faces of a model on these have an index. For tests. */
  readonly indexedFaces?: number;
}

/** A database in PostgreSQL, or in PGlite, which is made where it is not there. */
export function inSql({
  open,
  schema = 'nearface',
  templateSecret,
  candidates = false,
  indexedFaces,
}: SqlOptions): OpenDatabase {
  return async (memory, options) => {
    throwIfAborted(options.signal);
    const driver = await open();
    try {
      await migrate(driver, schema);
      const store = new SqlStore(driver, schema, memory, indexedFaces);
      await store.unlock(templateSecret);
      await store.open(options);
      await takeBackDead(store);
      if (candidates) await store.write((tx) => ensureCandidates(tx, driver.name, indexedFaces));
      return new SqlDatabase(store, candidates);
    } catch (error) {
      await driver.close().catch(() => undefined);
      if (options.signal?.aborted) throwIfAborted(options.signal);
      throw sqlFailed(driver.name, error);
    }
  };
}

/** Galleries in SQL. */
class SqlDatabase implements GalleryDatabase {
  readonly kind: 'pglite' | 'postgres';
  readonly name: string;
  readonly jobs: SqlJobs;
  readonly regenerated: SqlRegenerated;
  readonly people: SqlPeople;
  readonly nearest: GalleryDatabase['nearest'];
  readonly #store: SqlStore;

  /** @param candidates - whether the database finds faces itself */
  constructor(store: SqlStore, candidates: boolean) {
    this.#store = store;
    this.kind = store.driver.kind;
    this.name = store.driver.name;
    this.jobs = new SqlJobs(store);
    this.regenerated = new SqlRegenerated(store);
    this.people = new SqlPeople(store);
    this.nearest = candidates ? (query) => store.read((tx) => nearest(tx, query)) : undefined;
  }

  tag(text: string): string {
    return text;
  }

  catchUp(): Promise<void> {
    return this.#store.read(async () => undefined);
  }

  close(): void {
    this.#store.close();
  }

  listGalleries(): Promise<readonly StoredGallery[]> {
    return this.#store.read(listGalleries);
  }

  readGallery(name: string): Promise<StoredGallery> {
    return this.#store.read((tx) => readGallery(tx, name));
  }

  describeGallery(name: string): Promise<GalleryAndModels> {
    return this.#store.read(async (tx) => ({
      gallery: await readGallery(tx, name),
      models: tx.counters.models,
    }));
  }

  createGallery(name: string, capacity: number | null, label?: string): Promise<StoredGallery> {
    return this.#store.write(async (tx) => structuredClone(await createGallery(tx, name, capacity, label)));
  }

  updateGallery(name: string, patch: GalleryPatch): Promise<StoredGallery> {
    return this.#store.write((tx) => updateGallery(tx, name, patch));
  }

  deleteGallery(name: string, { withFaces, signal }: GalleryDeletion = {}): Promise<void> {
    return this.#store.write((tx) => deleteGallery(tx, name, withFaces), signal);
  }

  addFaces(faces: readonly PreparedFace[], signal?: AbortSignal): Promise<readonly StoredFace[]> {
    return this.#store.write((tx) => addFaces(tx, faces), signal);
  }

  readFace(scope: Scope, id: string): Promise<StoredFace> {
    return this.#store.read((tx) => readFace(tx, scope, id));
  }

  readFaces(seqs: readonly number[]): Promise<readonly StoredFace[]> {
    return this.#store.read((tx) => seenFaces(tx, seqs));
  }

  updateFaces(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    signal?: AbortSignal,
  ): Promise<readonly StoredFace[]> {
    return this.#store.write((tx) => updateFaces(tx, scope, ids, patch), signal);
  }

  replaceFace(scope: Scope, id: string, by: PreparedFace, signal?: AbortSignal): Promise<StoredFace> {
    return this.#store.write((tx) => replaceFace(tx, scope, id, by), signal);
  }

  deleteFaces(scope: Scope, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#store.write((tx) => deleteFaces(tx, scope, ids), signal);
  }

  removeExpired(now: number): Promise<void> {
    return this.#store.write((tx) => removeExpired(tx, now));
  }

  eraseAll(): Promise<void> {
    return this.#store.write(eraseAll);
  }

  listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    return this.#store.read((tx) => listFaces(tx, gallery, query));
  }

  countFaces(gallery: string, filter: FaceFilter): Promise<number> {
    return this.#store.read((tx) => countFaces(tx, gallery, filter));
  }

  listMetas(gallery: string, page?: MetaPage): Promise<readonly MetaCount[]> {
    return this.#store.read((tx) => listMetas(tx, gallery, page));
  }

  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#store.read(async (tx) => (await facesOfPhoto(tx, gallery, photoHash)).map(({ id }) => id));
  }

  readVector(scope: Scope, id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#store.read(async (tx) => readVector(tx, await readFace(tx, scope, id)));
  }

  readVectors(
    modelId: string,
    seqs: readonly number[],
    rows?: SecretRotation,
  ): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
    return this.#store.read((tx) => readVectors(tx, modelId, seqs, rows));
  }

  readPicture(scope: Scope, id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#store.read((tx) => readPicture(tx, scope, id, kind));
  }

  readWhole(gallery: string, query: WholeQuery): Promise<WholeFaces> {
    return this.#store.read((tx) => readWhole(tx, gallery, query));
  }

  importInto<T>(
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return importInto(this.#store, gallery, work, signal);
  }

  usage(): Promise<StorageUsage> {
    return this.#store.read(async (tx) => {
      const [row] = await tx.ask('SELECT pg_database_size(current_database()) AS size');
      return {
        kind: this.kind,
        ...storedBytes(tx.counters),
        ...{ usageBytes: Number(row?.size), quotaBytes: 0 },
        ...{ persisted: true, encrypted: false, lost: false, damaged: await damageOf(tx) },
      };
    });
  }

  /** How much room its disk has is the server's to know: it says so where there is none. */
  checkRoom(): Promise<void> {
    return this.catchUp();
  }

  /** Whether a page of the disk is whole PostgreSQL finds out itself, and fails to read it where it is not. */
  check(signal?: AbortSignal): Promise<Damage> {
    return this.#store.read(checkRecords, signal);
  }

  clearDamaged(signal?: AbortSignal): Promise<Clearing> {
    return this.#store.write(async (tx) => {
      await refuseWhileImporting(this.#store, tx);
      return clearDamaged(tx);
    }, signal);
  }

  acknowledgeLoss(): Promise<void> {
    return this.catchUp();
  }
}

/** Deletes everything but the default gallery, which is empty then. No number is used again. */
async function eraseAll(tx: SqlTx): Promise<void> {
  for (const table of DATA_TABLES) await tx.ask(`DELETE FROM @${table}`);
  const { nextSeq, people, candidates, rotation } = tx.counters;
  const kept = { nextSeq, people: emptied(people), ...(candidates && { candidates }) };
  tx.counters = { ...NO_COUNTERS, ...kept, ...(rotation && { rotation }) };
  await putGallery(tx, newGallery(DEFAULT_GALLERY, null));
  tx.isNew = true;
}
