import { badParam } from '../core/errors.ts';
import { oneOf, resolveOptions, string } from '../core/options.ts';
import { metasByImage } from './csv.ts';
import { isPhoto, type OpenSource, readSource } from './entries.ts';

/** Where the metas of enrolled photos come from. */
export type MetaRule =
  /** The same for all. */
  | { readonly from: 'constant'; readonly meta: string }
  /** The file's name without folders and extension, between a prefix and a postfix. */
  | { readonly from: 'fileName'; readonly prefix?: string; readonly postfix?: string }
  /** The folder that the file lies in. */
  | { readonly from: 'folder' }
  /** The text file beside it, `a.txt` for `a.jpg`; the file's name where there is none. */
  | { readonly from: 'text' }
  /** A table with the columns `meta` and `image`; photos that are not in it are left out. */
  | { readonly from: 'csv'; readonly csv: string };

/** A photo to enrol. */
export interface Photo {
  /** Its path in the source. */
  readonly name: string;
  readonly photo: Blob;
  readonly meta: string;
}

const MAX_META = 1024;

/** @throws NearFaceError `BAD_PARAM` */
export function checkMetaRule(value: unknown, path: string): MetaRule {
  const text = string(MAX_META);
  const kinds = oneOf('constant', 'fileName', 'folder', 'text', 'csv');
  const from = kinds((value as { from?: unknown } | undefined)?.from, `${path}.from`);
  const fields = {
    constant: { meta: text },
    fileName: { prefix: text, postfix: text },
    folder: {},
    text: {},
    csv: { csv: string(1e9) },
  }[from];
  const rule = resolveOptions<object, object>(value, path, { from: kinds, ...fields }, {}) as MetaRule;
  if (rule.from === 'constant' && rule.meta === undefined)
    throw badParam(`${path}.meta`, undefined, 'a text');
  if (rule.from === 'csv') {
    if (rule.csv === undefined) throw badParam(`${path}.csv`, undefined, 'the text of a table');
    metasByImage(rule.csv, `${path}.csv`);
  }
  return rule;
}

const fileName = (path: string): string => path.replace(/^.*\//, '');
const withoutExtension = (path: string): string => path.replace(/\.[^./]*$/, '');

/** The photos of a source with their metas. */
export async function* photosOf(
  open: OpenSource,
  rule: MetaRule,
  signal: AbortSignal | undefined,
): AsyncIterable<Photo> {
  const texts = rule.from === 'text' ? await textsOf(open, signal) : new Map<string, string>();
  const table = rule.from === 'csv' ? metasByImage(rule.csv, 'meta.csv') : new Map<string, string>();
  for await (const { path, file } of readSource(open, signal)) {
    if (!isPhoto(path, file)) continue;
    const meta = metaFor(rule, path, texts, table);
    if (meta !== undefined) yield { name: path, photo: file, meta: meta.slice(0, MAX_META) };
  }
}

function metaFor(
  rule: MetaRule,
  path: string,
  texts: ReadonlyMap<string, string>,
  table: ReadonlyMap<string, string>,
): string | undefined {
  const name = withoutExtension(fileName(path));
  switch (rule.from) {
    case 'constant':
      return rule.meta;
    case 'fileName':
      return `${rule.prefix ?? ''}${name}${rule.postfix ?? ''}`;
    case 'folder':
      return fileName(path.replace(/\/[^/]*$/, ''));
    case 'text':
      return texts.get(withoutExtension(path)) ?? name;
    case 'csv':
      return table.get(path) ?? table.get(fileName(path));
  }
}

/** The text files of a source, by their paths without extension. */
async function textsOf(
  open: OpenSource,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const { path, file } of readSource(open, signal))
    if (/\.txt$/i.test(path)) texts.set(withoutExtension(path), (await file.slice(0, 65536).text()).trim());
  return texts;
}
