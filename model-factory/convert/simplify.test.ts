import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import type { Graph, Operation, Window } from './graph.ts';
import { writeOnnx } from './onnx-writer.ts';
import { NO_PADDING } from './padding.ts';
import { simplify } from './simplify.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

const SHAPE = [1, 4, 4, 3] as const;
const POINT: Window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: NO_PADDING };

/** Builds a graph from `x` [1, 4, 4, 3] to `y`; `steps` are operator, inputs, output. */
function graphOf(
  constants: Readonly<Record<string, readonly [shape: readonly number[], data: readonly number[]]>>,
  steps: readonly (readonly [does: Operation, inputs: readonly string[], output: string])[],
  channels = 3,
): Graph {
  const builder = new GraphBuilder();
  builder.value('x', SHAPE);
  for (const [name, [shape, data]] of Object.entries(constants))
    builder.value(name, shape, Float32Array.from(data));
  for (const [does, inputs, output] of steps) {
    builder.value(output, [1, 4, 4, channels]);
    builder.node(does, inputs, output);
  }
  return builder.graph(['x'], ['y']);
}

async function run(graph: Graph): Promise<Float32Array> {
  const bytes = writeOnnx(graph, { name: 'test', inputs: ['x'], outputs: ['y'] });
  const session = await ort.InferenceSession.create(bytes);
  const data = Float32Array.from({ length: 48 }, (_, index) => 8 * Math.sin(index * 1.7));
  const { y } = await session.run({ x: new ort.Tensor('float32', data, [1, 3, 4, 4]) });
  await session.release();
  return y?.data as Float32Array;
}

/** Simplifies, checks that the function is the same, and gives back the operators left. */
async function simplified(graph: Graph): Promise<string[]> {
  const simple = simplify(graph);
  const [before, after] = [await run(graph), await run(simple)];
  expect(before.some((value) => value < 0) || before.some((value) => value > 0)).toBe(true);
  after.forEach((value, index) => expect(value).toBeCloseTo(before[index] ?? NaN, 4));
  return simple.nodes.map(({ does }) => does.op);
}

const SLOPES = { a: [[3], [0.25, -0.5, 2]] } as const;
const op = (name: 'Relu' | 'Abs' | 'Neg' | 'Sub' | 'Mul' | 'Add'): Operation => ({ op: name });

describe('PReLU spelled out', () => {
  it.each([
    [
      'relu(x) + a·(x − |x|)',
      [
        [op('Relu'), ['x'], 'r'],
        [op('Abs'), ['x'], 'b'],
        [op('Sub'), ['x', 'b'], 'd'],
        [op('Mul'), ['a', 'd'], 'm'],
        [op('Add'), ['r', 'm'], 'y'],
      ],
    ],
    [
      '(x − |x|)·a + relu(x)',
      [
        [op('Abs'), ['x'], 'b'],
        [op('Sub'), ['x', 'b'], 'd'],
        [op('Mul'), ['d', 'a'], 'm'],
        [op('Relu'), ['x'], 'r'],
        [op('Add'), ['m', 'r'], 'y'],
      ],
    ],
    [
      'relu(x) − a·relu(−x)',
      [
        [op('Relu'), ['x'], 'r'],
        [op('Neg'), ['x'], 'n'],
        [op('Relu'), ['n'], 's'],
        [op('Mul'), ['a', 's'], 'm'],
        [op('Sub'), ['r', 'm'], 'y'],
      ],
    ],
    [
      'relu(x) + a·(−relu(−x))',
      [
        [op('Relu'), ['x'], 'r'],
        [op('Neg'), ['x'], 'n'],
        [op('Relu'), ['n'], 's'],
        [op('Neg'), ['s'], 't'],
        [op('Mul'), ['a', 't'], 'm'],
        [op('Add'), ['r', 'm'], 'y'],
      ],
    ],
    [
      'relu(x) + (−(a·relu(−x)))',
      [
        [op('Relu'), ['x'], 'r'],
        [op('Neg'), ['x'], 'n'],
        [op('Relu'), ['n'], 's'],
        [op('Mul'), ['a', 's'], 'm'],
        [op('Neg'), ['m'], 't'],
        [op('Add'), ['r', 't'], 'y'],
      ],
    ],
  ] as const)('%s becomes one PRelu', async (_, steps) => {
    expect(await simplified(graphOf(SLOPES, steps))).toEqual(['PRelu']);
  });

  it('stays where the two halves are of different values', async () => {
    const graph = graphOf(SLOPES, [
      [op('Relu'), ['x'], 'r'],
      [op('Abs'), ['r'], 'b'],
      [op('Sub'), ['x', 'b'], 'd'],
      [op('Mul'), ['a', 'd'], 'm'],
      [op('Add'), ['r', 'm'], 'y'],
    ]);
    expect(await simplified(graph)).not.toContain('PRelu');
  });
});

describe('a scale and a shift after a convolution', () => {
  const weights = Array.from({ length: 9 }, (_, index) => Math.cos(index));
  const constants = {
    w: [[1, 1, 3, 3], weights],
    dw: [
      [1, 1, 3, 1],
      [0.5, -1, 2],
    ],
    scale: [[3], [2, 0.5, -1]],
    shift: [[3], [1, 2, 3]],
  } as const;

  it('move into a convolution without a bias', async () => {
    const graph = graphOf(constants, [
      [{ op: 'Conv', window: POINT }, ['x', 'w'], 'c'],
      [op('Mul'), ['c', 'scale'], 'm'],
      [op('Add'), ['shift', 'm'], 'y'],
    ]);
    expect(await simplified(graph)).toEqual(['Conv']);
  });

  it('move into a depthwise convolution with a bias', async () => {
    const graph = graphOf(constants, [
      [{ op: 'DepthwiseConv', window: POINT }, ['x', 'dw', 'shift'], 'c'],
      [op('Mul'), ['scale', 'c'], 'y'],
    ]);
    expect(await simplified(graph)).toEqual(['DepthwiseConv']);
  });

  it('stay where the convolution has another reader', async () => {
    const graph = graphOf(constants, [
      [{ op: 'Conv', window: POINT }, ['x', 'w'], 'c'],
      [op('Mul'), ['c', 'scale'], 'm'],
      [op('Add'), ['c', 'm'], 'y'],
    ]);
    expect(await simplified(graph)).toEqual(['Conv', 'Mul', 'Add']);
  });
});

describe('convolutions in a row', () => {
  const matrix = (seed: number): number[] => Array.from({ length: 9 }, (_, index) => Math.sin(index * seed));
  const constants = {
    a: [[1, 1, 3, 3], matrix(1)],
    b: [[1, 1, 3, 3], matrix(2)],
    p: [[3], [1, -2, 3]],
    q: [[3], [0.5, 0, -0.5]],
  } as const;

  it('become one where both are 1×1 and nothing is between them', async () => {
    const graph = graphOf(constants, [
      [{ op: 'Conv', window: POINT }, ['x', 'a', 'p'], 'c'],
      [{ op: 'Conv', window: POINT }, ['c', 'b', 'q'], 'y'],
    ]);
    expect(await simplified(graph)).toEqual(['Conv']);
  });

  it('stay two where an activation is between them', async () => {
    const graph = graphOf(constants, [
      [{ op: 'Conv', window: POINT }, ['x', 'a'], 'c'],
      [op('Relu'), ['c'], 'r'],
      [{ op: 'Conv', window: POINT }, ['r', 'b'], 'y'],
    ]);
    expect(await simplified(graph)).toEqual(['Conv', 'Relu', 'Conv']);
  });
});

describe('limits in a row', () => {
  it('become one Clip', async () => {
    const graph = graphOf({}, [
      [op('Relu'), ['x'], 'r'],
      [{ op: 'Clip', min: -Infinity, max: 6 }, ['r'], 's'],
      [{ op: 'Clip', min: 0.5, max: Infinity }, ['s'], 'y'],
    ]);
    expect(simplify(graph).nodes[0]?.does).toEqual({ op: 'Clip', min: 0.5, max: 6 });
    expect(await simplified(graph)).toEqual(['Clip']);
  });
});
