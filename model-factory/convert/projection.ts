import { halfToFloat } from './float16.ts';
import { ModelFormatError, valueOf, type Graph, type Node, type Value, type Window } from './graph.ts';

const POINT: Window = {
  kernel: [1, 1],
  stride: [1, 1],
  dilation: [1, 1],
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
};

/** Reads a matrix of half-precision numbers with `columns` columns, row by row. */
export function readMatrix(bytes: Uint8Array, columns: number): readonly Float32Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = bytes.length / 2 / columns;
  if (!Number.isInteger(rows)) throw new ModelFormatError(`${bytes.length} bytes are no rows of ${columns}`);
  return Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: columns }, (_none, i) =>
      halfToFloat(view.getUint16(2 * (row * columns + i), true)),
    ),
  );
}

/** The graph with its output `name`, an image of one pixel, multiplied by a matrix: a 1×1 convolution more. */
export function projected(graph: Graph, name: string, matrix: Uint8Array): Graph {
  const whole = `${name}/whole`;
  const { shape } = valueOf(graph, name);
  const columns = shape.at(-1) ?? 0;
  const rows = readMatrix(matrix, columns);
  const weights: Value = {
    name: `${name}/projection`,
    shape: [1, 1, columns, rows.length],
    data: Float32Array.from({ length: columns * rows.length }, (_, i) => {
      return rows[i % rows.length]![Math.floor(i / rows.length)]!;
    }),
  };
  const nodes = graph.nodes.map((node): Node => (node.output === name ? { ...node, output: whole } : node));
  const last: Node = { does: { op: 'Conv', window: POINT }, inputs: [whole, weights.name], output: name };
  const values = new Map([
    ...graph.values,
    [whole, { name: whole, shape }] as const,
    [name, { name, shape: [...shape.slice(0, -1), rows.length] }] as const,
    [weights.name, weights] as const,
  ]);
  return { ...graph, values, nodes: [...nodes, last] };
}
