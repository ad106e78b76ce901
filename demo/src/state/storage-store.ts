import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  ExportFormat,
  GalleryStats,
  GallerySummary,
  ImportReport,
  JobProgress,
  JobSummary,
  NearFace,
  Progress,
  StorageUsage,
} from 'nearface';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';

/** A stored job, and how it goes if this page runs it. */
export interface ShownJob {
  readonly summary: JobSummary;
  readonly progress?: JobProgress;
}

/** What the database takes up, and the work that is stored in it. */
export interface StorageStore {
  readonly usage: ReadonlySignal<StorageUsage | undefined>;
  readonly stats: ReadonlySignal<GalleryStats | undefined>;
  readonly jobs: ReadonlySignal<readonly ShownJob[]>;
  readonly error: ReadonlySignal<unknown>;
  refresh(): Promise<void>;
  measureRecall(): Promise<void>;
  encrypt(passphrase: string): Promise<boolean>;
  changePassphrase(current: string, next: string): Promise<boolean>;
  eraseAll(): Promise<void>;
  /** Stores photos (files, a folder, a zip) as a job and runs it. */
  enrol(files: readonly File[], skipKnown: boolean): Promise<void>;
  run(id: string): Promise<void>;
  retry(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  saveReport(id: string): Promise<void>;
  /** The galleries whose faces another model embedded than the one in use: they cannot be searched. */
  readonly outdated: ReadonlySignal<readonly GallerySummary[]>;
  /** How far their conversion is, from 0 to 1; nothing while none is under way. */
  readonly converting: ReadonlySignal<number | undefined>;
  /** Makes the embeddings of their faces anew. Answers how many. */
  convert(): Promise<number | undefined>;
  /** How far an export or import is, from 0 to 1; nothing while none is under way. */
  readonly transfer: ReadonlySignal<number | undefined>;
  /** Saves the gallery in use as a file. */
  exportGallery(format: ExportFormat, passphrase: string): Promise<void>;
  /** Enrols the faces of a file into the gallery in use. Answers what it did. */
  importFile(file: Blob, passphrase: string): Promise<ImportReport | undefined>;
}

const RECALL_PROBES = 200;
const EXTENSIONS: Readonly<Record<ExportFormat, string>> = {
  archive: 'nearface',
  jsonl: 'jsonl',
  npy: 'npy',
};

/** Runs something with the library and keeps what made it fail. Answers whether it did not. */
type Attempt = (work: (nf: NearFace) => Promise<void>) => Promise<boolean>;

export function createStorageStore(engine: Engine, library: Library): StorageStore {
  const usage = signal<StorageUsage | undefined>(undefined);
  const stats = signal<GalleryStats | undefined>(undefined);
  const error = signal<unknown>(undefined);

  const attempt: Attempt = async (work) => {
    try {
      await work(await engine.ready());
      error.value = undefined;
      return true;
    } catch (caught) {
      error.value = caught;
      return false;
    }
  };

  const { readJobs, ...jobs } = createJobs(library, attempt);
  const refresh = async (): Promise<void> => {
    await attempt(async (nf) => {
      usage.value = await nf.storage.usage();
      stats.value = await (await library.gallery()).stats();
      await readJobs(nf);
    });
  };

  effect(() => {
    void library.version.value;
    if (engine.state.value.kind === 'ready') void refresh();
  });

  return {
    ...jobs,
    ...createTransfer(library, attempt),
    ...createConversion(engine, library, attempt),
    usage,
    stats,
    error,
    refresh,
    async measureRecall() {
      await attempt(async () => {
        stats.value = await (await library.gallery()).stats({ recallProbes: RECALL_PROBES });
      });
    },
    encrypt: (passphrase) =>
      attempt(async (nf) => {
        await nf.storage.encrypt(passphrase);
        await library.refresh();
      }),
    changePassphrase: (current, next) =>
      attempt(async (nf) => void (await nf.storage.changePassphrase(current, next))),
    async eraseAll() {
      await attempt(async (nf) => {
        await nf.storage.eraseAll();
        await library.refresh();
      });
    },
  };
}

type JobActions = Pick<StorageStore, 'jobs' | 'enrol' | 'run' | 'retry' | 'pause' | 'remove' | 'saveReport'>;

function createJobs(
  library: Library,
  attempt: Attempt,
): JobActions & { readonly readJobs: (nf: NearFace) => Promise<void> } {
  const jobs = signal<readonly ShownJob[]>([]);

  const readJobs = async (nf: NearFace): Promise<void> => {
    const running = new Map(jobs.peek().map((job) => [job.summary.id, job.progress]));
    jobs.value = (await nf.jobs.list()).map((summary) => {
      const progress = summary.state === 'running' ? running.get(summary.id) : undefined;
      return { summary, ...(progress && { progress }) };
    });
  };

  const run = async (id: string, again: boolean): Promise<void> => {
    await attempt(async (nf) => {
      const job = await nf.jobs.get(id);
      const onProgress = (progress: JobProgress): void => {
        jobs.value = jobs.value.map((shown) =>
          shown.summary.id === id
            ? { summary: { ...shown.summary, state: 'running', counts: progress.counts }, progress }
            : shown,
        );
      };
      try {
        await (again ? job.retry({ onProgress }) : job.run({ onProgress }));
      } finally {
        await readJobs(nf);
        await library.refresh();
      }
    });
  };

  return {
    jobs,
    readJobs,
    async enrol(files, skipKnown) {
      let id = '';
      await attempt(async (nf) => {
        const { name } = await library.gallery();
        const source = files.length === 1 && /\.zip$/i.test(files[0]!.name) ? files[0]! : files;
        const job = await nf.jobs.enrol(name, source, { duplicates: skipKnown ? 'skip' : 'add' });
        id = job.id;
        await readJobs(nf);
      });
      if (id) await run(id, false);
    },
    run: (id) => run(id, false),
    retry: (id) => run(id, true),
    async pause(id) {
      await attempt(async (nf) => (await nf.jobs.get(id)).pause());
    },
    async remove(id) {
      await attempt(async (nf) => {
        await (await nf.jobs.get(id)).delete();
        await readJobs(nf);
      });
    },
    async saveReport(id) {
      await attempt(async (nf) => {
        const report = await (await nf.jobs.get(id)).report();
        save(report, 'enrolment.csv');
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
      await attempt(async () => {
        const gallery = await library.gallery();
        const file = await gallery.export({ format, onProgress, ...(passphrase && { passphrase }) });
        save(file, `${gallery.name}.${EXTENSIONS[format]}`);
      });
      transfer.value = undefined;
    },
    async importFile(file, passphrase) {
      transfer.value = 0;
      let report: ImportReport | undefined;
      await attempt(async () => {
        const gallery = await library.gallery();
        report = await gallery.import(file, { onProgress, ...(passphrase && { passphrase }) });
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

/** Hands a file to the browser's downloads. */
export function save(file: Blob, name: string): void {
  const link = Object.assign(document.createElement('a'), {
    href: URL.createObjectURL(file),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
