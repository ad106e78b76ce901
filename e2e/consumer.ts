import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { SAMPLES } from '../tools/samples/samples.ts';

const root = resolve(import.meta.dirname, '..');

/** The sample photos, which pages of the tests are given under `/photos/`. */
export const photos: string = fileURLToPath(SAMPLES);

/** Pages and programs that use the library, as a consumer would write them. */
export const fixtures: string = join(root, 'e2e/fixtures');

/** Runs a program and answers what it printed; the error of one that fails tells what it printed. */
export async function execute(cwd: string, file: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, args, { cwd, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** A tool of the repository's `node_modules/.bin`. */
export const tool = (name: string): string => join(root, 'node_modules/.bin', name);

/**
 * A folder in which the packed library is installed, as a consumer would; {@link remove} it afterwards. It lies outside
 * of the repository, whose own packages and types would be found otherwise. `NEARFACE_TARBALL` names a tarball of `dist/` as it
 * is now, which spares packing it again.
 */
export async function installPacked(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-consumer-'));
  const tarball = process.env['NEARFACE_TARBALL'] ?? (await packInto(folder));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  await execute(folder, 'npm', 'install', '--offline', '--no-audit', '--no-fund', resolve(tarball));
  return folder;
}

/** Packs `dist/` as it is into `folder`; answers the tarball's path. */
export async function packInto(folder: string): Promise<string> {
  await execute(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (!tarball) throw new Error('npm pack wrote no tarball');
  return join(folder, tarball);
}

/** Copies packages of the repository to a consumer's, as their installation would put them there. */
export async function installOwn(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const to = join(folder, 'node_modules', name);
    await cp(join(root, 'node_modules', name), to, { recursive: true, dereference: true, force: true });
  }
}

/** Copies a fixture beside the installed library, with words of its files replaced. */
export async function copyFixture(
  name: string,
  folder: string,
  replacements: Readonly<Record<string, string>> = {},
): Promise<string> {
  const target = join(folder, `${name}-${Math.random().toString(36).slice(2)}`);
  await cp(join(fixtures, name), target, { recursive: true });
  for (const file of await readdir(target)) {
    let text = await readFile(join(target, file), 'utf8');
    for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
    await writeFile(join(target, file), text);
  }
  return target;
}

/** What a fixture's page found out. */
export interface PageOutcome {
  readonly faces?: number;
  readonly backend?: string;
  readonly threads?: number;
  readonly version?: string;
  readonly error?: string;
  readonly found?: string;
  readonly violations?: readonly string[];
}

/** Opens a fixture's page and waits for what it found out. */
export async function outcomeOf(page: Page, url: string): Promise<PageOutcome> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('requestfailed', (request) => errors.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.goto(url);
  await page
    .waitForFunction(() => document.body.dataset['outcome'], undefined, { timeout: 90_000 })
    .catch((error) => {
      throw new Error(`no outcome on ${url}: ${errors.join('; ')}`, { cause: error });
    });
  return JSON.parse(await page.evaluate(() => document.body.dataset['outcome'] ?? '')) as PageOutcome;
}

/** Removes what {@link installPacked} made. */
export const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
