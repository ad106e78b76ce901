import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { Bitmap } from './bitmap.ts';
import { compileKernel, LAYOUT, MAX_DIMENSION } from './kernel/kernel.ts';
import { SearchMatrix } from './matrix.ts';
import { scalarDot, scalarSearch } from './scalar.ts';
import { type Match, TopK } from './top-k.ts';

/** float32 sums of at most 4,096 products of unit vectors against double precision. */
const TOLERANCE = 2e-6;

let kernel: WebAssembly.Module;

beforeAll(async () => {
  kernel = await compileKernel(await readFile(new URL('./kernel/kernel.wasm', import.meta.url)));
});

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
}

function unitVector(dimension: number, next: () => number): Float32Array {
  const vector = Float32Array.from({ length: dimension }, next);
  const length = Math.sqrt(scalarDot(vector, vector)) || 1;
  return vector.map((x) => x / length);
}

function scanAll(
  matrix: SearchMatrix,
  group: string,
  probes: Float32Array[],
  limit: number,
  minScore = -Infinity,
): readonly (readonly Match[])[] {
  const scan = matrix.startScan(group, probes, { limit, minScore });
  while (!scan.run(0));
  return scan.results();
}

/** Equal in length and scores, and in faces wherever the scores differ by more than rounding. */
function expectSame(found: readonly Match[], expected: readonly Match[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((match, i) => {
    const other = expected[i] as Match;
    expect(Math.abs(match.score - other.score)).toBeLessThan(TOLERANCE);
    if (match.seq === other.seq) return;
    const twin = expected.find(({ seq }) => seq === match.seq) ?? expected.at(-1);
    expect(Math.abs(match.score - (twin as Match).score)).toBeLessThan(2 * TOLERANCE);
  });
}

test('the kernel equals the scalar reference for every dimension from 1 to 600', () => {
  const rows = 104;
  const next = random(1);
  const pool = Float32Array.from({ length: (rows + 1) * 600 }, next);
  const seqs = Array.from({ length: rows }, (_, row) => row + 1);
  for (let dimension = 1; dimension <= 600; dimension++) {
    // About unit length: the variance of the numbers is 1/12.
    const vectors = pool.slice(0, (rows + 1) * dimension).map((x) => x * Math.sqrt(12 / dimension));
    const matrix = new SearchMatrix(kernel, dimension);
    const vectorOf = (row: number) => vectors.subarray(row * dimension, (row + 1) * dimension);
    for (const seq of seqs) matrix.add(seq, vectorOf(seq), ['g']);
    const probe = vectorOf(0);
    const [found] = scanAll(matrix, 'g', [probe], rows);
    const scores = new Map(found?.map(({ seq, score }) => [seq, score]));
    const errors = seqs.map((seq) => Math.abs((scores.get(seq) ?? NaN) - scalarDot(probe, vectorOf(seq))));
    expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
  }
});

test('the longest vector works', () => {
  const matrix = new SearchMatrix(kernel, MAX_DIMENSION);
  const vector = unitVector(MAX_DIMENSION, random(2));
  matrix.add(1, vector, ['g']);
  expect(scanAll(matrix, 'g', [vector], 1)[0]?.[0]?.score).toBeCloseTo(1, 6);
});

test('matrix = scalar reference for any groups, limits, thresholds, deletions and several probes', () => {
  const scenario = fc.record({
    seed: fc.integer(),
    dimension: fc.integer({ min: 1, max: 70 }),
    rows: fc.integer({ min: 0, max: 700 }),
    density: fc.constantFrom(0, 0.01, 0.5, 0.99, 1),
    deletions: fc.integer({ min: 0, max: 200 }),
    limit: fc.integer({ min: 0, max: 40 }),
    minScore: fc.constantFrom(-1.1, 0, 0.2, 0.9),
    probes: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(scenario, ({ seed, dimension, rows, density, deletions, limit, minScore, probes }) => {
      const next = random(seed);
      const matrix = new SearchMatrix(kernel, dimension);
      const model = new Map<number, { vector: Float32Array; member: boolean }>();
      const enrol = (seq: number): void => {
        const vector = unitVector(dimension, next);
        const member = next() + 0.5 < density;
        model.set(seq, { vector, member });
        matrix.add(seq, vector, member ? ['g', 'other'] : ['other']);
      };
      for (let seq = 1; seq <= rows; seq++) enrol(seq);
      for (let i = 0; i < deletions; i++) {
        const seq = 1 + Math.floor((next() + 0.5) * rows);
        matrix.remove(seq);
        model.delete(seq);
      }
      for (let seq = rows + 1; seq <= rows + deletions / 2; seq++) enrol(seq);
      const seqs = [...model.keys()];
      const vectors = Float32Array.from([...model.values()].flatMap(({ vector }) => [...vector]));
      const includes = (seq: number): boolean => model.get(seq)?.member ?? false;
      const asked = Array.from({ length: probes }, () => unitVector(dimension, next));
      const found = scanAll(matrix, 'g', asked, limit, minScore);
      asked.forEach((probe, i) => {
        const expected = scalarSearch({ seqs, vectors }, probe, { limit, minScore, includes });
        expectSame(found[i] ?? [], expected);
      });
      expect(matrix.size).toBe(model.size);
      expect(matrix.groupSize('g')).toBe(seqs.filter(includes).length);
    }),
    { numRuns: 150 },
  );
});

test('equal vectors score equally wherever they lie, and come in the order of enrolment', () => {
  const next = random(3);
  const matrix = new SearchMatrix(kernel, 192);
  const twin = unitVector(192, next);
  for (let seq = 1; seq <= 5000; seq++) matrix.add(seq, unitVector(192, next), ['g']);
  for (const seq of [17, 1300, 4999, 4095, 2]) matrix.remove(seq);
  for (let seq = 5001; seq <= 5040; seq++) matrix.add(seq, twin, seq % 3 ? ['g'] : []);
  const probe = unitVector(192, next);
  const twins = Array.from({ length: 40 }, (_, i) => 5001 + i).filter((seq) => seq % 3);
  const all = scanAll(matrix, 'g', [probe], 5040)[0] as readonly Match[];
  const scores = all.filter(({ seq }) => seq > 5000);
  expect(scores.map(({ seq }) => seq)).toEqual(twins);
  expect(new Set(scores.map(({ score }) => score)).size).toBe(1);
  const [best] = scanAll(matrix, 'g', [twin], 5);
  expect(best?.map(({ seq }) => seq)).toEqual(twins.slice(0, 5));
});

test('a step of no budget ends, and a matrix may grow and shrink between steps', () => {
  const next = random(4);
  const matrix = new SearchMatrix(kernel, 128);
  for (let seq = 1; seq <= 9000; seq++) matrix.add(seq, unitVector(128, next), ['g']);
  const probe = unitVector(128, next);
  const scan = matrix.startScan('g', [probe], { limit: 3, minScore: -1 });
  expect(scan.run(0)).toBe(false);
  for (let seq = 9001; seq <= 20000; seq++) matrix.add(seq, unitVector(128, next), ['g']);
  matrix.add(20001, probe, ['g']);
  matrix.remove(9000);
  while (!scan.run(1));
  expect(scan.results()[0]?.[0]).toMatchObject({ seq: 20001 });
});

test('a removed face leaves zeros in memory', () => {
  const memories: WebAssembly.Memory[] = [];
  const RealMemory = WebAssembly.Memory;
  WebAssembly.Memory = class extends RealMemory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const matrix = new SearchMatrix(kernel, 20);
  WebAssembly.Memory = RealMemory;
  matrix.add(1, new Float32Array(20).fill(0.25), ['g']);
  matrix.add(2, new Float32Array(20).fill(0.125), ['g']);
  matrix.remove(1);
  const rows = new Float32Array((memories[0] as WebAssembly.Memory).buffer, LAYOUT.rows, 64);
  expect([...rows]).toEqual([...Array(32).fill(0), ...Array(20).fill(0.125), ...Array(12).fill(0)]);
});

test('groups can be changed and dropped', () => {
  const matrix = new SearchMatrix(kernel, 4);
  const vector = Float32Array.of(1, 0, 0, 0);
  matrix.add(1, vector, ['a']);
  matrix.add(2, vector, ['a']);
  matrix.setMember('b', 2, true);
  matrix.setMember('b', 99, true);
  expect(scanAll(matrix, 'b', [vector], 9)[0]).toEqual([{ seq: 2, score: 1 }]);
  matrix.setMember('b', 2, false);
  expect(scanAll(matrix, 'b', [vector], 9)[0]).toEqual([]);
  matrix.dropGroup('a');
  expect(scanAll(matrix, 'a', [vector], 9)[0]).toEqual([]);
  matrix.remove(1);
  matrix.remove(1);
  expect(matrix.has(1)).toBe(false);
  matrix.add(3, vector, ['a']);
  expect(scanAll(matrix, 'a', [vector], 9)[0]).toEqual([{ seq: 3, score: 1 }]);
});

test('TopK keeps what sorting would keep, whatever the order', () => {
  const matches = fc.array(fc.constantFrom(0.1, 0.2, 0.3, 0.4), { maxLength: 60 });
  fc.assert(
    fc.property(
      matches,
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(0, 0.2, 0.35),
      (scores, limit, floor) => {
        const best = new TopK(limit, floor);
        const all = scores.map((score, i) => ({ seq: (i * 7919) % 1009, score }));
        for (const { seq, score } of all) best.push(seq, score);
        const sorted = all.toSorted((a, b) => b.score - a.score || a.seq - b.seq);
        expect(best.sorted()).toEqual(sorted.filter(({ score }) => score >= floor).slice(0, limit));
      },
    ),
  );
});

test('Bitmap = Set', () => {
  const operation = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const bitmap = new Bitmap();
      const model = new Set<number>();
      for (const [add, row] of operations) {
        if (add) bitmap.add(row);
        else bitmap.delete(row);
        if (add) model.add(row);
        else model.delete(row);
      }
      expect(bitmap.size).toBe(model.size);
      const words = new Uint32Array(100);
      expect(bitmap.copyWords(0, words)).toBe(model.size > 0);
      const rows = Array.from({ length: 3200 }, (_, row) => row);
      const inOrder = [...model].toSorted((a, b) => a - b);
      expect(rows.filter((row) => bitmap.has(row))).toEqual(inOrder);
      expect(rows.filter((row) => ((words[row >> 5] as number) >>> (row & 31)) & 1)).toEqual(inOrder);
    }),
    { numRuns: 50 },
  );
});
