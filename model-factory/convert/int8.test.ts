import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOnnxGraph, UnsupportedGraph } from '../../src/runtime/engine/onnx-graph.ts';
import { quantise, type Quantised } from './int8.ts';
import { permuted } from './layout.ts';
import { OnnxFile } from './onnx-file.ts';

const weight = fc.float({ min: -3, max: 3, noNaN: true, noDefaultInfinity: true });
const slice = fc.array(weight, { minLength: 16, maxLength: 40 });

/** Weights and scales are singles. */
const ROUNDING = 1e-3;

/** By how many steps each weight is off. */
function errorsOf(data: Float32Array, { values, scales }: Quantised): number[] {
  return Array.from(data, (value, i) => value / scales[0]! - values[i]!);
}

it('every weight is within a step, and the errors of a channel cancel out', () => {
  fc.assert(
    fc.property(slice, (given) => {
      // One is as large as any, so that the scale is no subnormal half.
      const data = Float32Array.from([...given, 3]);
      const quantised = quantise([1, data.length], data, 0);
      const errors = errorsOf(data, quantised);
      // The largest ones may be clipped.
      const inner = errors.filter((_, i) => Math.abs(quantised.values[i]!) < 127);
      for (const error of inner) expect(Math.abs(error)).toBeLessThanOrEqual(1 + ROUNDING);
      expect(Math.abs(errors.reduce((sum, error) => sum + error, 0))).toBeLessThanOrEqual(0.5 + ROUNDING);
    }),
    { numRuns: 100 },
  );
});

it('a large weight among many small ones is clipped, where all together are nearer then', () => {
  const many = Float32Array.from({ length: 40_000 }, (_, i) => (i === 7 ? 0.2 : Math.sin(i * 1.7) / 10));
  const quantised = quantise([1, many.length], many, 0);
  const [scale] = quantised.scales;
  expect(quantised.values[7]).toBe(127);
  expect(scale! * 127).toBeLessThan(0.95 * 0.2);
  const squares = errorsOf(many, quantised).reduce((sum, error) => sum + (error * scale!) ** 2, 0);
  const whole = 0.2 / 127;
  const unclipped = many.reduce((sum, value) => sum + (value - whole * Math.round(value / whole)) ** 2, 0);
  expect(squares).toBeLessThan(unclipped);
});

it('a channel of zeros stays one', () => {
  const { values, scales } = quantise([2, 3], Float32Array.of(0, 0, 0, 1, -1, 0.5), 0);
  expect([...values.subarray(0, 3)]).toEqual([0, 0, 0]);
  expect(scales[1]).toBeCloseTo(1 / 127, 3);
});

it('channels may lie along any axis', () => {
  const data = Float32Array.from({ length: 6 * 20 }, (_, i) => Math.cos(i) * (1 + (i % 6)));
  const along = quantise([20, 6], data, 1);
  const turned = quantise([6, 20], permuted([20, 6], [1, 0], data), 0);
  expect(along.scales).toEqual(turned.scales);
  expect([...permuted([20, 6], [1, 0], Float32Array.from(along.values))]).toEqual([...turned.values]);
});

/** A file with one constant of 64 × 48 weights in bytes. */
function fileOf(data: Float32Array, outputs: number): Uint8Array {
  const file = new OnnxFile('int8');
  file.node('Add', ['input', file.weights('w', [64, 48], data, outputs)], 'output');
  return file.bytes('test', { input: [64, 48] }, { output: [64, 48] });
}

it.each([0, 1])('the engine reads what is written, channels along axis %i', (outputs) => {
  const data = Float32Array.from({ length: 64 * 48 }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 48) / 10));
  const { nodes, constants } = readOnnxGraph(fileOf(data, outputs));
  expect(nodes.map(({ type }) => type)).toEqual(['Add']);
  const { dims, floats } = constants.get('w')!;
  expect(dims).toEqual([64, 48]);
  const { values, scales } = quantise([64, 48], data, outputs);
  const channelOf = (i: number): number => (outputs === 0 ? Math.floor(i / 48) : i % 48);
  expect(floats).toEqual(Float32Array.from(values, (value, i) => value * scales[channelOf(i)]!));
  expect(floats!.every((value, i) => Math.abs(value - data[i]!) < 0.1)).toBe(true);
});

it('another product of constants is left to onnxruntime', () => {
  const file = new OnnxFile();
  const left = file.floats('a', [4, 4], new Float32Array(16));
  const right = file.floats('b', [1, 3], new Float32Array(3));
  file.node('Add', ['input', file.node('Mul', [left, right], 'w')], 'output');
  expect(() => readOnnxGraph(file.bytes('test', { input: [4, 4] }, { output: [4, 4] }))).toThrow(
    UnsupportedGraph,
  );
});
