import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from './packages.ts';
import { format } from './table.ts';

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

/** The installed version of an npm package of this checkout. */
export async function packageVersion(name: string): Promise<string> {
  const folder = name === 'nearface' ? '.' : packageFolder(name);
  return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
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
