import { expect, test } from 'vitest';
import {
  type BackendTimes,
  bestOf,
  type BenchmarkResult,
  codeOf,
  fastestOf,
  reportOf,
  verdictOf,
} from './benchmark-words.ts';

const wasm: BackendTimes = {
  choice: { id: 'wasm', label: 'WebAssembly', options: { device: 'wasm', threads: 1 } },
  ms: { start: 300, one: 40, many: 400 },
  about: 'SIMD relaxed',
};
const gpu: BackendTimes = {
  choice: { id: 'webgpu', label: 'WebGPU', options: { device: 'webgpu' } },
  ms: { start: 2000, one: 80, many: 200 },
};
const threads: BackendTimes = {
  choice: { id: 'threads', label: 'WebAssembly, 4 threads', options: { device: 'wasm', threads: 4 } },
  ms: { start: 900, one: 120, many: 1200 },
};

test('the fastest is the one whose times are shortest on both tasks together', () => {
  expect(bestOf([threads, wasm])).toEqual({ best: wasm, next: threads, times: 3 });
  // 40 × 400 = 80 × 200.
  expect(verdictOf([wasm, gpu])).toBe('WebAssembly and WebGPU are as fast as each other here.');
  expect(verdictOf([threads, wasm])).toBe(
    'WebAssembly is the fastest here: 3.0 times as fast as WebAssembly, 4 threads.',
  );
  expect([fastestOf([threads, wasm]), fastestOf([wasm, gpu]), fastestOf([wasm])]).toEqual([
    wasm,
    undefined,
    undefined,
  ]);
  expect(codeOf(threads.choice)).toBe("NearFace.create({ device: 'wasm', threads: 4 })");
});

test('what failed or was not measured does not count', () => {
  const failed = { ...threads, ms: { one: 1, many: 1 }, error: new Error('device lost') };
  expect(verdictOf([failed, { ...gpu, ms: { one: 5 } }])).toBe('Nothing could be measured.');
  expect(verdictOf([failed, gpu])).toBe('WebGPU is the only one that runs here.');
});

test('the report has every figure, and why others are missing', () => {
  const result: BenchmarkResult = {
    version: '1.2.3',
    machine: { browser: 'Some Browser 5', cores: 8, memoryGib: 8, isIsolated: true },
    backends: [wasm, { ...threads, ms: {}, error: new Error('out of memory') }],
    missing: ['WebGPU: this browser has none.'],
    search: { rows: 100_000, oneMs: 4.25, eachMs: 0.9, atOnce: 100 },
  };
  expect(reportOf(result)).toBe(`nearface 1.2.3, benchmark
Some Browser 5
8 cores, 8 GiB or more, cross-origin isolated

WebAssembly [SIMD relaxed]: to start 300 ms, one face 40 ms, 20 faces 400 ms
WebAssembly, 4 threads: to start –, one face –, 20 faces – (failed: out of memory)
WebGPU: this browser has none.
Search of 100,000 faces: 4.3 ms for one probe, 0.9 ms each for 100 at once

WebAssembly is the only one that runs here.
NearFace.create({ device: 'wasm', threads: 1 })`);
});
