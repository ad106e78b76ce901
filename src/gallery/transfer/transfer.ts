import type { Call } from '../../core/call.ts';
import type { ImportReport } from '../../core/records.ts';
import type { GalleryDatabase } from '../port.ts';
import { exportGallery, type ExportRequest } from './export.ts';
import type { ImportRequest } from './import.ts';
import { importFaces } from './import-faces.ts';

/** Is never aborted. */
const NEVER = new AbortController().signal;

/** Galleries as files, and files into galleries. Every method throws NearFaceError. */
export class Transfer {
  readonly #database: GalleryDatabase;

  constructor(database: GalleryDatabase) {
    this.#database = database;
  }

  /** A gallery as a file. */
  exportGallery(gallery: string, request: ExportRequest, call: Call = {}): Promise<Blob> {
    return exportGallery(this.#database, gallery, request, call);
  }

  /** Stores the faces of a file, all or none; see {@link importFaces}. */
  importGallery(
    gallery: string,
    file: Blob,
    request: ImportRequest,
    { signal = NEVER, report }: Call = {},
  ): Promise<ImportReport> {
    const onProgress = (done: number, total: number): void =>
      report?.({ phase: 'import', item: gallery, done, total });
    return this.#database.importInto(
      gallery,
      (into, either) =>
        importFaces({ database: this.#database, into, gallery, file, request, onProgress, signal: either }),
      signal,
    );
  }
}
