import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { Bitmap } from './bitmap.ts';
import { Codes } from './codes.ts';
import { CALL_BYTES, compileKernel, LAYOUT, MAX_DIMENSION } from './kernel/kernel.ts';
import { SearchMatrix } from './matrix.ts';
import type { RowFilter } from './row-facts.ts';
import { scalarDot, scalarSearch } from './scalar.ts';
import type { Scan } from './scan.ts';
import { SeqIndex } from './seq-index.ts';
import { random, scanAll, unitVector } from './test-search.ts';
import { type Match, TopK } from './top-k.ts';

/** float32 sums of at most 4,096 products of unit vectors against double precision. */
const TOLERANCE = 2e-6;

let kernel: WebAssembly.Module;

beforeAll(async () => {
  kernel = await compileKernel(await readFile(new URL('./kernel/search-simd.wasm', import.meta.url)));
});

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

test('the kernel equals the scalar reference for every dimension from 1 to 600', async () => {
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
    const [found] = await scanAll(matrix, 'g', [probe], rows);
    const scores = new Map(found?.map(({ seq, score }) => [seq, score]));
    const errors = seqs.map((seq) => Math.abs((scores.get(seq) ?? NaN) - scalarDot(probe, vectorOf(seq))));
    expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
  }
});

test('the longest vector works', async () => {
  const matrix = new SearchMatrix(kernel, MAX_DIMENSION);
  const vector = unitVector(MAX_DIMENSION, random(2));
  matrix.add(1, vector, ['g']);
  expect((await scanAll(matrix, 'g', [vector], 1))[0]?.[0]?.score).toBeCloseTo(1, 6);
});

test('matrix = scalar reference for any groups, limits, thresholds, deletions and several probes', async () => {
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
  await fc.assert(
    fc.asyncProperty(
      scenario,
      async ({ seed, dimension, rows, density, deletions, limit, minScore, probes }) => {
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
        const found = await scanAll(matrix, 'g', asked, limit, minScore);
        asked.forEach((probe, i) => {
          const expected = scalarSearch({ seqs, vectors }, probe, { limit, minScore, includes });
          expectSame(found[i] ?? [], expected);
        });
        expect(matrix.size).toBe(model.size);
        expect(matrix.groupSize('g')).toBe(seqs.filter(includes).length);
      },
    ),
    { numRuns: 150 },
  );
});

test('rows that a scan does not accept take no place, however it runs', async () => {
  const next = random(9);
  for (const [rows, precision] of [
    [600, 'float'],
    [6000, 'float'],
    [6000, 'byte'],
  ] as const) {
    const matrix = new SearchMatrix(kernel, 96, precision);
    for (let seq = 1; seq <= rows; seq++) matrix.add(seq, unitVector(96, next), ['g'], 0);
    // One probe, several, and so many that they are looked up together.
    for (const count of [1, 3, 21]) {
      const probes = Array.from({ length: count }, () => unitVector(96, next));
      const accepts = (probe: number, row: number, score: number): boolean =>
        (row + probe) % 3 === 0 && score < 0.3;
      for (const exact of [false, true]) {
        const how = { limit: 20, minScore: -1, exact };
        const run = (scan: Scan): readonly (readonly Match[])[] => {
          while (!scan.run(0));
          return scan.results();
        };
        const filter = (): Bitmap => matrix.select(['g']);
        const all = await matrix.scan(filter(), probes, { ...how, limit: rows, exact: true }, run);
        const found = await matrix.scan(filter(), probes, { ...how, accepts }, run);
        probes.forEach((_, i) => {
          const accepted = all[i]!.filter(({ seq, score }) => accepts(i, matrix.rowOf(seq), score));
          expect(found[i]).toEqual(accepted.slice(0, 20));
        });
      }
    }
  }
});

test('equal vectors score equally wherever they lie, and come in the order of enrolment', async () => {
  const next = random(3);
  const matrix = new SearchMatrix(kernel, 192);
  const twin = unitVector(192, next);
  for (let seq = 1; seq <= 5000; seq++) matrix.add(seq, unitVector(192, next), ['g']);
  for (const seq of [17, 1300, 4999, 4095, 2]) matrix.remove(seq);
  for (let seq = 5001; seq <= 5040; seq++) matrix.add(seq, twin, seq % 3 ? ['g'] : []);
  const probe = unitVector(192, next);
  const twins = Array.from({ length: 40 }, (_, i) => 5001 + i).filter((seq) => seq % 3);
  const [all = []] = await scanAll(matrix, 'g', [probe], 5040);
  const scores = all.filter(({ seq }) => seq > 5000);
  expect(scores.map(({ seq }) => seq)).toEqual(twins);
  expect(new Set(scores.map(({ score }) => score)).size).toBe(1);
  const [best] = await scanAll(matrix, 'g', [twin], 5);
  expect(best?.map(({ seq }) => seq)).toEqual(twins.slice(0, 5));
});

test('a step of no budget ends, and faces may come and go between steps', async () => {
  const next = random(4);
  const matrix = new SearchMatrix(kernel, 128);
  for (let seq = 1; seq <= 9000; seq++) matrix.add(seq, unitVector(128, next), ['g']);
  const probe = unitVector(128, next);
  const options = { limit: 3, minScore: -1 };
  for (const exact of [true, false]) {
    const added = exact ? 20001 : 40001;
    const found = await matrix.scan(matrix.select(['g']), [probe], { ...options, exact }, (scan) => {
      expect(scan.run(0)).toBe(false);
      for (let seq = added - 11001; seq < added; seq++) matrix.add(seq, unitVector(128, next), ['g']);
      matrix.add(added, probe, ['g']);
      for (let seq = added - 11001; seq < added - 8000; seq++) matrix.remove(seq);
      while (!scan.run(1));
      return scan.results();
    });
    expect(found[0]?.[0]).toMatchObject({ seq: added });
    matrix.remove(added);
  }
  const [after] = await scanAll(matrix, 'g', [probe], 30_000);
  expect(after?.length).toBe(9000 + 2 * 8000);
  expect(matrix.size).toBe(9000 + 2 * 8000);
});

test('the last row moves into that of a removed face, and leaves zeros', () => {
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
  const rows = new Float32Array((memories[1] as WebAssembly.Memory).buffer, CALL_BYTES);
  expect([...rows.subarray(0, 64)]).toEqual([...Array(20).fill(0.125), ...Array(44).fill(0)]);
  matrix.remove(2);
  for (const { buffer } of memories)
    expect(new Uint8Array(buffer, CALL_BYTES).every((byte) => byte === 0)).toBe(true);
});

test('two passes find what one finds, at any point of a history of additions and deletions', async () => {
  const next = random(5);
  const dimension = 192;
  const matrix = new SearchMatrix(kernel, dimension);
  const people = Array.from({ length: 400 }, () => unitVector(dimension, next));
  const photoOf = (person: number): Float32Array => {
    const noise = unitVector(dimension, next);
    const mixed = (people[person] as Float32Array).map((x, i) => x + 0.8 * (noise[i] as number));
    const length = Math.sqrt(scalarDot(mixed, mixed));
    return mixed.map((x) => x / length);
  };
  for (let seq = 1; seq <= 12_000; seq++) matrix.add(seq, photoOf(seq % people.length), ['g']);
  const compare = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      const probes = [photoOf(i), unitVector(dimension, next)];
      for (const limit of [1, 10, 100]) {
        const exact = await scanAll(matrix, 'g', probes, limit, -1, true);
        const found = await scanAll(matrix, 'g', probes, limit, -1);
        expect(found).toEqual(exact);
      }
    }
  };
  await compare();
  for (let seq = 1; seq <= 12_000; seq++) if (next() > 0) matrix.remove(seq);
  for (let seq = 12_001; seq <= 18_000; seq++) matrix.add(seq, photoOf(seq % people.length), ['g']);
  await compare();
});

test('rows of bytes score to within their margin, and find the same faces', async () => {
  const next = random(6);
  const [float, byte] = [new SearchMatrix(kernel, 192), new SearchMatrix(kernel, 192, 'byte')];
  const vectors = new Float32Array(6000 * 192);
  for (let row = 0; row < 6000; row++) vectors.set(unitVector(192, next), row * 192);
  const seqs = Float64Array.from({ length: 6000 }, (_, i) => i + 1);
  for (const matrix of [float, byte]) {
    const groups = [{ name: 'g', bits: new Uint8Array(750).fill(255) }];
    // Half of the runs are handed the codes.
    matrix.addAll({
      seqs,
      vectors,
      groups,
      ...(matrix === byte && { codes: new Codes(kernel, 192).codesOf(vectors, 192) }),
    });
    for (let seq = 1; seq <= 1000; seq++) matrix.remove(seq);
  }
  expect(byte.bytes).toBeLessThan(float.bytes / 2);
  for (let i = 0; i < 20; i++) {
    const probe = unitVector(192, next);
    const [exact = []] = await scanAll(float, 'g', [probe], 5000, -1, true);
    const scores = new Map(exact.map(({ seq, score }) => [seq, score]));
    for (const whole of [true, false]) {
      const [found = []] = await scanAll(byte, 'g', [probe], 10, -1, whole);
      for (const { seq, score } of found)
        expect(Math.abs(score - (scores.get(seq) as number))).toBeLessThan(byte.margin);
      expect(found.map(({ seq }) => seq)).toContain(exact[0]?.seq);
    }
  }
});

test('estimates from codes are without bias and as far off as the margin says', () => {
  const next = random(7);
  for (const dimension of [64, 100, 192, 512]) {
    const codes = new Codes(kernel, dimension);
    codes.reserve(2048);
    const vectors = Array.from({ length: 2048 }, () => unitVector(dimension, next));
    vectors.forEach((vector, row) => {
      codes.stage(vector, dimension);
      codes.encodeStaged(1, row);
    });
    // Estimates are read off by asking for rows above ever higher scores.
    const probe = codes.prepare(vectors[0] as Float32Array, 3.5);
    const filter = new Uint32Array(codes.kernel.memory.buffer, LAYOUT.filter, 64).fill(0xffffffff);
    expect(filter.length).toBe(64);
    const estimates = new Float64Array(2048);
    for (let level = -0.5; level < 1.5; level += 0.002)
      for (const row of codes.candidates(probe, 0, 32, level + probe.margin).filter((_, i) => i % 2 === 0))
        estimates[row] = level;
    const errors = vectors.map(
      (vector, row) => (estimates[row] as number) - scalarDot(vectors[0] as Float32Array, vector),
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(Math.abs(mean)).toBeLessThan(0.15 * deviation);
    expect((deviation * 3.5) / probe.margin).toBeGreaterThan(0.85);
    expect((deviation * 3.5) / probe.margin).toBeLessThan(1.1);
  }
});

test('the rotation keeps lengths and angles, and spreads a vector of one number', () => {
  const next = random(8);
  for (const dimension of [8, 20, 64, 192, 200, 4096]) {
    const codes = new Codes(kernel, dimension);
    const [a, b] = [unitVector(dimension, next), unitVector(dimension, next)];
    const [turnedA, turnedB] = [a, b].map((vector) => Float32Array.from(codes.stage(vector, dimension)));
    expect(scalarDot(turnedA as Float32Array, turnedB as Float32Array)).toBeCloseTo(scalarDot(a, b), 5);
    expect(scalarDot(turnedA as Float32Array, turnedA as Float32Array)).toBeCloseTo(1, 5);
    const one = new Float32Array(dimension);
    one[dimension - 1] = 1;
    const spread = codes.stage(one, dimension);
    const largest = spread.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    if (dimension >= 64) expect(largest * Math.sqrt(spread.length)).toBeLessThan(5);
  }
});

test('SeqIndex = Map', () => {
  const operation = fc.tuple(fc.constantFrom('add', 'delete', 'move'), fc.nat(400));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), fc.nat(2 ** 40), (operations, offset) => {
      const index = new SeqIndex();
      const model = new Map<number, number>();
      let nextRow = 0;
      for (const [what, n] of operations) {
        const seq = offset + n + 1;
        const row = model.get(seq);
        if (what === 'add' && row === undefined) {
          index.set(seq, nextRow);
          model.set(seq, nextRow++);
        } else if (what === 'delete' && row !== undefined) {
          index.delete(seq);
          model.delete(seq);
        } else if (what === 'move' && row !== undefined) {
          index.reserve(nextRow + 1);
          index.move(row, nextRow);
          model.set(seq, nextRow++);
        }
      }
      expect(index.size).toBe(model.size);
      for (let n = 0; n <= 400; n++)
        expect(index.rowOf(offset + n + 1)).toBe(model.get(offset + n + 1) ?? -1);
      for (const [seq, row] of model) expect(index.seqAt(row)).toBe(seq);
    }),
    { numRuns: 100 },
  );
});

test('faces are chosen by groups and by what they are found by', () => {
  const matrix = new SearchMatrix(kernel, 8);
  for (let seq = 1; seq <= 99; seq++)
    matrix.addAll({
      seqs: [seq],
      vectors: unitVector(8, random(seq)),
      groups: seq % 2 || seq % 3 === 0 ? [{ name: seq % 2 ? 'odd' : 'six', bits: Uint8Array.of(1) }] : [],
      times: [seq * 10],
      metas: [2 ** 40 + (seq % 10)],
      persons: [seq < 50 ? 0 : seq],
    });
  const sizes = (groups: string[], filter: RowFilter = {}): number => matrix.select(groups, filter).size;
  expect(sizes(['odd'])).toBe(50);
  expect(sizes(['odd', 'six'])).toBe(66);
  expect(sizes(['odd', 'six'], { meta: 2 ** 40 + 1 })).toBe(10);
  expect(sizes(['odd'], { meta: 1 })).toBe(0);
  expect(sizes(['odd'], { person: 51 })).toBe(1);
  expect(sizes(['odd'], { person: 51, meta: 2 ** 40 + 1, until: 510 })).toBe(0);
  expect(sizes(['none'])).toBe(0);
  expect(matrix.select(['odd'], { from: 30, until: 70 }).size).toBe(2);
  matrix.remove(51);
  expect(sizes(['odd'], { person: 51 })).toBe(0);
  // The last row has moved into its place, with what it is found by.
  expect(sizes(['odd'], { person: 99, meta: 2 ** 40 + 9 })).toBe(1);
  matrix.change(99, ['six'], { metas: [7], persons: [0] });
  expect(sizes(['odd'], { person: 99 })).toBe(0);
  expect(sizes(['six'], { meta: 7, from: 990 })).toBe(1);
});

test('vectors are given back as they came, where they are kept in full', () => {
  const [float, byte] = [new SearchMatrix(kernel, 20), new SearchMatrix(kernel, 20, 'byte')];
  for (const matrix of [float, byte])
    for (const seq of [1, 2, 3]) matrix.add(seq, unitVector(20, random(seq)), ['g']);
  float.remove(1);
  const vectors = float.vectorsOf([3, 1, 2, 9]);
  expect(vectors).toEqual(new Map([3, 2].map((seq) => [seq, unitVector(20, random(seq))])));
  expect(byte.vectorsOf([1])).toBeUndefined();
});

test('groups can be changed and dropped', async () => {
  const matrix = new SearchMatrix(kernel, 4);
  const vector = Float32Array.of(1, 0, 0, 0);
  matrix.add(1, vector, ['a']);
  matrix.add(2, vector, ['a']);
  matrix.setMember('b', 2, true);
  matrix.setMember('b', 99, true);
  expect((await scanAll(matrix, 'b', [vector], 9))[0]).toEqual([{ seq: 2, score: 1 }]);
  matrix.setMember('b', 2, false);
  expect((await scanAll(matrix, 'b', [vector], 9))[0]).toEqual([]);
  matrix.dropGroup('a');
  expect((await scanAll(matrix, 'a', [vector], 9))[0]).toEqual([]);
  matrix.remove(1);
  matrix.remove(1);
  expect(matrix.has(1)).toBe(false);
  matrix.add(3, vector, ['a']);
  expect((await scanAll(matrix, 'a', [vector], 9))[0]).toEqual([{ seq: 3, score: 1 }]);
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
