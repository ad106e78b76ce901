import { NearFaceError } from '../core/errors.ts';
import { findMeta, hasMetaHeader, type MetaColumns, readMetaTable, type MetaTable } from './csv.ts';
import type { PhotoLabels } from './files.ts';
import { folderOf, type SourceFile } from './source-file.ts';
import { readText } from './text.ts';

/** The largest CSV file, in bytes. */
export const MAX_CSV_BYTES = 100_000_000;

/**
 * The CSV tables of a meta rule: the one it was given, or those of the photos' source. Each is read once and kept; a
 * failed read is forgotten, so that the next try reads again.
 */
export class MetaTables {
  readonly #given: Blob | MetaTable | undefined;
  readonly #param: string;
  readonly #columns: MetaColumns | undefined;
  readonly #read = new WeakMap<object, Promise<MetaTable>>();

  /** `param` is what errors call the table; `columns` of one without a header. Throws `BAD_PARAM` if `csv` is a string that is no such table. */
  constructor(csv: Blob | string | undefined, param: string, columns?: MetaColumns) {
    this.#param = param;
    this.#columns = columns;
    this.#given = typeof csv === 'string' ? readMetaTable(csv, param, '', columns) : csv;
  }

  /** The meta of a photo, or `undefined` if no row names it. Rejects as {@link MetaTables.load}. */
  async find(photo: PhotoLabels): Promise<string | undefined> {
    return findMeta(await this.load(photo.tables ?? []), photo.path);
  }

  /**
   * The rows that hold for a source with these tables.
   * @throws `BAD_PARAM` if there is no table, or naming the line that is wrong.
   */
  load(tables: readonly SourceFile[]): Promise<MetaTable> {
    if (this.#given instanceof Blob) return this.#once(this.#given, this.#readGiven(this.#given));
    if (this.#given) return Promise.resolve(this.#given);
    return this.#once(tables, () => this.#readFound(tables));
  }

  #once(key: object, read: () => Promise<MetaTable>): Promise<MetaTable> {
    const known = this.#read.get(key);
    if (known) return known;
    const reading = read();
    this.#read.set(key, reading);
    reading.catch(() => this.#read.delete(key));
    return reading;
  }

  #readGiven(csv: Blob): () => Promise<MetaTable> {
    return async () => readMetaTable(await textOf(csv, this.#param), this.#param, '', this.#columns);
  }

  async #readFound(files: readonly SourceFile[]): Promise<MetaTable> {
    const joined = new Map<string, string>();
    let found = false;
    for (const file of files) {
      const text = await textOf(await file.open(), file.path);
      if (!this.#columns && !hasMetaHeader(text)) continue;
      found = true;
      for (const [image, meta] of readMetaTable(text, file.path, folderOf(file.path), this.#columns)) {
        if ((joined.get(image) ?? meta) !== meta) {
          throw tableError(file.path, `gives ${JSON.stringify(image)} another meta than a table before it`);
        }
        joined.set(image, meta);
      }
    }
    if (!found) {
      throw tableError(
        this.#param,
        this.#columns
          ? 'is not given, and the source holds no CSV file'
          : "is not given, and the source holds no CSV file with the header meta,image; columns: 'meta,image' reads one without",
      );
    }
    return joined;
  }
}

async function textOf(csv: Blob, param: string): Promise<string> {
  if (csv.size > MAX_CSV_BYTES) {
    throw tableError(param, `is larger than ${MAX_CSV_BYTES / 1e6} MB; split it and its photos`);
  }
  const text = await readText(csv, MAX_CSV_BYTES).catch((error: unknown) => {
    throw tableError(param, 'can no longer be read; choose it again', error);
  });
  if (text === undefined) throw tableError(param, 'is not UTF-8; save it as "CSV UTF-8"');
  return text;
}

function tableError(param: string, what: string, cause?: unknown): NearFaceError {
  return new NearFaceError('BAD_PARAM', `${param} ${what}`, { param }, cause);
}
