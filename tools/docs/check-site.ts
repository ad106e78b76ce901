import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { filesBelow } from './files.ts';

interface HtmlPage {
  readonly links: ReadonlySet<string>;
  readonly anchors: ReadonlySet<string>;
  /** What the browser fetches for the page from another host. */
  readonly remote: readonly string[];
}

const COMMENT_OR_SCRIPT = /<!--[\s\S]*?-->|(<script\b[^>]*>)[\s\S]*?<\/script>/g;
const LINK = /\s(?:href|src)="([^"]*)"/g;
const ANCHOR = /\s(?:id|name)="([^"]+)"/g;
const REMOTE =
  /<(?:script|link|img|iframe|source|video|audio)\b[^>]*\s(?:src|href)="((?:https?:)?\/\/[^"]+)"/g;
const REMOTE_STYLE = /(?:@import\s+|url\()\s*["']?((?:https?:)?\/\/[^"')\s]+)/g;

/**
 * Looks at a site as it was built.
 *
 * @returns one line for each link that leads nowhere, by file or by anchor, and for everything that would be fetched from
 * another host
 */
export async function checkSite(folder: string, base: string): Promise<readonly string[]> {
  const files = new Set(await filesBelow(folder));
  const pages = new Map<string, HtmlPage>();
  const problems: string[] = [];
  for (const file of files) {
    if (file.endsWith('.html')) pages.set(file, readHtml(await readFile(join(folder, file), 'utf8')));
    if (!file.endsWith('.css')) continue;
    const style = await readFile(join(folder, file), 'utf8');
    for (const [, url] of style.matchAll(REMOTE_STYLE)) problems.push(`${file} fetches ${url}`);
  }
  for (const [file, { links, remote }] of pages) {
    for (const url of remote) problems.push(`${file} fetches ${url}`);
    for (const link of links) {
      const problem = problemOf(file, link, base, files, pages);
      if (problem !== undefined) problems.push(`${file}: ${link} ${problem}`);
    }
  }
  return problems;
}

function readHtml(html: string): HtmlPage {
  const body = html.replaceAll(COMMENT_OR_SCRIPT, '$1');
  const all = (pattern: RegExp): string[] => [...body.matchAll(pattern)].map((match) => match[1]!);
  return { links: new Set(all(LINK)), anchors: new Set(all(ANCHOR)), remote: all(REMOTE) };
}

function problemOf(
  file: string,
  link: string,
  base: string,
  files: ReadonlySet<string>,
  pages: ReadonlyMap<string, HtmlPage>,
): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return undefined;
  const [address = '', anchor] = link.replaceAll('&amp;', '&').split('#');
  const path = address.split('?')[0]!;
  if (path.startsWith('/') && !path.startsWith(base)) return `is not below ${base}`;
  const target = path === '' ? file : targetOf(file, decodeURI(path), base);
  if (!files.has(target)) return `leads nowhere: there is no ${target}`;
  if (!anchor) return undefined;
  const { anchors } = pages.get(target) ?? {};
  return anchors && !anchors.has(decodeURIComponent(anchor))
    ? `leads nowhere: ${target} has no such anchor`
    : undefined;
}

function targetOf(file: string, path: string, base: string): string {
  const to = path.startsWith('/')
    ? normalize(path.slice(base.length) || '.')
    : normalize(join(dirname(file), path));
  return to === '.' || to.endsWith('/') ? join(to, 'index.html') : to;
}
