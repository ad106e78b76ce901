import type { DatabaseKey } from '../core/database-key.ts';
import { databaseName } from '../core/database-place.ts';
import { NearFaceError } from '../core/errors.ts';
import { requireWasm } from '../core/require-wasm.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { GalleryEngine } from '../gallery/gallery-engine.ts';
import { notEncrypted } from '../core/not-encrypted.ts';
import { inMemory } from '../gallery/memory/memory-database.ts';
import type { Call } from '../core/call.ts';
import type { GalleryInfo } from '../gallery/calls.ts';
import type { GalleryConfig, ReportProgress, WireResult } from './contract.ts';
import { answer, RunningCalls } from './calls.ts';
import { loadSearchThreads } from './search-threads-service.ts';
import { readKernel, type GalleryServiceOptions } from './start-gallery-service.ts';

/** Opens the galleries again. */
type Reopen = (given: { readonly key?: DatabaseKey }, signal?: AbortSignal) => Promise<GalleryEngine>;

/** The gallery worker's engine: opened, locked and closed. */
export class OpenGallery {
  protected readonly options: GalleryServiceOptions;
  /** The calls under way. */
  protected readonly calls: RunningCalls = new RunningCalls();
  #engine: GalleryEngine | undefined;
  #reopen: Reopen | undefined;
  #locked = false;
  /** One at a time: two would open two engines. */
  readonly #unlocks = new SerialQueue();
  #warnings: readonly string[] = [];

  constructor(options: GalleryServiceOptions) {
    this.options = options;
  }

  open(callId: number, config: GalleryConfig, report: ReportProgress): Promise<WireResult<GalleryInfo>> {
    return this.calls.answer(callId, async (signal) => {
      if (this.#engine) throw new NearFaceError('STORAGE_FAILED', 'The gallery worker is open already');
      const { key, ...kept } = config;
      this.#warnings = this.options.host.missing(config.threads);
      this.#reopen = this.#opener(kept, report);
      try {
        return await this.info(await this.#reopen(key === undefined ? {} : { key }, signal));
      } catch (error) {
        if (config.storage === 'required' || key !== undefined || !isStorageRefused(error)) throw error;
        this.#warnings = [...this.#warnings, this.options.databases.refused];
        return this.info(await this.#start({ ...config, database: null }, report, signal));
      }
    });
  }

  /** Opens them with what is given then; what they were opened with first does not stay behind. */
  #opener(kept: GalleryConfig, report: ReportProgress): Reopen {
    return (given, stop) => this.#start({ ...kept, ...given }, report, stop);
  }

  async #start(config: GalleryConfig, report: ReportProgress, signal?: AbortSignal): Promise<GalleryEngine> {
    const { assets, database, page, key, lost, retentionDays } = config;
    const { host, databases } = this.options;
    await requireWasm();
    const [kernel, threads] = await Promise.all([
      this.options.loadKernel?.(assets) ?? readKernel(host.readAsset, assets),
      loadSearchThreads(host, assets, config.threads ?? 1),
    ]);
    const onProgress = (done: number, total: number): void =>
      report({ phase: 'gallery', item: databaseName(database), done, total });
    const open = database === null ? inMemory({ lost }) : databases.open({ database, page, key });
    const searchBytes = searchBytesOf(database);
    const how = { kernel, threads, onProgress, signal, retentionDays, searchBytes };
    this.#engine = await GalleryEngine.open(open, how);
    return this.#engine;
  }

  protected async info(engine: GalleryEngine = this.opened()): Promise<GalleryInfo> {
    return { version: this.options.version, warnings: this.#warnings, ...(await engine.usage()) };
  }

  protected async lock(): Promise<void> {
    const engine = this.opened();
    if (!engine.protection.encrypted) throw notEncrypted(engine.database);
    this.close();
    this.#locked = true;
  }

  protected async unlock(key: DatabaseKey, { signal }: Call): Promise<void> {
    await this.#unlocks.run(async () => {
      if (!this.#locked || !this.#reopen) return;
      await this.#reopen({ key }, signal);
      this.#locked = false;
    }, signal);
  }

  letGo(): Promise<WireResult<void>> {
    return answer(async () => this.close());
  }

  /** Closes the database. Safe to call twice. */
  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }

  /** The open engine. @throws NearFaceError `STORAGE_FAILED`, `LOCKED` */
  protected opened(): GalleryEngine {
    if (this.#engine) return this.#engine;
    if (this.#locked)
      throw new NearFaceError(
        'LOCKED',
        'The galleries are locked; unlock them with the passphrase or a passkey',
      );
    throw new NearFaceError('STORAGE_FAILED', 'The galleries are not open; open them first');
  }
}

/** Bytes of memory that a model's vectors may take up, where that is said. */
function searchBytesOf(database: GalleryConfig['database']): number | undefined {
  if (database === null || typeof database === 'string' || 'folder' in database) return undefined;
  return database.searchMemoryMB === undefined ? undefined : 1e6 * database.searchMemoryMB;
}

/** Whether the host keeps nothing at all here. */
function isStorageRefused(error: unknown): boolean {
  return error instanceof NearFaceError && error.details['storage'] === 'refused';
}
