import { NearFaceError } from '../core/errors.ts';
import { requireWasm } from '../core/require-wasm.ts';
import { GalleryEngine } from '../gallery/gallery-engine.ts';
import { notEncrypted } from '../gallery/gallery-errors.ts';
import { isStorageRefused } from '../gallery/store/transactions.ts';
import type { GalleryConfig, GalleryInfo, ReportProgress, WireResult } from './contract.ts';
import { answer, Jobs } from './jobs.ts';
import { NO_STORAGE } from './no-storage.ts';
import { loadSearchThreads } from './search-threads-service.ts';
import { readKernel, type GalleryServiceOptions } from './start-gallery-service.ts';

/** The gallery worker's engine: opened, locked and closed. */
export class OpenGallery {
  readonly #options: GalleryServiceOptions;
  /** The calls under way. */
  protected readonly jobs: Jobs = new Jobs();
  #engine: GalleryEngine | undefined;
  #reopen: ((given: { passphrase?: string }, signal: AbortSignal) => Promise<GalleryEngine>) | undefined;
  #locked = false;
  #warnings: readonly string[] = [];
  /** Why there is no storage. */
  #refused: NearFaceError | undefined;

  constructor(options: GalleryServiceOptions) {
    this.#options = options;
  }

  open(job: number, config: GalleryConfig, report: ReportProgress): Promise<WireResult<GalleryInfo>> {
    return this.jobs.answer(job, async (signal) => {
      if (this.#engine) throw new NearFaceError('STORAGE_FAILED', 'The gallery worker is open already');
      const { passphrase, ...kept } = config;
      this.#warnings = this.#options.host.missing(config.threads);
      this.#reopen = (given, stop) => this.#start({ ...kept, ...given }, report, stop);
      try {
        return this.#info(await this.#reopen(passphrase === undefined ? {} : { passphrase }, signal));
      } catch (error) {
        if (!isStorageRefused(error)) throw error;
        // Whatever needs no storage works all the same.
        this.#refused = error as NearFaceError;
        const warnings = [...this.#warnings, this.#refused.message];
        return { version: this.#options.version, ...NO_STORAGE, warnings };
      }
    });
  }

  async #start(config: GalleryConfig, report: ReportProgress, signal: AbortSignal): Promise<GalleryEngine> {
    const { assets, database, page, passphrase } = config;
    const { host } = this.#options;
    await requireWasm();
    const [kernel, threads] = await Promise.all([
      this.#options.loadKernel?.(assets) ?? readKernel(host.readAsset, assets),
      loadSearchThreads(host, assets, config.threads ?? 1),
    ]);
    const onProgress = (done: number, total: number): void =>
      report({ phase: 'gallery', item: database, done, total });
    this.#engine = await GalleryEngine.open({
      ...{ database, page, kernel, threads, onProgress, signal },
      ...(passphrase !== undefined && { passphrase }),
    });
    return this.#engine;
  }

  info(): Promise<WireResult<GalleryInfo>> {
    return this.call((engine) => this.#info(engine));
  }

  lock(): Promise<WireResult<void>> {
    return this.call(async (engine) => {
      if (!engine.protection.encrypted) throw notEncrypted(engine.database);
      this.close();
      this.#locked = true;
    });
  }

  unlock(job: number, passphrase: string): Promise<WireResult<void>> {
    return this.jobs.answer(job, async (signal) => {
      if (!this.#locked || !this.#reopen) return;
      await this.#reopen({ passphrase }, signal);
      this.#locked = false;
    });
  }

  letGo(): Promise<WireResult<void>> {
    return answer(async () => this.close());
  }

  /** Closes the database. Safe to call twice. */
  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }

  async #info(engine: GalleryEngine): Promise<GalleryInfo> {
    return { version: this.#options.version, warnings: this.#warnings, ...(await engine.usage()) };
  }

  /** The open engine. @throws NearFaceError `STORAGE_FAILED`, `LOCKED` */
  protected opened(): GalleryEngine {
    if (this.#engine) return this.#engine;
    if (this.#refused) throw this.#refused;
    if (this.#locked)
      throw new NearFaceError('LOCKED', 'The galleries are locked; unlock them with the passphrase');
    throw new NearFaceError('STORAGE_FAILED', 'The galleries are not open; open them first');
  }

  /** Answers what a method of the engine does. */
  protected call<T>(method: (engine: GalleryEngine) => Promise<T>): Promise<WireResult<T>> {
    return answer(() => method(this.opened()));
  }
}
