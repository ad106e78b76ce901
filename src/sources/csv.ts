import { NearFaceError, showValue } from '../core/errors.ts';
import { cleanPath } from './source-file.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';

/** One record of a CSV file. */
export interface CsvRow {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of a CSV text by RFC 4180: comma separated, fields in quotes may hold commas, line breaks and doubled
 * quotes. Line ends may be CRLF, LF or CR; a byte order mark and blank lines are skipped. Linear in the text's length.
 * @throws `BAD_PARAM` naming `param` and the line: a quote that is never closed, text behind a closing quote, a quote
 * inside a field without quotes.
 */
export function* csvRows(text: string, param: string): Generator<CsvRow> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    const fields: string[] = [];
    const [start, firstLine] = [at, line];
    for (let separator = ','; separator === ',';) {
      const field = text[at] === '"' ? readQuoted(text, at, line, param) : readPlain(text, at, line, param);
      fields.push(field.value);
      line += field.breaks;
      separator = text.slice(field.end, field.end + 1);
      at = field.end + (separator === '\r' && text[field.end + 1] === '\n' ? 2 : 1);
    }
    if (!(fields.length === 1 && /[\r\n]/.test(text[start]!))) yield { line: firstLine, fields };
  }
}

interface Field {
  readonly value: string;
  /** Of the separator behind it, or the text's length. */
  readonly end: number;
  /** Line breaks in it. */
  readonly breaks: number;
}

function readPlain(text: string, start: number, line: number, param: string): Field {
  const stop = /[,\r\n"]/g;
  stop.lastIndex = start;
  const end = stop.exec(text)?.index ?? text.length;
  if (text[end] === '"')
    throw csvError(param, line, 'has a quote inside a field; put the field in quotes and double it');
  return { value: text.slice(start, end), end, breaks: 0 };
}

function readQuoted(text: string, start: number, line: number, param: string): Field {
  let value = '';
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw csvError(param, line, 'opens a quote that is never closed');
    value += text.slice(from, quote);
    const next = text[quote + 1];
    if (next === '"') {
      value += '"';
      from = quote + 2;
    } else {
      const breaks = value.match(/\r\n|\r|\n/g)?.length ?? 0;
      if (next === undefined || /[,\r\n]/.test(next)) return { value, end: quote + 1, breaks };
      throw csvError(
        param,
        line + breaks,
        'has text behind a closing quote; double the quotes inside a field',
      );
    }
  }
}

/** The columns of a table without a header, in their order. */
export type MetaColumns = 'meta,image' | 'image,meta';

/** Meta by image path. Keys are clean paths in Unicode form C, as {@link findMeta} looks them up. */
export type MetaTable = ReadonlyMap<string, string>;

/**
 * Reads a CSV file with a header that names the columns `meta` and `image`, in any case and order; further columns are
 * ignored, spaces around fields too. `folder` (with its `/`) is put before each image's path. With `named` there is no header.
 * @throws `BAD_PARAM` naming `param` and the line, for what {@link csvRows} refuses, a header without the two names, a
 * row without an image, a meta of more than 1,024 characters, and an image that is given two different metas.
 */
export function readMetaTable(text: string, param: string, folder = '', named?: MetaColumns): MetaTable {
  const rows = csvRows(text, param);
  const columns = named ? columnsOf(named.split(',')) : headerOf(rows);
  if (!columns) {
    throw csvError(param, 1, 'must be a header that names the columns meta and image, separated by a comma');
  }
  const table = new Map<string, string>();
  for (const { line, fields } of rows) {
    const image = cleanPath(fields[columns.image]?.trim() ?? '').normalize('NFC');
    const meta = fields[columns.meta]?.trim();
    if (image === '' || meta === undefined) {
      throw csvError(
        param,
        line,
        `lacks ${image === '' ? 'an image' : 'a meta'}; give one or delete the row`,
      );
    }
    if (meta.length > MAX_META_LENGTH) {
      throw csvError(
        param,
        line,
        `has a meta of ${meta.length} characters; at most ${MAX_META_LENGTH} are kept`,
      );
    }
    const key = folder.normalize('NFC') + image;
    const earlier = table.get(key);
    if (earlier !== undefined && earlier !== meta)
      throw csvError(param, line, `names ${showValue(image)} again, with another meta`);
    table.set(key, meta);
  }
  return table;
}

/** Whether a text begins with the header that {@link readMetaTable} needs. */
export function hasMetaHeader(text: string): boolean {
  try {
    return headerOf(csvRows(text, '')) !== undefined;
  } catch {
    return false;
  }
}

function headerOf(rows: Iterator<CsvRow>): Columns | undefined {
  const header = rows.next();
  return header.done ? undefined : columnsOf(header.value.fields);
}

/** Where a table has its columns. */
interface Columns {
  readonly meta: number;
  readonly image: number;
}

function columnsOf(header: readonly string[]): Columns | undefined {
  const names = header.map((field) => field.trim().toLowerCase());
  const [meta, image] = [names.indexOf('meta'), names.indexOf('image')];
  return meta >= 0 && image >= 0 ? { meta, image } : undefined;
}

/**
 * The meta of the photo at `path`: of the row with the whole path, else with the path less its first folders, down to
 * the bare name. A row with a bare name thus holds for the photos of that name in all folders.
 */
export function findMeta(table: MetaTable, path: string): string | undefined {
  let rest = cleanPath(path).normalize('NFC');
  for (;;) {
    const meta = table.get(rest);
    if (meta !== undefined) return meta;
    const slash = rest.indexOf('/');
    if (slash < 0) return undefined;
    rest = rest.slice(slash + 1);
  }
}

function csvError(param: string, line: number, what: string): NearFaceError {
  return new NearFaceError('BAD_PARAM', `${param}: line ${line} ${what}`, { param, line });
}
