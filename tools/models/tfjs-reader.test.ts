import { describe, expect, it } from 'vitest';
import { ModelFormatError, valueOf } from './graph.ts';
import { readOnnx } from './onnx-reader.ts';
import { readTfjs } from './tfjs-reader.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A model.json of one fused convolution and a softmax over its 2×2 image; weights are half precision. */
function modelJson(change: (whole: ReturnType<typeof model>) => unknown = (same) => same): string {
  return JSON.stringify(change(model()));
}

function model() {
  return {
    format: 'graph-model',
    signature: { inputs: { x: { name: 'x:0' } }, outputs: { y: { name: 'y' } } },
    modelTopology: {
      // Out of order on purpose: a node may stand before those it reads.
      node: [
        { name: 'y', op: 'Softmax', input: ['conv'] },
        {
          name: 'conv',
          op: '_FusedConv2D',
          input: ['x', 'w', 'b'],
          attr: {
            strides: { list: { i: ['1', '2', '2', '1'] } },
            padding: { s: base64('SAME') },
            fused_ops: { list: { s: [base64('BiasAdd'), base64('Relu6')] } },
          },
        },
        { name: 'x', op: 'Placeholder', attr: { shape: { shape: { dim: [-1, 4, 4, 1].map((size) => ({ size })) } } } },
        { name: 'w', op: 'Const' },
        { name: 'b', op: 'Const' },
      ],
    },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: [
          { name: 'w', shape: [1, 1, 1, 2], dtype: 'float32', quantization: { dtype: 'float16' } },
          { name: 'b', shape: [2], dtype: 'float32' },
        ],
      },
    ],
  };
}

const WEIGHTS = new Uint8Array([0x00, 0x3c, 0x00, 0xc0, ...new Uint8Array(Float32Array.of(0.5, -3).buffer)]);

describe('the TF.js reader', () => {
  it('reads a fused convolution, its weights in half and single precision', () => {
    const graph = readTfjs(modelJson(), WEIGHTS);
    expect(graph.nodes.map(({ does }) => does.op)).toEqual(['Conv', 'Clip', 'Softmax']);
    expect(valueOf(graph, 'conv').shape).toEqual([1, 2, 2, 2]);
    expect([...(valueOf(graph, 'w').data ?? [])]).toEqual([1, -2]);
    expect([...(valueOf(graph, 'b').data ?? [])]).toEqual([0.5, -3]);
  });

  it('says what is wrong with a damaged model', () => {
    expect(() => readTfjs(modelJson().slice(0, -9), WEIGHTS)).toThrow('not JSON');
    expect(() => readTfjs('{}', WEIGHTS)).toThrow('no topology');
    expect(() => readTfjs(modelJson(), WEIGHTS.subarray(0, 9))).toThrow('the weights end within "b"');
    expect(() => readTfjs(modelJson(({ weightsManifest: _, ...rest }) => rest), WEIGHTS)).toThrow('"w"');
    expect(() => readTfjs(JSON.stringify({ ...model(), modelTopology: { node: [7] } }), WEIGHTS)).toThrow(ModelFormatError);
  });

  it('names an operator or a padding that it does not read', () => {
    const with2 = (op: string): string => modelJson().replace('"Softmax"', JSON.stringify(op));
    expect(() => readTfjs(with2('Einsum'), WEIGHTS)).toThrow('the TF.js operator Einsum is not read');
    expect(() => readTfjs(modelJson().replace(base64('SAME'), base64('EXPLICIT')), WEIGHTS)).toThrow('EXPLICIT');
  });

  it('refuses a graph with a cycle', () => {
    expect(() => readTfjs(modelJson().replace('["x","w","b"]', '["y","w","b"]'), WEIGHTS)).toThrow('cycle');
  });
});

describe('the ONNX reader', () => {
  it('refuses what is not ONNX', () => {
    expect(() => readOnnx(new Uint8Array(), ['y'])).toThrow(ModelFormatError);
    expect(() => readOnnx(new TextEncoder().encode('not found, sorry'), ['y'])).toThrow(ModelFormatError);
  });
});
