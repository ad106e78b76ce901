import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright';
import { chromiumArgs, findChromium } from '../chromium.ts';

/** A line that a benchmark must reach. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly bar: number;
  readonly ok: boolean;
}

/** What a benchmark found. */
export interface BenchResults {
  /** Name and version of everything that ran, peers included. */
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly bars: readonly Bar[];
}

/** A bar that `value` must reach (`least`) or stay under (`most`). */
export function bar(name: string, value: number, limit: { least: number } | { most: number }): Bar {
  const ok = 'least' in limit ? value >= limit.least : value <= limit.most;
  return { name, value, bar: 'least' in limit ? limit.least : limit.most, ok };
}

/** Starts headless Chromium with the project's switches and `extraArgs`. */
export async function launchChromium(extraArgs: readonly string[] = []): Promise<Browser> {
  return chromium.launch(launchOptions(extraArgs));
}

/**
 * Runs `work` in a Chromium with a new profile on the disk, which is deleted afterwards. The contexts of
 * {@link launchChromium} keep IndexedDB in memory.
 */
export async function withProfile<T>(work: (context: BrowserContext) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-profile-'));
  const context = await chromium.launchPersistentContext(folder, launchOptions([]));
  try {
    return await work(context);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function launchOptions(extraArgs: readonly string[]): LaunchOptions {
  const executablePath = findChromium();
  const args = [...chromiumArgs, ...extraArgs];
  return { headless: true, args, ...(executablePath ? { executablePath } : {}) };
}

/** Writes `bench-results/NAME.json` with the machine, and prints the bars. */
export async function writeResults(name: string, results: BenchResults): Promise<void> {
  await mkdir('bench-results', { recursive: true });
  const file = join('bench-results', `${name}.json`);
  const date = new Date().toISOString();
  await writeFile(file, `${JSON.stringify({ name, date, machine: machine(), ...results }, null, 2)}\n`);
  console.log(`\n${file}\n`);
  for (const { name: what, value, bar: limit, ok } of results.bars)
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${what}: ${format(value)} (bar ${format(limit)})`);
}

/** Prints rows under a header, columns aligned; numbers to the right. */
export function printTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): void {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? format(cell) : (cell ?? '–'))),
  );
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const numeric = header.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  console.log(line(header));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of cells) console.log(line(row));
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The installed version of an npm package of this checkout. */
export async function packageVersion(name: string): Promise<string> {
  const file = name === 'nearface' ? 'package.json' : join('node_modules', name, 'package.json');
  return (JSON.parse(await readFile(resolve(file), 'utf8')) as { version: string }).version;
}

function machine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: process.platform,
    node: process.version,
  };
}

function format(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
