import { randomId } from '../../core/random-id.ts';
import type { ImportReport } from '../../core/records.ts';
import type { Connection } from '../store/connection.ts';
import type { Tabs } from '../tabs.ts';
import type { Writer } from '../writer.ts';
import { exportGallery, type ExportRequest, type ReportExport } from './export.ts';
import type { ImportRequest } from './import.ts';
import { disturbed, importUnderWay, importUpkeep } from '../store/importing.ts';
import { importFaces, takeBack } from './import-faces.ts';

/** Galleries as files, and files into galleries. Every method throws NearFaceError. */
export class Transfer {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #tabs: Tabs;
  /** The import whose end is waited for. */
  #watched: string | undefined;
  /** The import of this page that is under way: where there are no locks nothing else tells that it is. */
  #running: string | undefined;

  constructor(connection: Connection, writer: Writer, tabs: Tabs) {
    this.#connection = connection;
    this.#writer = writer;
    this.#tabs = tabs;
  }

  /**
   * Takes back what an import left that ended with its page, and answers whether there is none any more; one that is under way elsewhere
   * is watched.
   */
  async mend(): Promise<boolean> {
    const { importing } = await this.#connection.read(async ({ state }) => state);
    if (!importing) return true;
    const { id } = importing;
    if (id === this.#running) return false;
    const isLeft = await this.#tabs.alone(importUpkeep(id), () => takeBack(this.#writer, id));
    if (!isLeft) this.watch(id);
    return isLeft;
  }

  /** The same for what can be done only where no import is under way. @throws NearFaceError `STORAGE_FAILED` where one is */
  async mendOrRefuse(): Promise<void> {
    if (!(await this.mend())) throw importUnderWay();
  }

  /** Watches an import that another page has begun, to take it back if that page ends first. */
  watch(id: string): void {
    if (this.#watched === id) return;
    this.#watched = id;
    this.#tabs.whenFree(importUpkeep(id), () => {
      if (this.#watched === id) this.#watched = undefined;
      // If it fails, as when this page has closed the database, there are other pages, and later ones.
      void takeBack(this.#writer, id).catch(() => undefined);
    });
  }

  /** A gallery as a file. */
  exportGallery(
    gallery: string,
    request: ExportRequest,
    onProgress: ReportExport,
    signal: AbortSignal,
  ): Promise<Blob> {
    return exportGallery(this.#connection, gallery, request, onProgress, signal);
  }

  /** Stores the faces of a file, all or none; see {@link importFaces}. */
  async importGallery(
    gallery: string,
    file: Blob,
    request: ImportRequest,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    // An earlier import may have failed to take back its faces, as on a full disk.
    await this.mendOrRefuse();
    const id = randomId();
    let report: ImportReport | undefined;
    const [connection, writer] = [this.#connection, this.#writer];
    const onBegun = (): void => {
      this.#running = id;
      this.#tabs.tellImport(id);
    };
    await this.#tabs.alone(importUpkeep(id), async (stolen) => {
      const task = { id, connection, writer, gallery, file, request, onBegun, onProgress };
      report = await untilStolen(stolen, signal, (either) =>
        importFaces({ ...task, signal: either }),
      ).finally(() => {
        if (this.#running === id) this.#running = undefined;
      });
    });
    return report as ImportReport;
  }
}

/** Runs `work` until `signal` is aborted, or its lock is stolen: whoever takes the lock takes back what it has done. */
async function untilStolen<T>(
  stolen: AbortSignal,
  signal: AbortSignal,
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  const onStolen = (): void => stop.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  stolen.addEventListener('abort', onStolen, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await work(stop.signal);
  } catch (error) {
    throw stolen.aborted && !signal.aborted ? disturbed() : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
