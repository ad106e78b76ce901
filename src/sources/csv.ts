import { badParam } from '../core/errors.ts';

/**
 * The rows of a CSV text (RFC 4180: quotes, doubled quotes, line ends within quotes; a byte order mark is left
 * out). A last line without an end counts, an empty line does not.
 *
 * @throws NearFaceError `BAD_PARAM` naming the line of a quote that is not closed
 */
export function parseCsv(text: string, param: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  field.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const found = field.exec(text);
    if (!found) {
      const line = text.slice(0, at).split(/\r\n|\n|\r/).length;
      throw badParam(param, `line ${line}`, 'fields in closed quotes, or without quotes in them');
    }
    const [, quoted, plain = '', end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',' && field.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

/**
 * The metas of a CSV text with the columns `meta` and `image` (in any order and case, among others), by image.
 *
 * @throws NearFaceError `BAD_PARAM`
 */
export function metasByImage(text: string, param: string): ReadonlyMap<string, string> {
  const [header = [], ...rows] = parseCsv(text, param);
  const names = header.map((name) => name.trim().toLowerCase());
  const [meta, image] = [names.indexOf('meta'), names.indexOf('image')];
  if (meta < 0 || image < 0)
    throw badParam(
      param,
      `the header ${JSON.stringify(header.join(','))}`,
      'a header with the columns meta and image',
    );
  return new Map(rows.flatMap((row) => (row[image] ? [[row[image], row[meta] ?? '']] : [])));
}

/** Fields as a line of CSV. A field that a spreadsheet would take for a formula is made text. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((value) => {
    const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}
