import { badParam } from '../../core/errors.ts';
import type { ImportReport } from '../../core/records.ts';
import type { Connection } from '../store/connection.ts';
import type { Tabs } from '../tabs.ts';
import type { Writer } from '../writer.ts';
import { exportGallery, type ExportRequest, type ReportExport } from './export.ts';
import type { ImportRequest } from './import.ts';
import { importFaces, takeBack } from './import-faces.ts';

/** The piece of upkeep that one page at a time is at. */
const IMPORT = 'import';

/** Galleries as files, and files into galleries. Every method throws NearFaceError. */
export class Transfer {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #tabs: Tabs;

  constructor(connection: Connection, writer: Writer, tabs: Tabs) {
    this.#connection = connection;
    this.#writer = writer;
    this.#tabs = tabs;
  }

  /** Takes back what an import left that ended with its page; one that is under way elsewhere keeps its lock. */
  async mend(): Promise<void> {
    const { importing } = await this.#connection.read(async ({ state }) => state);
    if (importing) await this.#tabs.alone(IMPORT, () => takeBack(this.#writer));
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
    let report: ImportReport | undefined;
    const [connection, writer] = [this.#connection, this.#writer];
    await this.#tabs.alone(IMPORT, async () => {
      report = await importFaces({ connection, writer, gallery, file, request, onProgress, signal });
    });
    if (report) return report;
    throw badParam('file', file, 'imported when the other import that is under way has ended');
  }
}
