/**
 * `tsx tools/test/check-docs.ts`: the README is short, no page is lost, links and anchors lead somewhere, every error code is
 * explained, and every sample type-checks against `dist/nearface.d.ts`.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { checkSamples } from './doc-samples.ts';
import { readPage, type Page } from './markdown.ts';

const MOST_LINES = 150;
const DECLARATIONS = 'dist/nearface.d.ts';
/** Languages that are type-checked. */
const CHECKED: ReadonlySet<string> = new Set(['ts', 'tsx']);
/** A page of these is written for users; what is elsewhere is linked from where it is needed. */
const GUIDES = 'docs';

const pagesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.md')).map((name) => join(folder, name));

const files = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...[
    'bench/README.md',
    'model-factory/README.md',
    'model-factory/train/README.md',
    'tools/samples/README.md',
  ],
  ...(await pagesIn(GUIDES)),
  ...(await pagesIn('models')),
];
const texts = new Map<string, string>();
for (const file of files) texts.set(file, await readFile(file, 'utf8'));
const pages = new Map<string, Page>([...texts].map(([file, text]) => [file, readPage(text)]));
const problems: string[] = [];

function checkLength(): void {
  const lines = texts.get('README.md')!.trimEnd().split('\n').length;
  if (lines > MOST_LINES)
    problems.push(`README.md has ${lines} lines; at most ${MOST_LINES}, the rest belongs in docs/`);
}

async function checkLink(file: string, target: string, line: number): Promise<void> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return;
  const [path = '', anchor] = target.split('#');
  const to = path === '' ? file : normalize(join(dirname(file), decodeURI(path)));
  const place = `${file}:${line}: ${target}`;
  if (/^(\.\.|\/|dist\/|node_modules\/)/.test(to)) problems.push(`${place} leads out of the repository`);
  else if (!(await stat(to).catch(() => undefined))) problems.push(`${place}: there is no ${to}`);
  else if (anchor !== undefined && to.endsWith('.md')) {
    const page = pages.get(to) ?? readPage(await readFile(to, 'utf8'));
    if (!page.anchors.has(anchor)) problems.push(`${place}: ${to} has no heading of that name`);
  }
}

/** Every guide can be found from the README. */
function checkListed(): void {
  const listed = new Set(pages.get('README.md')!.links.map(({ target }) => target.split('#')[0]));
  for (const file of files)
    if (file.startsWith(`${GUIDES}/`) && !listed.has(file))
      problems.push(`README.md does not link to ${file}`);
}

/** Every code has a row of the table. */
async function checkCodes(): Promise<void> {
  const source = await readFile('src/core/errors.ts', 'utf8');
  const union = /export type ErrorCode =([^;]+);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1]!);
  if (codes.length === 0) problems.push('src/core/errors.ts: no ErrorCode was found');
  const explained = texts.get('docs/errors.md') ?? '';
  for (const code of codes)
    if (!explained.includes(`| \`${code}\``)) problems.push(`docs/errors.md does not explain ${code}`);
}

checkLength();
for (const [file, { links }] of pages)
  for (const { target, line } of links) await checkLink(file, target, line);
checkListed();
await checkCodes();
const samples = [...pages].flatMap(([file, { blocks }]) =>
  blocks.filter(({ language }) => CHECKED.has(language)).map((block) => ({ ...block, file })),
);
if (await stat(DECLARATIONS).catch(() => undefined)) problems.push(...checkSamples(samples, DECLARATIONS));
else problems.push(`There is no ${DECLARATIONS} to check samples against; npm run build makes it`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${files.length} pages: links lead somewhere, ${samples.length} samples type-check`);
