import { readFile, writeFile } from 'node:fs/promises';
import type { NavigationGroup } from './navigation.ts';
import type { SitePage } from './pages.ts';

/** What the two texts are made of. */
export interface LlmsContent {
  readonly home: SitePage;
  readonly groups: readonly NavigationGroup[];
  /** Pages that are not in the navigation. */
  readonly others: readonly SitePage[];
  /** Path of the rolled up declarations. */
  readonly declarations: string;
}

/** The declarations' name on the site. */
export const DECLARATIONS = 'nearface.d.ts';

/**
 * Writes `llms.txt` (https://llmstxt.org: a title, a summary, links with a line each) and `llms-full.txt`, which has the
 * pages themselves, into the site's folder. Links are relative to it.
 */
export async function writeLlms(folder: string, content: LlmsContent): Promise<void> {
  await writeFile(`${folder}/llms.txt`, overview(content));
  await writeFile(`${folder}/llms-full.txt`, await everything(content));
}

function overview({ home, groups, others }: LlmsContent): string {
  const line = ({ title, path, summary }: SitePage): string => `- [${title}](${path}): ${summary}`;
  const section = (title: string, pages: readonly SitePage[]): string =>
    `## ${title}\n\n${pages.map(line).join('\n')}\n`;
  return [
    `# ${home.title}\n\n> ${home.summary}\n`,
    'Links lead to Markdown; the site has each page as .html too. All of it in one file: [llms-full.txt](llms-full.txt).\n',
    `## API\n\n- [Declarations](${DECLARATIONS}): every public symbol with its documentation, as TypeScript.\n- [Reference](api/index.md): a page for each symbol.\n`,
    ...groups.map(({ text, pages }) => section(text, pages)),
    section('Optional', others),
  ].join('\n');
}

async function everything({ home, groups, declarations }: LlmsContent): Promise<string> {
  const pages = [home, ...groups.flatMap((group) => group.pages)];
  return [
    ...pages.map(({ path, text }) => `<!-- ${path} -->\n\n${text.trim()}\n`),
    `<!-- ${DECLARATIONS} -->\n\n\`\`\`ts\n${(await readFile(declarations, 'utf8')).trim()}\n\`\`\`\n`,
  ].join('\n');
}
