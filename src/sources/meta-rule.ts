import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import { oneOf, resolveOptions, string, type Check } from '../core/options.ts';
import type { PhotoLabels } from './files.ts';
import type { MetaColumns } from './csv.ts';
import { MetaTables } from './meta-tables.ts';
import { folderOf, nameOf, stemOf, type SourceFile } from './source-file.ts';
import { readText } from './text.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';

/**
 * Where the meta of each photo of a source comes from. It is at most 1,024 characters (UTF-16 units) long.
 * - `constant`: the same for all.
 * - `fileName`: the file's name without its extension, between `prefix` and `postfix` (default: empty).
 * - `folderName`: the name of the folder that the photo lies in, as where each person has one.
 * - `text`: the first 1,024 characters of `photo.txt` beside `photo.jpg`, trimmed; of another `extension` than `txt`, if one is given.
 * - `csv`: a table with the columns `meta` and `image` (the photo's path or name); its content as text or file. Default:
 *   the CSV files of the source that have these columns, whose images are relative to the table's own folder. `columns` says that there is
 *   no header, and in which order they are; further columns are ignored.
 *
 * `unlisted` says what a photo is called of which there is no folder, no text, or no row: its file's name without extension (the default), or nothing.
 *
 * Text is UTF-8, or UTF-16 with a byte order mark.
 */
export type MetaRule =
  | { readonly from: 'constant'; readonly meta: string }
  | { readonly from: 'fileName'; readonly prefix?: string; readonly postfix?: string }
  | { readonly from: 'folderName'; readonly unlisted?: Unlisted }
  | { readonly from: 'text'; readonly extension?: string; readonly unlisted?: Unlisted }
  | {
      readonly from: 'csv';
      readonly csv?: Blob | string;
      readonly columns?: MetaColumns;
      readonly unlisted?: Unlisted;
    };

/** What a photo is called that a {@link MetaRule} says nothing of. */
export type Unlisted = 'fileName' | 'empty';

/** A {@link MetaRule} that was checked. It keeps its tables once read, and holds nothing else. */
export type ResolvedMetaRule =
  | Readonly<{ from: 'constant'; meta: string }>
  | Readonly<{ from: 'fileName'; prefix: string; postfix: string }>
  | Readonly<{ from: 'folderName'; unlisted: Unlisted }>
  | Readonly<{ from: 'text'; extension: string; unlisted: Unlisted }>
  | Readonly<{ from: 'csv'; tables: MetaTables; unlisted: Unlisted }>;

/** A photo's meta. */
export interface PhotoMeta {
  readonly meta: string;
  /** Why the photo's name, or nothing, was taken instead of what the rule says; absent if the rule was kept. */
  readonly fallback?: string;
}

/** 1,024 characters are at most 4,096 bytes; the rest is for spaces before them. */
const TEXT_BYTES = 8192;

type RuleFrom<F extends MetaRule['from']> = Extract<MetaRule, { from: F }>;

const META = string(MAX_META_LENGTH);
const FROM = oneOf('constant', 'fileName', 'folderName', 'text', 'csv');
const UNLISTED = oneOf<Unlisted>('fileName', 'empty');

/** As it stands behind the dot, which may be given along. */
const EXTENSION: Check<string> = (value, path) => {
  const bare = typeof value === 'string' ? value.replace(/^\./, '').toLowerCase() : '';
  if (/^[^./\\]{1,16}$/.test(bare)) return bare;
  throw badParam(path, value, "a file extension such as 'txt'");
};

const csvContent: Check<Blob | string> = (value, path) => {
  if (typeof value === 'string' || value instanceof Blob) return value;
  throw badParam(path, value, 'the content of a CSV file as a string, or the file as a Blob');
};

/**
 * Checks a rule; `undefined` means the file's name. A CSV given as a string is read here, a file when it is first needed.
 * @throws `BAD_PARAM` naming the option, and the line of a CSV.
 */
export const resolveMetaRule: Check<ResolvedMetaRule> = (raw, path) => {
  if (raw === undefined) return FILE_NAME;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw badParam(path, raw, "a rule such as { from: 'fileName' }");
  const from = FROM((raw as { from?: unknown }).from, `${path}.from`);
  return RESOLVERS[from](raw, path);
};

const FILE_NAME = Object.freeze({ from: 'fileName', prefix: '', postfix: '' } as const);

const RESOLVERS: Readonly<Record<MetaRule['from'], Check<ResolvedMetaRule>>> = {
  constant: (raw, path) => {
    const fields = { from: oneOf('constant'), meta: META };
    const rule = resolveOptions<RuleFrom<'constant'>, object>(raw, path, fields, {});
    META(rule.meta, `${path}.meta`);
    return rule;
  },
  fileName: (raw, path) => {
    const fields = { from: oneOf('fileName'), prefix: META, postfix: META };
    return resolveOptions<RuleFrom<'fileName'>, typeof FILE_NAME>(raw, path, fields, FILE_NAME);
  },
  folderName: (raw, path) => {
    const fields = { from: oneOf('folderName'), unlisted: UNLISTED };
    const defaults = { from: 'folderName', unlisted: 'fileName' } as const;
    return resolveOptions<Required<RuleFrom<'folderName'>>, typeof defaults>(raw, path, fields, defaults);
  },
  text: (raw, path) => {
    const fields = { from: oneOf('text'), extension: EXTENSION, unlisted: UNLISTED };
    const defaults = { from: 'text', extension: 'txt', unlisted: 'fileName' } as const;
    return resolveOptions<Required<RuleFrom<'text'>>, typeof defaults>(raw, path, fields, defaults);
  },
  csv: (raw, path) => {
    const columns = oneOf('meta,image', 'image,meta');
    const fields = { from: oneOf('csv'), csv: csvContent, columns, unlisted: UNLISTED };
    const defaults = { unlisted: 'fileName' } as const;
    const rule = resolveOptions<RuleFrom<'csv'>, typeof defaults>(raw, path, fields, defaults);
    const tables = new MetaTables(rule.csv, `${path}.csv`, rule.columns);
    return Object.freeze({ from: 'csv', tables, unlisted: rule.unlisted });
  },
};

/**
 * Reads what the rule needs of a source beforehand, so that a wrong CSV ends a job before its first photo.
 * `tables` is {@link PhotoLabels.tables}.
 * @throws `BAD_PARAM` naming the table and the line.
 */
export async function loadMetaRule(rule: ResolvedMetaRule, tables: readonly SourceFile[]): Promise<void> {
  if (rule.from === 'csv') await rule.tables.load(tables);
}

/**
 * The meta of one photo. Where the rule finds none (no folder, no text file, no row in the table), it is what `unlisted` says, and `fallback` says
 * why.
 * @throws `BAD_PARAM` for a meta over 1,024 characters, or a CSV that cannot be read; `IMAGE_DECODING_FAILED` for a text
 * file that can no longer be read; `ABORTED`.
 */
export async function metaFor(
  rule: ResolvedMetaRule,
  photo: PhotoLabels,
  signal?: AbortSignal,
): Promise<PhotoMeta> {
  throwIfAborted(signal);
  switch (rule.from) {
    case 'constant':
      return { meta: rule.meta };
    case 'fileName':
      return { meta: limited(rule.prefix + nameWithoutExtension(photo) + rule.postfix, photo) };
    case 'folderName': {
      const folder = nameOf(folderOf(photo.path).slice(0, -1)).normalize('NFC');
      return folder === ''
        ? fallback(photo, 'it lies in no folder', rule.unlisted)
        : { meta: limited(folder, photo) };
    }
    case 'text':
      return textMeta(photo, rule, signal);
    case 'csv': {
      const meta = await rule.tables.find(photo);
      return meta === undefined ? fallback(photo, 'no row of the CSV names it', rule.unlisted) : { meta };
    }
  }
}

async function textMeta(
  photo: PhotoLabels,
  { extension, unlisted }: Extract<ResolvedMetaRule, { from: 'text' }>,
  signal: AbortSignal | undefined,
): Promise<PhotoMeta> {
  const wanted = `${nameWithoutExtension(photo)}.${extension}`;
  if (!photo.text) return fallback(photo, `there is no ${wanted} beside it`, unlisted);
  const text = await readText(await photo.text.open(signal), TEXT_BYTES).catch((error: unknown) => {
    throw NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${wanted} can no longer be read`);
  });
  if (text === undefined) return fallback(photo, `${wanted} is not UTF-8 text`, unlisted);
  // A pair of surrogates is not cut in two.
  const meta = text
    .trimStart()
    .slice(0, MAX_META_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
  return meta === '' ? fallback(photo, `${wanted} is empty`, unlisted) : { meta };
}

function fallback(photo: PhotoLabels, why: string, unlisted: Unlisted): PhotoMeta {
  const meta = unlisted === 'empty' ? '' : limited(nameWithoutExtension(photo), photo);
  return { meta, fallback: `${photo.path}: ${why}` };
}

/** In Unicode form C: macOS gives names decomposed, which would not match the same name typed. */
function nameWithoutExtension({ name }: PhotoLabels): string {
  return stemOf(name).normalize('NFC');
}

function limited(meta: string, photo: PhotoLabels): string {
  if (meta.length <= MAX_META_LENGTH) return meta;
  throw badParam(
    `the meta of ${photo.path}`,
    `${meta.length} long`,
    `of at most ${MAX_META_LENGTH} characters`,
  );
}
