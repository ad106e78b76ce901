import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { readPage, type CodeBlock } from '../test/markdown.ts';

/** A page of the repository, and what the site shows of it. */
export interface SitePage {
  /** Its path in the repository. */
  readonly source: string;
  /** Its path on the site, ending with `.md`; a folder's `README.md` is `index.md` there. */
  readonly path: string;
  readonly title: string;
  /** The first sentence, without markup. */
  readonly summary: string;
  /** Markdown whose links lead to pages of the site. */
  readonly text: string;
}

/** Pages, and the pictures that they show. */
export interface SiteContent {
  readonly pages: readonly SitePage[];
  /** Paths in the repository, which are those on the site. */
  readonly pictures: readonly string[];
}

const PICTURE = /\.(svg|png|jpe?g|webp|avif|gif)$/i;
const LINK = /(!?)\[([^[\]]*)\]\(<?([^()\s>]+)>?\)/g;

/** Reads `first` and every page of the repository that can be reached from it by links. */
export async function collectPages(first: string): Promise<SiteContent> {
  const pages = new Map<string, SitePage>();
  const pictures = new Set<string>();
  const waiting = [first];
  for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
    if (pages.has(source)) continue;
    const text = await readFile(source, 'utf8');
    for (const { target } of readPage(text).links) {
      const to = pathOf(source, target);
      if (to?.endsWith('.md')) waiting.push(to);
      else if (to && PICTURE.test(to)) pictures.add(to);
      else if (to) await stat(to);
    }
    pages.set(source, toSitePage(source, text));
  }
  return { pages: [...pages.values()], pictures: [...pictures] };
}

/** Where a page of the repository is on the site. */
export function sitePath(source: string): string {
  return source.replace(/(^|\/)README\.md$/, '$1index.md');
}

function toSitePage(source: string, text: string): SitePage {
  const title = /^# (.+)$/m.exec(text)?.[1];
  const summary = summaryOf(text);
  if (!title) throw new Error(`${source} has no heading of the first level`);
  if (!summary) throw new Error(`${source} does not begin with a sentence that says what it is about`);
  return { source, path: sitePath(source), title: plain(title), summary, text: relink(source, text) };
}

/** The path in the repository that a link leads to; undefined if it leads out of it or stays on the page. */
function pathOf(source: string, target: string): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|#)/i.test(target)) return undefined;
  return normalize(join(dirname(source), decodeURI(target.split('#')[0]!)));
}

/** The first sentence of the paragraph below the title, if there is one. */
export function summaryOf(text: string): string | undefined {
  const lead = /^# .+\n+((?:[^\n]+\n)+)/m.exec(text)?.[1];
  if (lead === undefined || /^(#|\||```|!\[|- )/.test(lead)) return undefined;
  const prose = plain(lead.trim().replaceAll(/\s+/g, ' '));
  return /^.*?\.(?=\s|$)/.exec(prose)?.[0] ?? prose;
}

function plain(text: string): string {
  return text.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\*+|`/g, '');
}

/** Links to READMEs lead to their pages; what the site does not have is text instead of a link. */
export function relink(source: string, text: string): string {
  return mapProse(text, (prose) =>
    prose.replaceAll(LINK, (link, mark: string, label: string, target: string) => {
      const to = pathOf(source, target);
      if (to === undefined || PICTURE.test(to)) return link;
      if (!to.endsWith('.md')) return label;
      const [, anchor] = target.split('#');
      const path = relative(dirname(sitePath(source)), sitePath(to));
      return `${mark}[${label}](${path}${anchor === undefined ? '' : `#${anchor}`})`;
    }),
  );
}

/** Applies `change` to lines outside fenced blocks, in which code spans are hidden from it. */
function mapProse(text: string, change: (prose: string) => string): string {
  const inside = linesOf(readPage(text).blocks);
  const lines = text.split('\n').map((line, index) => {
    if (inside.has(index + 1)) return line;
    const spans: string[] = [];
    const hidden = line.replaceAll(/(`+)(?:(?!\1).)+\1/g, (span) => `\uE000${spans.push(span) - 1}\uE000`);
    return change(hidden).replaceAll(/\uE000(\d+)\uE000/g, (_, place: string) => spans[Number(place)]!);
  });
  return lines.join('\n');
}

function linesOf(blocks: readonly CodeBlock[]): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { line, code } of blocks) for (let i = 0; i < code.split('\n').length; i++) lines.add(line + i);
  return lines;
}
