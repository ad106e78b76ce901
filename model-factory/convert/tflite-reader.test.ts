import fc from 'fast-check';
import { Builder } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { floatToHalf } from './float16.ts';
import { ModelFormatError, valueOf } from './graph.ts';
import { readTflite } from './tflite-reader.ts';

/**
 * Writes a TFLite file of two nodes: DEQUANTIZE of float16 weights, and a 3×3 CONV_2D of stride 2 with SAME
 * padding and a fused activation over an image of 1×8×6×1. `code` stands for the convolution.
 */
function tfliteFile({ code = 3, activation = 3 } = {}): Uint8Array {
  const builder = new Builder(1024);
  const offsets = (list: readonly number[]): number => {
    builder.startVector(4, list.length, 4);
    for (const offset of [...list].reverse()) builder.addOffset(offset);
    return builder.endVector();
  };
  const ints = (list: readonly number[]): number => {
    builder.startVector(4, list.length, 4);
    for (const number of [...list].reverse()) builder.addInt32(number);
    return builder.endVector();
  };
  const table = (fields: number, fill: () => void): number => {
    builder.startObject(fields);
    fill();
    return builder.endObject();
  };
  const buffer = (bytes: Uint8Array): number => {
    builder.startVector(1, bytes.length, 16);
    for (const byte of [...bytes].reverse()) builder.addInt8(byte);
    const data = builder.endVector();
    return table(1, () => builder.addFieldOffset(0, data, 0));
  };
  const tensor = (name: string, shape: readonly number[], type: number, bufferIndex: number): number => {
    const [label, sides] = [builder.createString(name), ints(shape)];
    return table(4, () => {
      builder.addFieldOffset(0, sides, 0);
      builder.addFieldInt8(1, type, 0);
      builder.addFieldInt32(2, bufferIndex, 0);
      builder.addFieldOffset(3, label, 0);
    });
  };
  const operator = (
    codeIndex: number,
    inputs: readonly number[],
    output: number,
    options: number,
  ): number => {
    const [from, to] = [ints(inputs), ints([output])];
    return table(5, () => {
      builder.addFieldInt32(0, codeIndex, 0);
      builder.addFieldOffset(1, from, 0);
      builder.addFieldOffset(2, to, 0);
      if (options) builder.addFieldOffset(4, options, 0);
    });
  };
  const opcode = (number: number): number => table(4, () => builder.addFieldInt32(3, number, 0));

  const halves = new Uint16Array(Array.from({ length: 18 }, (_, index) => floatToHalf(index / 4)));
  const buffers = offsets([buffer(new Uint8Array()), buffer(new Uint8Array(halves.buffer))]);
  const tensors = offsets([
    tensor('image', [1, 8, 6, 1], 0, 0),
    tensor('halves', [2, 3, 3, 1], 1, 1),
    tensor('weights', [2, 3, 3, 1], 0, 0),
    tensor('out', [1, 4, 3, 2], 0, 0),
  ]);
  const convOptions = table(6, () => {
    builder.addFieldInt32(1, 2, 0);
    builder.addFieldInt32(2, 2, 0);
    builder.addFieldInt8(3, activation, 0);
  });
  const operators = offsets([operator(1, [1], 2, 0), operator(0, [0, 2], 3, convOptions)]);
  const [inputs, outputs] = [ints([0]), ints([3])];
  const subgraph = table(4, () => {
    builder.addFieldOffset(0, tensors, 0);
    builder.addFieldOffset(1, inputs, 0);
    builder.addFieldOffset(2, outputs, 0);
    builder.addFieldOffset(3, operators, 0);
  });
  const [subgraphs, codes] = [offsets([subgraph]), offsets([opcode(code), opcode(6)])];
  const model = table(5, () => {
    builder.addFieldOffset(1, codes, 0);
    builder.addFieldOffset(2, subgraphs, 0);
    builder.addFieldOffset(4, buffers, 0);
  });
  builder.finish(model, 'TFL3');
  return builder.asUint8Array().slice();
}

describe('the TFLite reader', () => {
  it('reads a convolution: weights out of half precision, SAME padding explicit, the activation a node', () => {
    const graph = readTflite(tfliteFile());
    expect(graph.inputs).toEqual(['image']);
    expect(graph.outputs).toEqual(['out']);
    expect(graph.nodes.map(({ does }) => does)).toEqual([
      {
        op: 'Conv',
        window: {
          kernel: [3, 3],
          stride: [2, 2],
          dilation: [1, 1],
          padding: { top: 0, bottom: 1, left: 0, right: 1 },
        },
      },
      { op: 'Clip', min: 0, max: 6 },
    ]);
    const weights = valueOf(graph, graph.nodes[0]?.inputs[1] ?? '');
    expect(weights.shape).toEqual([3, 3, 1, 2]);
    expect([...(weights.data ?? [])].slice(0, 4)).toEqual([0, 9 / 4, 1 / 4, 10 / 4]);
  });

  it('names an operator that it does not read', () => {
    expect(() => readTflite(tfliteFile({ code: 24 }))).toThrow('the TFLite operator 24 is not read');
    expect(() => readTflite(tfliteFile({ activation: 4 }))).toThrow('fused TFLite activation 4');
  });

  it('refuses what is not TFLite', () => {
    expect(() => readTflite(new Uint8Array())).toThrow('truncated');
    expect(() => readTflite(new TextEncoder().encode('<!doctype html><p>not found'))).toThrow(
      'not a TFLite file',
    );
  });

  it('gives a clear error, or the graph, for a file cut off anywhere', () => {
    const bytes = tfliteFile();
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        readTflite(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  });

  it('gives a clear error, or a graph, for a file with changed bytes', () => {
    const bytes = tfliteFile();
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          readTflite(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
