import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, test } from 'vitest';
import { BATCH_PROBES } from './batch-scan.ts';
import { Bitmap } from './bitmap.ts';
import { Codes } from './codes.ts';
import { compileKernel, KERNEL_FILES } from './kernel/kernel.ts';
import { SearchMatrix } from './matrix.ts';
import { PairList } from './pair-list.ts';
import { Planes, QUAD } from './planes.ts';
import { scalarDot } from './scalar.ts';
import type { ScanOptions } from './scan.ts';
import { random, scanAll, unitVector } from './test-search.ts';
import type { Match } from './top-k.ts';

const LEVELS = ['simd', 'relaxed'] as const;

async function kernelOf(level: (typeof LEVELS)[number]): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL(`./kernel/${KERNEL_FILES[level]}`, import.meta.url));
  // Before version 22 Node has relaxed SIMD behind a flag.
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return compileKernel(bytes);
}

/** People of several photos each. */
function crowd(dimension: number, people: number, seed: number): (person: number) => Float32Array {
  const next = random(seed);
  const faces = Array.from({ length: people }, () => unitVector(dimension, next));
  return (person) => {
    const noise = unitVector(dimension, next);
    const mixed = (faces[person % people] as Float32Array).map((x, i) => x + 0.8 * (noise[i] as number));
    const length = Math.sqrt(scalarDot(mixed, mixed));
    return mixed.map((x) => x / length);
  };
}

describe.each(LEVELS)('%s', (level) => {
  let kernel: WebAssembly.Module;
  beforeAll(async () => {
    kernel = await kernelOf(level);
  });

  test('many probes find what each finds alone', async () => {
    for (const [dimension, precision] of [
      [192, 'float'],
      [100, 'float'],
      [192, 'byte'],
    ] as const) {
      const photoOf = crowd(dimension, 400, dimension);
      const matrix = new SearchMatrix(kernel, dimension, precision);
      const add = (seq: number): void => matrix.add(seq, photoOf(seq), seq % 7 ? ['g', 'all'] : ['all']);
      for (let seq = 1; seq <= 9000; seq++) add(seq);
      for (let seq = 3; seq <= 9000; seq += 4) matrix.remove(seq);
      for (let seq = 9001; seq <= 9500; seq++) add(seq);
      // One more than fills the last four.
      const probes = Array.from({ length: BATCH_PROBES + 5 }, (_, i) => photoOf(i * 17));
      for (const [group, limit, minScore] of [
        ['all', 1, -1],
        ['g', 10, -1],
        ['g', 100, 0.4],
        ['all', 0, -1],
        ['none', 5, -1],
      ] as const) {
        const alone: (readonly Match[])[] = [];
        for (const probe of probes) alone.push(...(await scanAll(matrix, group, [probe], limit, minScore)));
        expect(await scanAll(matrix, group, probes, limit, minScore)).toEqual(alone);
      }
    }
  });

  test('rows before fromRow are left out, but for those of the same tile', async () => {
    const photoOf = crowd(64, 50, 1);
    const matrix = new SearchMatrix(kernel, 64);
    for (let seq = 1; seq <= 6000; seq++) matrix.add(seq, photoOf(seq), ['g']);
    const probes = Array.from({ length: BATCH_PROBES }, (_, i) => photoOf(i));
    const options = { limit: 6000, minScore: 0.3, fromRow: 1000 };
    const search = (some: readonly Float32Array[], given: ScanOptions) =>
      matrix.scan(matrix.select(['g']), some, given, (scan) => {
        while (!scan.run(0));
        return scan.results();
      });
    const later = (matches: readonly Match[]): readonly Match[] => matches.filter(({ seq }) => seq > 1000);
    const all = await search(probes, { ...options, fromRow: 0 });
    const found = await search(probes, options);
    expect(found.map(later)).toEqual(all.map(later));
    for (const { seq } of found.flat()) expect(seq).toBeGreaterThan(1000 - 32);
  });

  test('faces may come and go between the steps', async () => {
    const photoOf = crowd(128, 3000, 2);
    const matrix = new SearchMatrix(kernel, 128);
    for (let seq = 1; seq <= 9000; seq++) matrix.add(seq, photoOf(seq), ['g']);
    const probes = Array.from({ length: BATCH_PROBES }, (_, i) => photoOf(i));
    const options = { limit: 3, minScore: -1 };
    const found = await matrix.scan(matrix.select(['g']), probes, options, (scan) => {
      expect(scan.run(0)).toBe(false);
      for (let seq = 9001; seq <= 12_000; seq++) matrix.add(seq, photoOf(seq), ['g']);
      matrix.add(20_001, probes[5] as Float32Array, ['g']);
      for (let seq = 9001; seq <= 11_000; seq++) matrix.remove(seq);
      while (!scan.run(1));
      return scan.results();
    });
    expect(found[5]?.[0]).toMatchObject({ seq: 20_001 });
    for (const { seq } of found.flat()) expect(matrix.has(seq)).toBe(true);
  });

  test('estimates from planes are without bias and as far off as the margins say', () => {
    const next = random(3);
    for (const dimension of [64, 100, 192, 512, 4096]) {
      const codes = new Codes(kernel, dimension);
      const planes = new Planes(kernel, codes);
      const rows = planes.maxTiles * 32;
      codes.reserve(rows);
      const vectors = Array.from({ length: rows }, () => unitVector(dimension, next));
      vectors.forEach((vector, row) => {
        codes.stage(vector, dimension);
        codes.encodeStaged(1, row);
      });
      const everyRow = new Bitmap();
      for (let row = 0; row < rows; row++) everyRow.add(row);
      expect(planes.load(everyRow, 0, planes.maxTiles)).toBe(true);
      const quad = planes.prepare(vectors.slice(0, QUAD), 3.5);
      const { probes } = quad;
      const errors: number[] = [];
      const list = (wanted: number, take: (probe: number, pairs: Uint32Array) => void): void =>
        planes.candidates(quad, 0, planes.maxTiles, () => wanted, take);
      const scoreOf = (probe: number, row: number): number =>
        scalarDot(vectors[probe] as Float32Array, vectors[row] as Float32Array);
      list(-Infinity, (i, pairs) => {
        expect(pairs.filter((_, n) => n % 2 === 0)).toEqual(Uint32Array.from(vectors.keys()));
        const { base, step } = probes[i] as (typeof probes)[number];
        for (let row = 0; row < rows; row++)
          errors.push(base + step * (pairs[2 * row + 1] as number) - scoreOf(i, row));
      });
      expect(errors.length).toBe(QUAD * rows);
      if (rows >= 1024) {
        const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
        expect(Math.abs(errors.reduce((sum, error) => sum + error) / errors.length)).toBeLessThan(0.004);
        expect((deviation * 3.5) / (probes[0] as (typeof probes)[number]).margin).toBeGreaterThan(0.85);
        expect((deviation * 3.5) / (probes[0] as (typeof probes)[number]).margin).toBeLessThan(1.1);
      }
      // What just suffices is found, by both planes: at most a few in 4,300 are lost.
      let lost = 0;
      for (let row = 0; row < rows; row += 8) {
        const wanted = scoreOf(0, row);
        let found = false;
        list(wanted, (i, pairs) => {
          if (i === 0) found = pairs.some((value, n) => n % 2 === 0 && value === row);
        });
        if (!found) lost++;
      }
      expect(lost).toBeLessThanOrEqual(1);
    }
  });
});

test('a list of pairs gives out each row once, in order, when its sum suffices', () => {
  const rising = fc.array(fc.nat(300), { maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(rising, { maxLength: 30 }),
      fc.nat(300),
      fc.nat(300),
      fc.integer({ min: 1, max: 9 }),
      (parts, low, high, most) => {
        const list = new PairList();
        const kept: number[] = [];
        let row = 0;
        for (const sums of parts) {
          const pairs = sums.flatMap((sum) => [row++, sum]);
          kept.push(...pairs.filter((_, i) => i % 2 === 1));
          // Only what no later question asks for may be dropped.
          list.add(Uint32Array.from(pairs), low);
        }
        const rows = new Uint32Array(most);
        const takeAll = (least: number): number[] => {
          const taken: number[] = [];
          for (const until of [row / 3, row / 2, Infinity])
            for (let count = most; count === most;) {
              count = list.take(least, until, rows);
              taken.push(...rows.subarray(0, count));
            }
          list.rewind();
          return taken;
        };
        const top = Math.max(low, high);
        const within = (from: number, to: number): number[] =>
          [...kept.keys()].filter((i) => (kept[i] as number) >= from && (kept[i] as number) < to);
        expect(takeAll(top)).toEqual(within(top, Infinity));
        expect(takeAll(low)).toEqual(within(low, top));
      },
    ),
  );
});
