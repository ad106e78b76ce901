import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  ExportFormat,
  GalleryStats,
  GallerySummary,
  ImportReport,
  NearFace,
  Passkey,
  Progress,
  StorageUsage,
} from 'nearface';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { saveFile } from './save-file.ts';
import { createStoredJobs, type Attempt, type StoredJobs } from './stored-jobs.ts';

/** What the database takes up, and the work that is stored in it. */
export interface StorageStore extends StoredJobs {
  readonly usage: ReadonlySignal<StorageUsage | undefined>;
  readonly stats: ReadonlySignal<GalleryStats | undefined>;
  readonly error: ReadonlySignal<unknown>;
  refresh(): Promise<void>;
  /** Reads every record to find damaged ones. */
  check(): Promise<void>;
  /** Deletes what is damaged. Answers how many faces. */
  clearDamaged(): Promise<number | undefined>;
  /** The loss of the database is known. */
  acknowledgeLoss(): Promise<void>;
  measureRecall(): Promise<void>;
  /** Encrypts a plain database; rejects with what makes it fail. */
  encrypt(passphrase: string): Promise<void>;
  /** Rejects with what makes it fail. */
  changePassphrase(current: string, next: string): Promise<void>;
  /** How far renewing the templates is, from 0 to 1; nothing while it is not under way. */
  readonly renewing: ReadonlySignal<number | undefined>;
  /** Revokes the stored templates. Answers whether it did. */
  renew(): Promise<boolean>;
  /** What opens it beside the passphrase. */
  readonly passkeys: ReadonlySignal<readonly Passkey[]>;
  /** Asks the browser for a passkey that opens it; rejects with what makes it fail. */
  addPasskey(name: string): Promise<void>;
  removePasskey(id: string): Promise<void>;
  /** Forgets the passphrase and all that was read, by loading the page again. */
  lock(): void;
  /** Erases everything, also while it is locked. Answers whether it did. */
  eraseAll(): Promise<boolean>;
  /** The galleries whose faces another model embedded than the one in use: they cannot be searched. */
  readonly outdated: ReadonlySignal<readonly GallerySummary[]>;
  /** How far their conversion is, from 0 to 1; nothing while none is under way. */
  readonly converting: ReadonlySignal<number | undefined>;
  /** Makes the embeddings of their faces anew. Answers how many. */
  convert(): Promise<number | undefined>;
  /** How far an export or import is, from 0 to 1; nothing while none is under way. */
  readonly transfer: ReadonlySignal<number | undefined>;
  /** Saves the gallery in use as a file. Answers what it told at its end. */
  exportGallery(format: ExportFormat, passphrase: string): Promise<Progress | undefined>;
  /** Enrols the faces of a file into the gallery in use. Answers what it did. */
  importFile(file: Blob, passphrase: string, ids?: 'keep' | 'skip'): Promise<ImportReport | undefined>;
}

const RECALL_PROBES = 200;
const EXTENSIONS: Readonly<Record<ExportFormat, string>> = {
  archive: 'nearface',
  jsonl: 'jsonl',
  npy: 'npy',
};

export function createStorageStore(engine: Engine, library: Library): StorageStore {
  const usage = signal<StorageUsage | undefined>(undefined);
  const stats = signal<GalleryStats | undefined>(undefined);
  const error = signal<unknown>(undefined);

  const keepError = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      error.value = undefined;
      return true;
    } catch (caught) {
      error.value = caught;
      return false;
    }
  };
  const attempt: Attempt = (work) => keepError(async () => work(await engine.ready()));

  const { readPasskeys, ...keys } = createPasskeys(engine, attempt);
  const { readJobs, ...jobs } = createStoredJobs(library, attempt);
  let round = 0;
  const refresh = async (): Promise<void> => {
    const mine = ++round;
    await attempt(async (nf) => {
      const used = await nf.storage.usage();
      const counted = await (await library.gallery()).stats();
      if (mine === round) [usage.value, stats.value] = [used, counted];
      if (mine === round) await readPasskeys(nf, used);
      await readJobs(nf);
    });
  };

  effect(() => {
    void library.version.value;
    if (engine.state.value.kind === 'ready') void refresh();
  });

  return {
    ...jobs,
    ...keys,
    ...createTransfer(library, attempt),
    ...createConversion(engine, library, attempt),
    usage,
    stats,
    error,
    refresh,
    async check() {
      await attempt(async (nf) => {
        await nf.storage.check();
        usage.value = await nf.storage.usage();
      });
    },
    async clearDamaged() {
      let cleared: number | undefined;
      await attempt(async (nf) => {
        cleared = (await nf.storage.clearDamaged()).faces;
        await library.refresh();
      });
      await refresh();
      return cleared;
    },
    async acknowledgeLoss() {
      await attempt((nf) => nf.storage.acknowledgeLoss());
      await refresh();
    },
    async measureRecall() {
      // Of another gallery, or of faces that have changed since, it says nothing.
      const mine = round;
      await attempt(async () => {
        const measured = await (await library.gallery()).stats({ recallProbes: RECALL_PROBES });
        if (mine === round) stats.value = measured;
      });
    },
    ...createProtection({ engine, library }, keepError, refresh),
  };
}

interface StorageParts {
  readonly engine: Engine;
  readonly library: Library;
}

function createProtection(
  { engine, library }: StorageParts,
  keepError: (work: () => Promise<void>) => Promise<boolean>,
  refresh: () => Promise<void>,
): Pick<StorageStore, 'encrypt' | 'changePassphrase' | 'renewing' | 'renew' | 'lock' | 'eraseAll'> {
  const renewing = signal<number | undefined>(undefined);
  return {
    renewing,
    async renew() {
      renewing.value = 0;
      const onProgress = ({ done, total }: Progress): void => {
        renewing.value = total > 0 ? done / total : 0;
      };
      const isDone = await keepError(async () => {
        await (await engine.ready()).storage.renew({ onProgress });
        await Promise.all([library.refresh(), refresh()]);
      });
      renewing.value = undefined;
      return isDone;
    },
    async encrypt(passphrase) {
      await (await engine.ready()).storage.encrypt(passphrase);
      engine.remember(passphrase);
      await Promise.all([library.refresh(), refresh()]);
    },
    async changePassphrase(current, next) {
      await (await engine.ready()).storage.changePassphrase(current, next);
      engine.remember(next);
    },
    lock: () => location.reload(),
    eraseAll: () =>
      keepError(async () => {
        if (engine.state.peek().kind === 'locked') return engine.erase();
        await (await engine.ready()).storage.eraseAll();
        await library.refresh();
      }),
  };
}

function createPasskeys(
  engine: Engine,
  attempt: Attempt,
): Pick<StorageStore, 'passkeys' | 'addPasskey' | 'removePasskey'> & {
  readPasskeys(nf: NearFace, used: StorageUsage): Promise<void>;
} {
  const passkeys = signal<readonly Passkey[]>([]);
  const readPasskeys = async (nf: NearFace, used: StorageUsage): Promise<void> => {
    passkeys.value = used.encrypted ? await nf.storage.passkeys() : [];
  };
  return {
    passkeys,
    readPasskeys,
    async addPasskey(name) {
      const { storage } = await engine.ready();
      await storage.addPasskey({ name });
      passkeys.value = await storage.passkeys();
    },
    async removePasskey(id) {
      await attempt(async ({ storage }) => {
        await storage.removePasskey(id);
        passkeys.value = await storage.passkeys();
      });
    },
  };
}

function createTransfer(
  library: Library,
  attempt: Attempt,
): Pick<StorageStore, 'transfer' | 'exportGallery' | 'importFile'> {
  const transfer = signal<number | undefined>(undefined);
  const onProgress = ({ done, total }: Progress): void => {
    transfer.value = total > 0 ? done / total : 0;
  };

  return {
    transfer,
    async exportGallery(format, passphrase) {
      transfer.value = 0;
      let last: Progress | undefined;
      const report = (progress: Progress): void => onProgress((last = progress));
      const isSaved = await attempt(async () => {
        const gallery = await library.gallery();
        const file = await gallery.export({ format, onProgress: report, ...(passphrase && { passphrase }) });
        saveFile(file, `${gallery.name}.${EXTENSIONS[format]}`);
      });
      transfer.value = undefined;
      return isSaved ? last : undefined;
    },
    async importFile(file, passphrase, ids = 'keep') {
      transfer.value = 0;
      let report: ImportReport | undefined;
      await attempt(async () => {
        const gallery = await library.gallery();
        report = await gallery.import(file, { ids, onProgress, ...(passphrase && { passphrase }) });
        await library.refresh();
      });
      transfer.value = undefined;
      return report;
    },
  };
}

function createConversion(
  engine: Engine,
  library: Library,
  attempt: Attempt,
): Pick<StorageStore, 'outdated' | 'converting' | 'convert'> {
  const converting = signal<number | undefined>(undefined);
  const outdated = computed(() => {
    const state = engine.state.value;
    if (state.kind !== 'ready') return [];
    const inUse = state.nf.info.embedding.modelId;
    return library.galleries.value.filter(({ modelId }) => modelId !== null && modelId !== inUse);
  });

  return {
    outdated,
    converting,
    async convert() {
      converting.value = 0;
      let converted: number | undefined;
      await attempt(async (nf) => {
        const onProgress = ({ done, total }: Progress): void => {
          converting.value = total > 0 ? done / total : 0;
        };
        converted = (await nf.galleries.regenerate({ onProgress })).regenerated;
        await library.refresh();
      });
      converting.value = undefined;
      return converted;
    },
  };
}
