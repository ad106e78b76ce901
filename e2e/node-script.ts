import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, fixtures, installOwn, installPacked } from './consumer.ts';

/** sharp and what it consists of, as they are installed here. */
const SHARP = ['sharp', '@img', 'detect-libc', 'semver'];

/** A folder with the packed library and the script `fixtures/node/run.mjs`, without sharp; `remove` it afterwards. */
export async function installScript(): Promise<string> {
  const folder = await installPacked();
  await cp(join(fixtures, 'node/run.mjs'), join(folder, 'run.mjs'));
  return folder;
}

/** Puts sharp beside the library, as its installation would. */
export const installSharp = (folder: string): Promise<void> => installOwn(folder, SHARP);

/** Takes sharp away again. */
export async function removeSharp(folder: string): Promise<void> {
  const gone = SHARP.map((name) => rm(join(folder, 'node_modules', name), { recursive: true, force: true }));
  await Promise.all(gone);
}

/** Runs a task of the script, which ends by itself, and answers what it found. `flags` are Node's. */
export async function runScript<T>(
  folder: string,
  task: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<T> {
  return JSON.parse(await execute(folder, process.execPath, ...flags, 'run.mjs', task, ...args)) as T;
}
