import { badParam } from '../../core/errors.ts';
import type { ImportReport } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import { nextTask } from '../next-task.ts';
import type { Connection } from '../store/connection.ts';
import { readGallery } from '../store/galleries.ts';
import { beginImport, endImport, noteImported, takeBackImport } from '../store/importing.ts';
import { facesOfPhoto } from '../store/jobs.ts';
import { readState } from '../store/schema.ts';
import type { Tabs } from '../tabs.ts';
import type { Writer } from '../writer.ts';
import { exportGallery, type ExportRequest } from './export.ts';
import { checkFile, facesOf, type ImportRequest } from './import.ts';

/** Faces of an import that are stored in one transaction. */
const IMPORT_BATCH = 1000;

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
    const { importing } = await this.#connection.read(readState);
    if (importing) await this.#tabs.alone(IMPORT, () => this.#takeBackImport());
  }

  /** A gallery as a file. */
  exportGallery(
    gallery: string,
    request: ExportRequest,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Blob> {
    return exportGallery(this.#connection, gallery, request, onProgress, signal);
  }

  /**
   * Stores the faces of a file, all or none. The file is read to its end first, since damage may lie anywhere; then
   * its faces are stored in batches, each of which notes their numbers, and are taken back if the import does not end:
   * at once, or when the database is opened next.
   */
  async importGallery(
    gallery: string,
    file: Blob,
    request: ImportRequest & { readonly duplicates: 'add' | 'skip' },
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    let report: ImportReport | undefined;
    await this.#tabs.alone(IMPORT, async () => {
      const found = await this.#connection.read((tx) => readGallery(tx, gallery));
      const total = await checkFile(file, found, request, signal);
      await this.#writer.write((tx) => beginImport(tx, gallery));
      try {
        report = await this.#importFaces(gallery, file, request, (done) => onProgress(done, total), signal);
      } catch (error) {
        await this.#takeBackImport();
        throw error;
      }
    });
    if (report) return report;
    throw badParam('file', file, 'imported when the other import that is under way has ended');
  }

  async #importFaces(
    gallery: string,
    file: Blob,
    request: ImportRequest & { readonly duplicates: 'add' | 'skip' },
    onProgress: (done: number) => void,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    let [imported, skipped, batch] = [0, 0, [] as PreparedFace[]];
    const store = async (): Promise<void> => {
      await this.#writer.addFaces(batch, signal, noteImported);
      imported += batch.length;
      batch = [];
      onProgress(imported + skipped);
    };
    for await (const face of facesOf(file, gallery, request, signal)) {
      const { photoHash } = face;
      const known =
        request.duplicates === 'skip' && photoHash !== undefined
          ? await this.#connection.read((tx) => facesOfPhoto(tx, gallery, photoHash))
          : [];
      if (known.length > 0) skipped++;
      else batch.push(face);
      if (batch.length >= IMPORT_BATCH) await store();
    }
    await store();
    await this.#writer.write(endImport);
    return { imported, skipped };
  }

  async #takeBackImport(): Promise<void> {
    while (!(await this.#writer.write(takeBackImport))) await nextTask();
  }
}
