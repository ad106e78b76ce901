import {
  ModelFormatError,
  sizeOf,
  valueOf,
  type Graph,
  type Node,
  type Operation,
  type Padding,
  type Value,
} from './graph.ts';

/** Collects the values and nodes of a graph while a reader walks a file. */
export class GraphBuilder {
  readonly values: Map<string, Value> = new Map();
  readonly nodes: Node[] = [];

  /** Adds a value under a name of its own. */
  value(name: string, shape: readonly number[], data?: Float32Array | Int32Array): Value {
    if (this.values.has(name)) throw new ModelFormatError(`two values are called "${name}"`);
    if (shape.length > 6 || shape.some((side) => !Number.isInteger(side) || side < 0)) {
      throw new ModelFormatError(`"${name}" has the impossible shape [${shape.join(', ')}]`);
    }
    if (data !== undefined && data.length !== sizeOf(shape)) {
      throw new ModelFormatError(`"${name}" has ${data.length} numbers for the shape [${shape.join(', ')}]`);
    }
    const value: Value = data === undefined ? { name, shape } : { name, shape, data };
    this.values.set(name, value);
    return value;
  }

  /** Gives a value that is there already the data of another, as when weights are unpacked. */
  fill(name: string, data: Float32Array | Int32Array): void {
    const { shape } = valueOf(this, name);
    this.values.delete(name);
    this.value(name, shape, data);
  }

  /** Adds a node that writes `output`, which must be a value already. */
  node(does: Operation, inputs: readonly string[], output: string): void {
    for (const name of [...inputs, output]) valueOf(this, name);
    this.nodes.push({ does, inputs, output });
  }

  /** Adds a node and then `activation`, which writes `output`. */
  activated(does: Operation, inputs: readonly string[], output: string, activation?: Operation): void {
    if (activation === undefined) return this.node(does, inputs, output);
    const before = this.value(`${output}/linear`, valueOf(this, output).shape);
    this.node(does, inputs, before.name);
    this.node(activation, [before.name], output);
  }

  /** The finished graph; every value that a node reads must be known. */
  graph(inputs: readonly string[], outputs: readonly string[]): Graph {
    for (const name of [...inputs, ...outputs]) valueOf(this, name);
    return { values: this.values, nodes: this.nodes, inputs, outputs };
  }
}

/** Height and width of an NHWC shape. */
export function imageSize(shape: readonly number[]): [height: number, width: number] {
  const [, height, width] = shape;
  if (shape.length !== 4 || height === undefined || width === undefined) {
    throw new ModelFormatError(`expected the shape of an image, not [${shape.join(', ')}]`);
  }
  return [height, width];
}

/** One side after a window has passed over an image side. */
export function windowedLength(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: readonly [before: number, after: number],
): number {
  return Math.floor((length + padding[0] + padding[1] - (kernel - 1) * dilation - 1) / stride) + 1;
}

/** Output height and width of a window over an image. */
export function windowedSize(
  size: readonly [number, number],
  kernel: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
  padding: Padding,
): [height: number, width: number] {
  return [
    windowedLength(size[0], kernel[0], stride[0], dilation[0], [padding.top, padding.bottom]),
    windowedLength(size[1], kernel[1], stride[1], dilation[1], [padding.left, padding.right]),
  ];
}
