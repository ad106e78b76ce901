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
import { isHidden } from '../hidden-faces.ts';
import type {
  FaceMemory,
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
import { noDamage } from '../quarantine.ts';
import { storedBytes, type StoredFace, type StoredGallery } from '../stored.ts';
import {
  addFaces,
  deleteFaces,
  deleteGallery,
  readFace,
  readFaces,
  removeExpired,
  replaceFace,
  updateFaces,
} from './faces.ts';
import { createGallery, listGalleries, readGallery, updateGallery } from './galleries.ts';
import { importInto, refuseWhileImporting } from './memory-imports.ts';
import { MemoryJobs } from './memory-jobs.ts';
import { MemoryPeople } from './memory-people.ts';
import { MemoryRegenerated } from './memory-regenerated.ts';
import { MemoryStore, type MemoryTx } from './memory-tx.ts';
import {
  countFaces,
  facesOfPhoto,
  listFaces,
  listMetas,
  readPicture,
  readVectors,
  readWhole,
} from './queries.ts';
import { emptied } from '../people/stored.ts';
import { emptyTables, NO_COUNTS } from './tables.ts';

/** How a database in memory begins. */
export interface MemoryOptions {
  /** Whether one before it was lost, which {@link StorageUsage.lost} then tells. */
  readonly lost?: boolean | undefined;
}

/** A new database in memory: it is gone when it is closed. */
export function inMemory({ lost = false }: MemoryOptions = {}): OpenDatabase {
  return async (memory, { onProgress, signal }) => {
    throwIfAborted(signal);
    memory.refill().end([]);
    onProgress?.(0, 0);
    return new MemoryDatabase(memory, lost);
  };
}

/** Galleries in plain JavaScript memory. What comes in and what goes out are copies. */
class MemoryDatabase implements GalleryDatabase {
  readonly kind = 'memory';
  readonly name = 'memory';
  readonly jobs: MemoryJobs;
  readonly regenerated: MemoryRegenerated;
  readonly people: MemoryPeople;
  readonly #store: MemoryStore;
  #lost: boolean;

  constructor(memory: FaceMemory, lost: boolean) {
    this.#lost = lost;
    this.#store = new MemoryStore(this.name, memory);
    this.jobs = new MemoryJobs(this.#store);
    this.regenerated = new MemoryRegenerated(this.#store);
    this.people = new MemoryPeople(this.#store);
  }

  tag(text: string): string {
    return text;
  }

  /** No other page has it. */
  catchUp(): Promise<void> {
    return this.#store.run(() => undefined);
  }

  close(): void {
    this.#store.close();
  }

  listGalleries(): Promise<readonly StoredGallery[]> {
    return this.#store.run((tx) => structuredClone(listGalleries(tx)));
  }

  readGallery(name: string): Promise<StoredGallery> {
    return this.#store.run((tx) => structuredClone(readGallery(tx, name)));
  }

  describeGallery(name: string): Promise<GalleryAndModels> {
    return this.#store.run((tx) =>
      structuredClone({ gallery: readGallery(tx, name), models: tx.counters.models }),
    );
  }

  createGallery(name: string, capacity: number | null, label?: string): Promise<StoredGallery> {
    return this.#store.run((tx) => structuredClone(createGallery(tx, name, capacity, label)));
  }

  updateGallery(name: string, patch: GalleryPatch): Promise<StoredGallery> {
    return this.#store.run((tx) => structuredClone(updateGallery(tx, name, patch)));
  }

  deleteGallery(name: string, { withFaces, signal }: GalleryDeletion = {}): Promise<void> {
    return this.#store.run((tx) => deleteGallery(tx, name, withFaces), signal);
  }

  addFaces(faces: readonly PreparedFace[], signal?: AbortSignal): Promise<readonly StoredFace[]> {
    return this.#store.run((tx) => structuredClone(addFaces(tx, faces)), signal);
  }

  readFace(scope: Scope, id: string): Promise<StoredFace> {
    return this.#store.run((tx) => structuredClone(readFace(tx, scope, id).face));
  }

  readFaces(seqs: readonly number[]): Promise<readonly StoredFace[]> {
    return this.#store.run((tx) => {
      const faces = readFaces(tx, seqs).map(({ face }) => face);
      return structuredClone(faces.filter(({ seq }) => !isHidden(tx.counters, seq)));
    });
  }

  updateFaces(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    signal?: AbortSignal,
  ): Promise<readonly StoredFace[]> {
    return this.#store.run((tx) => structuredClone(updateFaces(tx, scope, ids, patch)), signal);
  }

  replaceFace(scope: Scope, id: string, by: PreparedFace, signal?: AbortSignal): Promise<StoredFace> {
    return this.#store.run((tx) => structuredClone(replaceFace(tx, scope, id, by)), signal);
  }

  deleteFaces(scope: Scope, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#store.run((tx) => deleteFaces(tx, scope, ids), signal);
  }

  removeExpired(now: number): Promise<void> {
    return this.#store.run((tx) => removeExpired(tx, now));
  }

  eraseAll(): Promise<void> {
    return this.#store.run(eraseAll);
  }

  listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    return this.#store.run((tx) => structuredClone(listFaces(tx, gallery, query)));
  }

  countFaces(gallery: string, filter: FaceFilter): Promise<number> {
    return this.#store.run((tx) => countFaces(tx, gallery, filter));
  }

  listMetas(gallery: string, page?: MetaPage): Promise<readonly MetaCount[]> {
    return this.#store.run((tx) => structuredClone(listMetas(tx, gallery, page)));
  }

  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#store.run((tx) => facesOfPhoto(tx, gallery, photoHash).map(({ id }) => id));
  }

  readVector(scope: Scope, id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#store.run((tx) => readFace(tx, scope, id).vector.slice());
  }

  readVectors(
    modelId: string,
    seqs: readonly number[],
    rows?: SecretRotation,
  ): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
    return this.#store.run((tx) => readVectors(tx, modelId, seqs, rows));
  }

  readPicture(scope: Scope, id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#store.run((tx) => readPicture(tx, scope, id, kind));
  }

  readWhole(gallery: string, query: WholeQuery): Promise<WholeFaces> {
    return this.#store.run((tx) => readWhole(tx, gallery, query));
  }

  importInto<T>(
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return importInto(this.#store, gallery, work, signal);
  }

  usage(): Promise<StorageUsage> {
    return this.#store.run(({ counters }) => ({
      kind: 'memory',
      ...storedBytes(counters),
      ...{ usageBytes: 0, quotaBytes: 0, persisted: false, encrypted: false, lost: this.#lost },
      damaged: noDamage(),
    }));
  }

  /** Nobody says how much memory there is. */
  checkRoom(): Promise<void> {
    return this.catchUp();
  }

  /** Nothing in memory is ever damaged. */
  check(signal?: AbortSignal): Promise<Damage> {
    return this.#store.run(noDamage, signal);
  }

  clearDamaged(signal?: AbortSignal): Promise<Clearing> {
    return this.#store.run((tx) => {
      refuseWhileImporting(tx);
      return noDamage();
    }, signal);
  }

  acknowledgeLoss(): Promise<void> {
    return this.#store.run(() => void (this.#lost = false));
  }
}

/** Deletes everything but the default gallery, which is empty then. No number is used again. */
function eraseAll(tx: MemoryTx): void {
  tx.replaced = emptyTables();
  const { nextSeq, people } = tx.counters;
  tx.counters = { ...NO_COUNTS, nextSeq, people: emptied(people) };
}
