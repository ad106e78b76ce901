import type { DatabaseKey } from '../../core/database-key.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { SecretRotation } from '../../core/secret-rotation.ts';
import { holdShared, inTurn } from '../../platform/browser/locks.ts';
import { originStorage } from '../../platform/browser/storage.ts';
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
import { isHidden } from '../hidden-faces.ts';
import type {
  FaceMemory,
  GalleryAndModels,
  GalleryDatabase,
  GalleryDeletion,
  Import,
  MetaPage,
  OpenDatabase,
  OpeningOptions,
  PageQuery,
  Scope,
  WholeFaces,
  WholeQuery,
} from '../port.ts';
import { storedBytes, type StoredFace, type StoredGallery } from '../stored.ts';
import { Connection } from './connection.ts';
import { eraseAll } from './erasing.ts';
import { readWhole } from './exporting.ts';
import { deleteFaces, readFace, updateFaces } from './faces.ts';
import { deleteGalleryFreely, removeExpired } from './freeing.ts';
import { createGallery, listGalleries, readGallery, updateGallery } from './galleries.ts';
import { refuseWhileImporting } from './importing.ts';
import { Imports } from './imports.ts';
import { IndexedDbJobs } from './job-store.ts';
import { checkRecords, clearDamaged, damageOf } from './mending.ts';
import { IndexedDbPeople } from './people.ts';
import { Protection } from './protection.ts';
import { countFaces, facesOfPhoto, listFaces, listMetas, readPicture } from './queries.ts';
import { readFaces } from './records.ts';
import { IndexedDbRegenerated } from './regenerated-store.ts';
import { readVector, readVectors } from './segments.ts';
import { pageLock } from './slots.ts';
import type { ReadTx, StoredState } from './schema.ts';
import { Stepper } from './stepper.ts';
import { checkRoom } from './storage-full.ts';
import { Tabs } from './tabs.ts';
import { Writer } from './writer.ts';

/** How often opening begins anew since other pages encrypt the database meanwhile. */
const MAX_OPENINGS = 4;

/** Which database is opened, and by whom. */
export interface IndexedDbOptions {
  readonly database: string;
  /** The address of the page, for other pages to tell which one to close. */
  readonly page?: string | undefined;
  /** Opens an encrypted database; a passphrase encrypts a plain one. */
  readonly key?: DatabaseKey | undefined;
  /** How many changes are kept for other pages; one that is further behind reads everything anew. */
  readonly keptChanges?: number | undefined;
}

/** Opens a database of this origin, and makes it if there is none. @throws NearFaceError */
export function indexedDb(options: IndexedDbOptions): OpenDatabase {
  return (memory, opening) => IndexedDbDatabase.open(options, memory, opening);
}

/** A database of this origin, which its pages share. */
class IndexedDbDatabase implements GalleryDatabase {
  readonly kind = 'indexeddb';
  readonly jobs: IndexedDbJobs;
  readonly regenerated: IndexedDbRegenerated;
  readonly people: IndexedDbPeople;
  readonly protection: Protection;
  readonly #connection: Connection;
  readonly #stepper: Stepper;
  readonly #tabs: Tabs;
  readonly #writer: Writer;
  readonly #imports: Imports;
  readonly #letGo: () => void;

  private constructor(connection: Connection, memory: FaceMemory, page: string) {
    this.#letGo = holdShared(pageLock(connection.name, page));
    this.#connection = connection;
    const onImport = (id: string): void => this.#imports.watch(id);
    this.#stepper = new Stepper(connection, memory, onImport);
    this.#tabs = new Tabs(connection.name, {
      // Whatever goes wrong here is met again, and told, by the next search.
      onRevision: (revision) => void this.#stepper.catchUp(revision).catch(() => undefined),
      onEncrypted: (keyId) => {
        if (keyId !== connection.sealer.keyId)
          connection.closeOutdated('another page has encrypted or renewed it');
      },
      onImport,
    });
    this.#writer = new Writer(connection, this.#stepper, this.#tabs);
    this.#imports = new Imports(connection, this.#writer, this.#tabs);
    this.jobs = new IndexedDbJobs(connection, this.#writer);
    this.regenerated = new IndexedDbRegenerated(connection, this.#writer, this.#imports, memory.encode);
    this.people = new IndexedDbPeople(connection, this.#writer);
    this.protection = new Protection(connection, this.#writer, this.#tabs, memory.encode);
  }

  static async open(
    options: IndexedDbOptions,
    memory: FaceMemory,
    opening: OpeningOptions,
  ): Promise<GalleryDatabase> {
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(opening.signal);
      // Of pages that make the same new database one does, and the others find it made.
      const database = await inTurn(
        `nearface:${options.database}:open`,
        () => IndexedDbDatabase.#unlocked(options, memory, opening.signal),
        opening.signal,
      );
      try {
        await database.#stepper.load(opening);
        // Nobody sees what cannot be taken back yet.
        await database.#imports.mend().catch(() => undefined);
        return database;
      } catch (error) {
        database.close();
        // Another page has encrypted it after it was unlocked, or said so late.
        if (!database.#connection.isOutdated || attempt === MAX_OPENINGS) throw error;
      }
    }
  }

  static async #unlocked(
    { database: name, page = originStorage.address, key, keptChanges }: IndexedDbOptions,
    memory: FaceMemory,
    signal: AbortSignal | undefined,
  ): Promise<IndexedDbDatabase> {
    for (let attempt = 1; ; attempt++) {
      const connection = await Connection.open(name, memory.lookup, keptChanges);
      const database = new IndexedDbDatabase(connection, memory, page);
      try {
        await database.protection.unlock(key, { signal });
        return database;
      } catch (error) {
        database.close();
        // Another page was quicker.
        if (!connection.isOutdated || attempt === MAX_OPENINGS) throw error;
      }
    }
  }

  get name(): string {
    return this.#connection.name;
  }

  tag(text: string): string {
    return this.#connection.sealer.tag(text);
  }

  catchUp(): Promise<void> {
    return this.#stepper.catchUp();
  }

  close(): void {
    this.#tabs.close();
    this.#connection.close();
    this.#letGo();
  }

  listGalleries(): Promise<readonly StoredGallery[]> {
    return this.#connection.read(listGalleries);
  }

  readGallery(name: string): Promise<StoredGallery> {
    return this.#connection.read((tx) => readGallery(tx, name));
  }

  describeGallery(name: string): Promise<GalleryAndModels> {
    return this.#connection.read(async (tx) => ({
      gallery: await readGallery(tx, name),
      models: tx.state.models,
    }));
  }

  createGallery(name: string, capacity: number | null, label?: string): Promise<StoredGallery> {
    return this.#writer.write((tx) => createGallery(tx, name, capacity, label));
  }

  updateGallery(name: string, patch: GalleryPatch): Promise<StoredGallery> {
    return this.#writer.write((tx) => updateGallery(tx, name, patch));
  }

  deleteGallery(name: string, options: GalleryDeletion = {}): Promise<void> {
    return deleteGalleryFreely(this.#connection, this.#writer, name, options);
  }

  addFaces(faces: readonly PreparedFace[], signal?: AbortSignal): Promise<readonly StoredFace[]> {
    return this.#writer.addFaces(faces, signal);
  }

  readFace(scope: Scope, id: string): Promise<StoredFace> {
    return this.#connection.read((tx) => readFace(tx, scope, id));
  }

  readFaces(seqs: readonly number[]): Promise<readonly StoredFace[]> {
    return this.#connection.read(async (tx) => {
      const faces = await readFaces(tx, seqs);
      return faces.filter(({ seq }) => !isHidden(tx.state, seq));
    });
  }

  updateFaces(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    signal?: AbortSignal,
  ): Promise<readonly StoredFace[]> {
    return this.#writer.write((tx) => updateFaces(tx, scope, ids, patch), { signal });
  }

  replaceFace(scope: Scope, id: string, by: PreparedFace, signal?: AbortSignal): Promise<StoredFace> {
    return this.#writer.replaceFace(scope, id, by, signal);
  }

  async deleteFaces(scope: Scope, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#writer.free([...new Set(ids)], (tx, some) => deleteFaces(tx, scope, some), signal);
    this.#writer.compactSoon();
  }

  removeExpired(now: number): Promise<void> {
    return removeExpired(this.#connection, this.#writer, now);
  }

  async eraseAll(): Promise<void> {
    await this.#writer.free([], eraseAll);
    await this.#writer.overwrite();
  }

  listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    return this.#connection.read((tx) => listFaces(tx, gallery, query));
  }

  countFaces(gallery: string, filter: FaceFilter): Promise<number> {
    return this.#connection.read((tx) => countFaces(tx, gallery, filter));
  }

  listMetas(gallery: string, page?: MetaPage): Promise<readonly MetaCount[]> {
    return this.#connection.read((tx) => listMetas(tx, gallery, page));
  }

  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#connection.read(async (tx) => {
      const faces = await facesOfPhoto(tx, gallery, photoHash);
      return faces.map(({ id }) => id);
    });
  }

  readVector(scope: Scope, id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#connection.read(async (tx) => readVector(tx, await readFace(tx, scope, id)));
  }

  readVectors(
    modelId: string,
    seqs: readonly number[],
    rows?: SecretRotation,
  ): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
    return this.#connection.read((tx) => readVectors(tx, modelId, seqs, rows));
  }

  readPicture(scope: Scope, id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#connection.read((tx) => readPicture(tx, scope, id, kind));
  }

  readWhole(gallery: string, query: WholeQuery): Promise<WholeFaces> {
    return this.#connection.read((tx) => readWhole(tx, gallery, query));
  }

  importInto<T>(
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#imports.importInto(gallery, work, signal);
  }

  async usage(): Promise<StorageUsage> {
    const read = async (tx: ReadTx): Promise<[StoredState, Damage]> => [tx.state, await damageOf(tx)];
    const [state, damaged] = await this.#connection.read(read);
    const { usage: usageBytes, quota: quotaBytes } = await originStorage.estimate();
    return {
      kind: this.kind,
      ...storedBytes(state),
      ...{ usageBytes, quotaBytes, damaged },
      persisted: await originStorage.isPersisted(),
      encrypted: this.#connection.sealer.encrypted,
      lost: state.lost ?? false,
    };
  }

  checkRoom(bytes: number, what: string): Promise<void> {
    return checkRoom(bytes, what);
  }

  async check(signal?: AbortSignal): Promise<Damage> {
    for (let from: number | undefined = 0; from !== undefined;) {
      throwIfAborted(signal);
      const start: number = from;
      from = await this.#connection.read((tx) => checkRecords(tx, start));
    }
    return this.#connection.read(damageOf);
  }

  async clearDamaged(signal?: AbortSignal): Promise<Clearing> {
    await this.#imports.mendOrRefuse();
    let cleared: Clearing = { faces: 0, galleries: 0 };
    await this.#writer.free(
      [],
      async (tx) => {
        // What it counts would be seen before its import's end.
        refuseWhileImporting(tx.state);
        cleared = await clearDamaged(tx, () => throwIfAborted(signal));
      },
      signal,
    );
    return cleared;
  }

  async acknowledgeLoss(): Promise<void> {
    await this.#writer.write(async (tx) => {
      const { lost: _, ...kept } = tx.state;
      tx.state = kept;
    });
  }
}
