/**
 * `npm run docs`, with `-- --base /folder/` for a site that is not served from its host's root: builds the documentation
 * into `dist-docs/`. Fails on links, anchors and diagrams that do not work.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { checkSite } from './check-site.ts';
import type { SiteSettings } from './config.ts';
import { DiagramPainter } from './diagrams.ts';
import { filesBelow } from './files.ts';
import { DECLARATIONS, writeLlms } from './llms.ts';
import { linkTo, readNavigation, sidebars, type ReferencePage } from './navigation.ts';
import { collectPages, type SiteContent } from './pages.ts';
import { publishedDeclarations, referenceTitle, writeReference } from './reference.ts';

const OUT = 'dist-docs';
/** Where the pages are put together for VitePress. */
const STAGE = 'temp/docs';
const SCRATCH = 'temp/docs-scratch';
const ICON = 'demo/public/favicon.svg';

function readBase(): string {
  const { base = '/' } = parseArgs({ options: { base: { type: 'string' } } }).values;
  if (!/^\/(.*\/)?$/.test(base))
    throw new Error(`--base ${base}: a path with a slash at both ends is needed`);
  return base;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Puts the pages where VitePress finds them, their diagrams drawn. */
async function stagePages({ pages, pictures }: SiteContent): Promise<void> {
  const painter = await DiagramPainter.start();
  try {
    for (const { path, text } of pages) await write(join(STAGE, path), await painter.draw(text));
  } finally {
    await painter.dispose();
  }
  for (const picture of pictures) {
    await mkdir(join(STAGE, dirname(picture)), { recursive: true });
    await copyFile(picture, join(STAGE, picture));
  }
  await mkdir(join(STAGE, 'public'));
  await copyFile(ICON, join(STAGE, 'public/favicon.svg'));
}

async function stageReference(declarations: string): Promise<readonly ReferencePage[]> {
  await writeReference(declarations, join(STAGE, 'api'), SCRATCH);
  const paths = (await filesBelow(join(STAGE, 'api')))
    .filter((path) => path.includes('/'))
    .map((path) => `api/${path}`);
  return Promise.all(paths.map(async (path) => ({ path, title: await referenceTitle(join(STAGE, path)) })));
}

/** VitePress looks for its configuration and its theme beside the pages. */
async function stageSettings(settings: SiteSettings): Promise<void> {
  const from = (path: string): string => JSON.stringify(resolve(import.meta.dirname, path));
  const config = `import { siteConfig } from ${from('config.ts')};\nexport default siteConfig(${JSON.stringify(settings)});\n`;
  await write(join(STAGE, '.vitepress/config.ts'), config);
  await write(
    join(STAGE, '.vitepress/theme/index.ts'),
    `export { default } from ${from('theme/index.ts')};\n`,
  );
}

/** Every page as Markdown beside its HTML, for those who read `llms.txt`. */
async function copyMarkdown({ pages }: SiteContent, reference: readonly ReferencePage[]): Promise<void> {
  for (const { path, text } of pages) await write(join(OUT, path), text);
  for (const path of ['api/index.md', ...reference.map((page) => page.path)])
    await write(join(OUT, path), await readFile(join(STAGE, path), 'utf8'));
}

async function buildDocs(base: string): Promise<void> {
  await Promise.all([STAGE, SCRATCH, OUT].map((folder) => rm(folder, { recursive: true, force: true })));
  await mkdir(SCRATCH, { recursive: true });
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const content = await collectPages('README.md');
  const { groups, others } = readNavigation(content.pages);
  const home = content.pages[0]!;
  const declarations = await publishedDeclarations(SCRATCH);
  await stagePages(content);
  const reference = await stageReference(declarations);
  await stageSettings({
    base,
    version,
    description: home.summary,
    outDir: resolve(OUT),
    cacheDir: resolve(SCRATCH, 'cache'),
    nav: [
      { text: 'Guide', link: linkTo('docs/getting-started.md') },
      { text: 'API', link: '/api/' },
      { text: 'Benchmarks', link: linkTo('docs/benchmarks.md') },
    ],
    sidebar: sidebars(groups, reference),
  });
  await build(STAGE);
  await copyMarkdown(content, reference);
  await copyFile(declarations, join(OUT, DECLARATIONS));
  await writeLlms(OUT, { home, groups, others, declarations });
  const problems = await checkSite(OUT, base);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log(
    `${content.pages.length} pages and ${reference.length} of the API in ${OUT}/, links lead somewhere`,
  );
}

const started = performance.now();
try {
  await buildDocs(readBase());
  console.log(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
