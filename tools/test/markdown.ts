/** A fenced block of code. */
export interface CodeBlock {
  /** The word after the fence, as in `ts`; empty if there is none. */
  readonly language: string;
  readonly code: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
}

/** A link or a picture. */
export interface Link {
  readonly target: string;
  /** From 1. */
  readonly line: number;
}

/** What of a page the checks look at. */
export interface Page {
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** What `#` of a link to the page may name, as GitHub makes it of the headings. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^\s*(```+|~~~+)\s*(\S*)/;
const INLINE = /\]\(\s*<?([^()\s>]+(?:\([^()\s]*\)[^()\s>]*)*)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^\s*\[[^\]]+\]:\s+(\S+)/;
const HTML = /\b(?:src|href)="([^"]+)"/g;

/** Reads a page of GitHub's Markdown. */
export function readPage(text: string): Page {
  const blocks: CodeBlock[] = [];
  const links: Link[] = [];
  const slugs = new Map<string, number>();
  const anchors = new Set<string>();
  let open: { fence: string; language: string; line: number; code: string[] } | undefined;
  for (const [index, row] of text.split('\n').entries()) {
    const fence = FENCE.exec(row);
    if (open) {
      if (fence?.[1]?.startsWith(open.fence) && fence[2] === '') {
        blocks.push({ language: open.language, code: open.code.join('\n'), line: open.line });
        open = undefined;
      } else open.code.push(row);
      continue;
    }
    if (fence) {
      open = { fence: fence[1]!, language: fence[2]!, line: index + 2, code: [] };
      continue;
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(row);
    if (heading) anchors.add(unique(slugOf(heading[1]!), slugs));
    for (const match of row.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(match[1]!);
    for (const target of targetsOf(row)) links.push({ target, line: index + 1 });
  }
  return { blocks, links, anchors };
}

function targetsOf(row: string): readonly string[] {
  // A code span may hold what looks like a link; a link may be named by one.
  const prose = row.replaceAll(/(`+)(?:(?!\1).)+\1/g, 'code');
  const reference = REFERENCE.exec(prose);
  return [
    ...[...prose.matchAll(INLINE)].map((match) => match[1]!),
    ...[...prose.matchAll(HTML)].map((match) => match[1]!),
    ...(reference ? [reference[1]!] : []),
  ];
}

/** What GitHub makes of a heading: lower case, hyphens for spaces, without punctuation and markup. */
export function slugOf(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function unique(slug: string, seen: Map<string, number>): string {
  const before = seen.get(slug) ?? 0;
  seen.set(slug, before + 1);
  return before === 0 ? slug : `${slug}-${before}`;
}
