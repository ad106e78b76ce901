import type { ImportReport } from '../../core/records.ts';
import type { GalleryDatabase } from '../port.ts';
import { exportGallery, type ExportRequest, type ReportExport } from './export.ts';
import type { ImportRequest } from './import.ts';
import { importFaces } from './import-faces.ts';

/** Galleries as files, and files into galleries. Every method throws NearFaceError. */
export class Transfer {
  readonly #database: GalleryDatabase;

  constructor(database: GalleryDatabase) {
    this.#database = database;
  }

  /** A gallery as a file. */
  exportGallery(
    gallery: string,
    request: ExportRequest,
    onProgress: ReportExport,
    signal: AbortSignal,
  ): Promise<Blob> {
    return exportGallery(this.#database, gallery, request, onProgress, signal);
  }

  /** Stores the faces of a file, all or none; see {@link importFaces}. */
  importGallery(
    gallery: string,
    file: Blob,
    request: ImportRequest,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    return this.#database.importInto(
      gallery,
      (into, either) =>
        importFaces({ database: this.#database, into, gallery, file, request, onProgress, signal: either }),
      signal,
    );
  }
}
