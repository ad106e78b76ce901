import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readPage } from '../test/markdown.ts';
import { REFERENCE_KINDS } from './reference.ts';
import { sitePath, type SitePage } from './pages.ts';

/** A heading of the navigation with pages under it. */
export interface NavigationGroup {
  readonly text: string;
  readonly pages: readonly SitePage[];
}

/** The README's list of pages is the order; here begins a group. */
const GROUPS: Readonly<Record<string, string>> = {
  'docs/getting-started.md': 'Guide',
  'docs/deploy-pages.md': 'In use',
  'docs/architecture.md': 'How it is made',
  'docs/benchmarks.md': 'Measured',
  'CONTRIBUTING.md': 'Project',
};
const LIST = '\n## Where to go on\n';

/** The pages of the README's last list in its order, in groups, and those that only other pages link to. */
export function readNavigation(pages: readonly SitePage[]): {
  readonly groups: readonly NavigationGroup[];
  readonly others: readonly SitePage[];
} {
  const [, list] = readFileSync('README.md', 'utf8').split(LIST);
  if (list === undefined) throw new Error(`README.md has no heading${LIST.trimEnd().replace('\n', ' ')}`);
  const groups: { text: string; pages: SitePage[] }[] = [];
  for (const { target } of readPage(list).links) {
    const page = pages.find(({ source }) => source === target);
    if (!page) continue;
    const text = GROUPS[target];
    if (text !== undefined) groups.push({ text, pages: [] });
    groups.at(-1)?.pages.push(page);
  }
  const found = groups.map(({ text }) => text).join();
  if (found !== Object.values(GROUPS).join())
    throw new Error(
      `README.md's list of pages gives the groups ${found}; see GROUPS in tools/docs/navigation.ts`,
    );
  const listed = new Set(groups.flatMap((group) => group.pages));
  return { groups, others: pages.filter((page) => !listed.has(page) && page.source !== 'README.md') };
}

/** A page of the reference. */
export interface ReferencePage {
  /** Its path on the site. */
  readonly path: string;
  readonly title: string;
}

interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** VitePress's sidebars: one beside guides, one beside the reference. */
export function sidebars(
  groups: readonly NavigationGroup[],
  reference: readonly ReferencePage[],
): Readonly<Record<string, readonly SidebarItem[]>> {
  const kinds = Object.entries(REFERENCE_KINDS).map(([folder, text]) => ({
    text,
    collapsed: false,
    items: reference
      .filter(({ path }) => path.startsWith(`api/${folder}/`))
      .map(({ path, title }) => ({ text: title, link: link(path) })),
  }));
  return {
    '/api/': [{ text: 'API', link: '/api/' }, ...kinds],
    '/': [
      { text: 'nearface', link: '/' },
      ...groups.map(({ text, pages }) => ({
        text,
        collapsed: false,
        items: pages.map(({ path, title }) => ({ text: title, link: link(path) })),
      })),
      { text: 'API', link: '/api/' },
    ],
  };
}

function link(path: string): string {
  return `/${basename(path) === 'index.md' ? path.slice(0, -'index.md'.length) : path.replace(/\.md$/, '')}`;
}

/** The link of a page of the repository. */
export function linkTo(source: string): string {
  return link(sitePath(source));
}
