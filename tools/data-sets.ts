import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The folder of the development sets: what `NEARFACE_DATA` names, else `../shared/data`. */
export function dataFolder(): string {
  return resolve(process.env['NEARFACE_DATA'] ?? '../shared/data');
}

/** A set's labels: the columns of `labels.csv` after the first, by image; nothing where the set is missing. */
export async function readLabels(set: string): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const csv = await readFile(join(dataFolder(), set, 'labels.csv'), 'utf8').catch(() => undefined);
  const rows = csv?.trim().split(/\r?\n/).slice(1);
  return rows && new Map(rows.map((line) => [line.split(',')[0]!, line.split(',').slice(1)]));
}

/** At most `most` of a list, evenly chosen. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!);
}
