import { halfToFloat } from './float16.ts';
import { GraphBuilder, imageSize, windowedSize } from './graph-builder.ts';
import { ModelFormatError, readable, sizeOf, valueOf, type Graph, type Operation, type Window } from './graph.ts';
import { NO_PADDING, samePadding2d } from './padding.ts';

/** The parts of a TF.js graph model's `model.json` that are read. */
interface ModelJson {
  readonly modelTopology?: { readonly node?: readonly GraphNode[] };
  readonly weightsManifest?: readonly { readonly weights: readonly WeightSpec[] }[];
  readonly signature?: Signature;
  readonly userDefinedMetadata?: { readonly signature?: Signature };
}

interface Signature {
  readonly inputs: Readonly<Record<string, { readonly name: string }>>;
  readonly outputs: Readonly<Record<string, { readonly name: string }>>;
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, Attribute>>;
}

interface Attribute {
  readonly s?: string;
  readonly b?: boolean;
  readonly f?: number;
  readonly i?: string | number;
  readonly list?: { readonly i?: readonly (string | number)[]; readonly s?: readonly string[] };
  readonly shape?: { readonly dim?: readonly { readonly size: string | number }[] };
}

/** Reads a TF.js graph model: the text of `model.json` and its weight shards, joined in order. */
export function readTfjs(json: string, weights: Uint8Array): Graph {
  let model: ModelJson;
  try {
    model = JSON.parse(json) as ModelJson;
  } catch (cause) {
    throw new ModelFormatError('model.json is not JSON: truncated or damaged', { cause });
  }
  return readable('TF.js model', () => readGraph(model, weights));
}

function readGraph(model: ModelJson, weights: Uint8Array): Graph {
  const nodes = model.modelTopology?.node;
  const signature = model.signature ?? model.userDefinedMetadata?.signature;
  if (!nodes || !signature)
    throw new ModelFormatError('not a TF.js graph model: no topology or no signature');
  const reader = new TfjsReader();
  reader.weights(model.weightsManifest?.flatMap((group) => group.weights) ?? [], weights);
  for (const node of inOrder(nodes)) reader.node(node);
  const ends = (tensors: Signature['inputs']): string[] =>
    Object.values(tensors).map(({ name }) => bare(name));
  return reader.builder.graph(ends(signature.inputs), ends(signature.outputs));
}

class TfjsReader {
  readonly builder: GraphBuilder = new GraphBuilder();

  weights(specs: readonly WeightSpec[], bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (const { name, shape, dtype, quantization } of specs) {
      const length = sizeOf(shape);
      const stored = quantization?.dtype ?? dtype;
      const width = stored === 'float16' ? 2 : 4;
      if (at + length * width > bytes.length) throw new ModelFormatError(`the weights end within "${name}"`);
      const start = at;
      if (stored === 'float16') {
        const half = (_: unknown, index: number): number =>
          halfToFloat(view.getUint16(start + 2 * index, true));
        this.builder.value(name, shape, Float32Array.from({ length }, half));
      } else if (stored === 'float32') {
        const float = (_: unknown, index: number): number => view.getFloat32(start + 4 * index, true);
        this.builder.value(name, shape, Float32Array.from({ length }, float));
      } else if (stored === 'int32') {
        const int = (_: unknown, index: number): number => view.getInt32(start + 4 * index, true);
        this.builder.value(name, shape, Int32Array.from({ length }, int));
      } else {
        throw new ModelFormatError(`"${name}" has the type ${stored}, which is not read`);
      }
      at += length * width;
    }
  }

  node(node: GraphNode): void {
    const inputs = (node.input ?? []).filter((name) => !name.startsWith('^')).map(bare);
    const first = (): readonly number[] => valueOf(this.builder, inputs[0] ?? '').shape;
    switch (node.op) {
      case 'Const':
        return;
      case 'Placeholder': {
        const dims = node.attr?.['shape']?.shape?.dim ?? [];
        // The batch axis is written as −1.
        this.builder.value(
          node.name,
          dims.map(({ size }) => Math.max(1, Number(size))),
        );
        return;
      }
      case 'Conv2D':
      case '_FusedConv2D':
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative':
        return this.convolution(node, inputs);
      case 'MatMul':
      case '_FusedMatMul':
        return this.matMul(node, inputs);
      case 'MaxPool':
      case 'AvgPool':
        return this.pool(node, inputs);
      case 'Mean': {
        const axes = [...this.integers(inputs[1])];
        const keepDims = node.attr?.['keep_dims']?.b === true;
        const shape = first().flatMap((length, axis) =>
          axes.includes(axis) ? (keepDims ? [1] : []) : [length],
        );
        return this.add(node.name, { op: 'Mean', axes, keepDims }, inputs.slice(0, 1), shape);
      }
      case 'Softmax':
        return this.add(node.name, { op: 'Softmax', axis: first().length - 1 }, inputs, first());
      case 'Minimum':
        return this.add(
          node.name,
          { op: 'Clip', min: -Infinity, max: this.scalar(inputs[1]) },
          inputs.slice(0, 1),
          first(),
        );
      case 'Maximum':
        return this.add(
          node.name,
          { op: 'Clip', min: this.scalar(inputs[1]), max: Infinity },
          inputs.slice(0, 1),
          first(),
        );
      case 'Relu6':
        return this.add(node.name, { op: 'Clip', min: 0, max: 6 }, inputs, first());
      case 'Identity':
        return this.add(node.name, { op: 'Reshape' }, inputs, first());
      default: {
        const op = PLAIN[node.op];
        if (op === undefined) throw new ModelFormatError(`the TF.js operator ${node.op} is not read`);
        return this.add(node.name, { op }, inputs, this.widest(inputs));
      }
    }
  }

  private add(name: string, does: Operation, inputs: readonly string[], shape: readonly number[]): void {
    this.builder.value(name, shape);
    this.builder.node(does, inputs, name);
  }

  private convolution(node: GraphNode, inputs: readonly string[]): void {
    const [image = '', weights = '', ...rest] = inputs;
    const depthwise = node.op.includes('Depthwise');
    const [height = 0, width = 0, channels = 0, last = 0] = valueOf(this.builder, weights).shape;
    const window = this.window(node, image, [height, width]);
    const size = imageSize(valueOf(this.builder, image).shape);
    const out = windowedSize(size, window.kernel, window.stride, window.dilation, window.padding);
    this.builder.value(node.name, [1, ...out, depthwise ? channels * last : last]);
    const does: Operation = { op: depthwise ? 'DepthwiseConv' : 'Conv', window };
    this.fused(node, does, [image, weights, ...rest]);
  }

  private matMul(node: GraphNode, inputs: readonly string[]): void {
    if (node.attr?.['transpose_a']?.b || node.attr?.['transpose_b']?.b) {
      throw new ModelFormatError(`"${node.name}" multiplies a transposed matrix, which is not read`);
    }
    this.builder.value(node.name, [1, valueOf(this.builder, inputs[1] ?? '').shape[1] ?? 0]);
    this.fused(node, { op: 'MatMul' }, inputs);
  }

  /** Adds a node whose `fused_ops` say what follows it: a bias, then at most one activation. */
  private fused(node: GraphNode, does: Operation, inputs: readonly string[]): void {
    const fusedOps = node.attr?.['fused_ops']?.list?.s?.map(decoded) ?? [];
    let activation: Operation | undefined;
    for (const name of fusedOps) {
      if (name === 'Relu') activation = { op: 'Relu' };
      else if (name === 'Relu6') activation = { op: 'Clip', min: 0, max: 6 };
      else if (name !== 'BiasAdd') throw new ModelFormatError(`the fused TF.js operator ${name} is not read`);
    }
    this.builder.activated(
      does,
      inputs.slice(0, fusedOps.includes('BiasAdd') ? 3 : 2),
      node.name,
      activation,
    );
  }

  private pool(node: GraphNode, inputs: readonly string[]): void {
    const [, height = 1, width = 1] = list(node, 'ksize');
    const window = this.window(node, inputs[0] ?? '', [height, width]);
    const { shape } = valueOf(this.builder, inputs[0] ?? '');
    const size = windowedSize(
      imageSize(shape),
      window.kernel,
      window.stride,
      window.dilation,
      window.padding,
    );
    const op = node.op === 'MaxPool' ? 'MaxPool' : 'AveragePool';
    this.add(node.name, { op, window }, inputs, [1, ...size, shape[3] ?? 0]);
  }

  private window(node: GraphNode, image: string, kernel: readonly [number, number]): Window {
    const pair = (name: string): [number, number] => {
      const [, height = 1, width = 1] = list(node, name);
      return [height, width];
    };
    const stride = pair('strides');
    const dilation = pair('dilations');
    const kind = decoded(node.attr?.['padding']?.s ?? '');
    if (kind !== 'SAME' && kind !== 'VALID') throw new ModelFormatError(`the padding ${kind} is not read`);
    const size = imageSize(valueOf(this.builder, image).shape);
    return {
      kernel,
      stride,
      dilation,
      padding: kind === 'SAME' ? samePadding2d(size, kernel, stride, dilation) : NO_PADDING,
    };
  }

  private widest(inputs: readonly string[]): readonly number[] {
    const shapes = inputs.map((name) => valueOf(this.builder, name).shape);
    return shapes.reduce((widest, shape) => (sizeOf(shape) > sizeOf(widest) ? shape : widest));
  }

  private scalar(name: string | undefined): number {
    const { data } = valueOf(this.builder, name ?? '');
    const [number] = data ?? [];
    if (number === undefined || data?.length !== 1)
      throw new ModelFormatError(`"${name ?? ''}" is not a constant number`);
    return number;
  }

  private integers(name: string | undefined): Int32Array {
    const { data } = valueOf(this.builder, name ?? '');
    if (!(data instanceof Int32Array))
      throw new ModelFormatError(`"${name ?? ''}" is not a constant of integers`);
    return data;
  }
}

const PLAIN: Readonly<Record<string, 'Add' | 'Sub' | 'Mul' | 'Relu' | 'Sigmoid' | 'PRelu'>> = {
  Add: 'Add',
  AddV2: 'Add',
  BiasAdd: 'Add',
  Sub: 'Sub',
  Mul: 'Mul',
  Relu: 'Relu',
  Prelu: 'PRelu',
  Sigmoid: 'Sigmoid',
};

/** The name of a tensor without its output number. */
function bare(name: string): string {
  return name.replace(/:\d+$/, '');
}

/** Text attributes are base64 of ASCII. */
function decoded(text: string): string {
  return atob(text);
}

function list(node: GraphNode, name: string): number[] {
  return (node.attr?.[name]?.list?.i ?? []).map(Number);
}

/** The nodes so ordered that each comes after those it reads. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const state = new Map<string, 'open' | 'done'>();
  const ordered: GraphNode[] = [];
  const visit = (name: string): void => {
    const node = byName.get(name);
    if (node === undefined) throw new ModelFormatError(`no node is called "${name}"`);
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') throw new ModelFormatError(`the graph has a cycle through "${name}"`);
    state.set(name, 'open');
    for (const input of node.input ?? []) visit(bare(input.replace(/^\^/, '')));
    state.set(name, 'done');
    ordered.push(node);
  };
  for (const { name } of nodes) visit(name);
  return ordered;
}
