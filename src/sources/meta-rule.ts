import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import { oneOf, resolveOptions, string, type Check } from '../core/options.ts';
import type { PhotoLabels } from './files.ts';
import { MetaTables } from './meta-tables.ts';
import { stemOf, type SourceFile } from './source-file.ts';
import { readText } from './text.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';

/**
 * Where the meta of each photo of a source comes from. It is at most 1,024 characters (UTF-16 units) long.
 * - `constant`: the same for all.
 * - `fileName`: the file's name without its extension, between `prefix` and `postfix` (default: empty).
 * - `text`: the first 1,024 characters of `photo.txt` beside `photo.jpg`, trimmed.
 * - `csv`: a table with the columns `meta` and `image` (the photo's path or name); its content as text or file. Default:
 *   the CSV files of the source that have these columns, whose images are relative to the table's own folder.
 *
 * Text is UTF-8, or UTF-16 with a byte order mark.
 */
export type MetaRule =
  | { readonly from: 'constant'; readonly meta: string }
  | { readonly from: 'fileName'; readonly prefix?: string; readonly postfix?: string }
  | { readonly from: 'text' }
  | { readonly from: 'csv'; readonly csv?: Blob | string };

/** A {@link MetaRule} that was checked. It keeps its tables once read, and holds nothing else. */
export type ResolvedMetaRule =
  | Readonly<{ from: 'constant'; meta: string }>
  | Readonly<{ from: 'fileName'; prefix: string; postfix: string }>
  | Readonly<{ from: 'text' }>
  | Readonly<{ from: 'csv'; tables: MetaTables }>;

/** A photo's meta. */
export interface PhotoMeta {
  readonly meta: string;
  /** Why the photo's name was taken instead of what the rule says; absent if the rule was kept. */
  readonly fallback?: string;
}

/** 1,024 characters are at most 4,096 bytes; the rest is for spaces before them. */
const TEXT_BYTES = 8192;

type RuleFrom<F extends MetaRule['from']> = Extract<MetaRule, { from: F }>;

const META = string(MAX_META_LENGTH);
const FROM = oneOf('constant', 'fileName', 'text', 'csv');

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
  text: (raw, path) => resolveOptions<RuleFrom<'text'>, object>(raw, path, { from: oneOf('text') }, {}),
  csv: (raw, path) => {
    const fields = { from: oneOf('csv'), csv: csvContent };
    const { csv } = resolveOptions<RuleFrom<'csv'>, object>(raw, path, fields, {});
    return Object.freeze({ from: 'csv', tables: new MetaTables(csv, `${path}.csv`) });
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
 * The meta of one photo. Where the rule finds none (no text file, no row in the table), it is the file's name without its
 * extension, and `fallback` says why.
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
    case 'text':
      return textMeta(photo, signal);
    case 'csv': {
      const meta = await rule.tables.find(photo);
      return meta === undefined ? fallback(photo, 'no row of the CSV names it') : { meta };
    }
  }
}

async function textMeta(photo: PhotoLabels, signal: AbortSignal | undefined): Promise<PhotoMeta> {
  const wanted = `${nameWithoutExtension(photo)}.txt`;
  if (!photo.text) return fallback(photo, `there is no ${wanted} beside it`);
  const text = await readText(await photo.text.open(signal), TEXT_BYTES).catch((error: unknown) => {
    throw NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${wanted} can no longer be read`);
  });
  if (text === undefined) return fallback(photo, `${wanted} is not UTF-8 text`);
  // A pair of surrogates is not cut in two.
  const meta = text
    .trimStart()
    .slice(0, MAX_META_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
  return meta === '' ? fallback(photo, `${wanted} is empty`) : { meta };
}

function fallback(photo: PhotoLabels, why: string): PhotoMeta {
  return { meta: limited(nameWithoutExtension(photo), photo), fallback: `${photo.path}: ${why}` };
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
