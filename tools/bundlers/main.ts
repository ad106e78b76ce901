/**
 * `tsx tools/bundlers/main.ts [NAME…]`: packs `dist/`, builds a page that imports the package with each bundler, or with those
 * whose names begin so, in a project of its own, and finds faces with it in Chromium. Run `npm run build` first. The
 * bundlers come from the npm registry. Ends with one line of sums; the exit code is 0 if nothing failed.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { execute, outcomeOf, packInto, photos } from '../../e2e/consumer.ts';
import { chromiumArgs, findChromium } from '../chromium.ts';
import { serve } from '../serve.ts';
import { add, line, NOTHING, one } from '../test/counts.ts';
import { PROJECTS, type Project } from './projects.ts';

const FACES_IN_SAMPLE_1 = 3;

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Installs the package and the bundler in `folder`, and builds there. */
async function build(project: Project, folder: string, tarball: string): Promise<void> {
  const [program = '', ...args] = project.build;
  const about = { name: 'consumer', version: '1.0.0', private: true, type: 'module' };
  await writeFiles(folder, { 'package.json': JSON.stringify(about), ...project.files });
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline'];
  await execute(folder, 'npm', 'install', '--save-exact', ...quietly, tarball, ...project.packages);
  await execute(folder, join(folder, 'node_modules/.bin/nearface-assets'), 'assets');
  await execute(folder, join(folder, 'node_modules/.bin', program), ...args);
  if (project.page) await writeFile(join(folder, project.output, 'index.html'), project.page);
}

/** @throws Error unless the page that was built finds the faces of a photo */
async function tryPage(browser: Browser, folder: string, output: string): Promise<void> {
  const root = { '/': join(folder, output), '/nearface/': join(folder, 'assets'), '/photos/': photos };
  const server = await serve({ root });
  const page = await browser.newPage();
  try {
    const { faces, error } = await outcomeOf(page, `${server.url}/index.html`);
    if (faces !== FACES_IN_SAMPLE_1) throw new Error(error ?? `${faces} faces were found`);
  } finally {
    await page.close();
    await server.close();
  }
}

async function check(project: Project, browser: Browser, tarball: string): Promise<boolean> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'nearface-bundler-'));
  const tell = (how: string): void =>
    console.log(`${how}  ${project.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  try {
    await build(project, folder, tarball);
    await tryPage(browser, folder, project.output);
    tell('ok    ');
    return true;
  } catch (error) {
    tell('FAILED');
    console.log(error instanceof Error ? error.message : error);
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const asked = process.argv.slice(2).map((name) => name.toLowerCase());
const projects = PROJECTS.filter(
  ({ name }) => asked.length === 0 || asked.some((start) => name.toLowerCase().startsWith(start)),
);
process.env['NEXT_TELEMETRY_DISABLED'] = '1';
process.env['PARCEL_DISABLE_TELEMETRY'] = '1';
const executablePath = findChromium();
const browser = await chromium.launch({
  args: [...chromiumArgs],
  ...(executablePath ? { executablePath } : {}),
});
const packed = await mkdtemp(join(tmpdir(), 'nearface-packed-'));
let sum = NOTHING;
try {
  const tarball = await packInto(packed);
  for (const project of projects)
    sum = add(sum, one((await check(project, browser, tarball)) ? 'passed' : 'failed'));
} finally {
  await browser.close();
  await rm(packed, { recursive: true, force: true });
}
console.log(`\n${line(sum)}`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
