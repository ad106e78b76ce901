import {
  ModelFormatError,
  sizeOf,
  valueOf,
  type Graph,
  type Node,
  type RegionOperation,
  type Value,
  type Window,
} from './graph.ts';
import { isImage, nchw, nchwAxis, permuted } from './layout.ts';
import { OnnxFile, type Attributes, type Side, type StoredWeights } from './onnx-file.ts';
import { regionFunction } from './onnx-regions.ts';

/** How a graph is written. */
export interface OnnxOptions {
  /** Name of the graph. */
  readonly name: string;
  /** Names of the inputs and outputs in the file, in the graph's order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Leave the image's height and width open. Right only for multiples of the whole stride. */
  readonly anySize?: boolean;
  /** How the weights of layers are stored; half precision unless said otherwise. */
  readonly weights?: StoredWeights;
  /** Weights of a layer of no more numbers are not stored in bytes; 2,048 unless said otherwise. */
  readonly small?: number;
}

/**
 * Writes a graph as ONNX, opset 13, axes NCHW, the batch axis open. Padding is
 * explicit. An image is turned back to NHWC only where a reshape needs that order.
 */
export function writeOnnx(graph: Graph, options: OnnxOptions): Uint8Array {
  return new Writer(graph, options).write();
}

class Writer {
  private readonly file: OnnxFile;
  private readonly names = new Map<string, string>();
  private readonly constants = new Map<string, string>();

  constructor(
    private readonly graph: Graph,
    private readonly options: OnnxOptions,
  ) {
    this.file = new OnnxFile(options.weights, options.small);
    graph.inputs.forEach((name, index) => this.names.set(name, options.inputs[index] ?? name));
    graph.outputs.forEach((name, index) => this.names.set(name, options.outputs[index] ?? name));
  }

  write(): Uint8Array {
    for (const node of this.graph.nodes) this.node(node);
    const ends = (names: readonly string[]): Record<string, Side[]> =>
      Object.fromEntries(names.map((name) => [this.name(name), this.shapeOf(name)]));
    return this.file.bytes(this.options.name, ends(this.graph.inputs), ends(this.graph.outputs));
  }

  private shapeOf(name: string): Side[] {
    const { shape } = valueOf(this.graph, name);
    const [, ...sides] = isImage(shape) ? nchw(shape) : shape;
    if (!this.options.anySize) return ['batch', ...sides];
    return isImage(shape)
      ? ['batch', sides[0] ?? 0, 'height', 'width']
      : ['batch', 'anchors', ...sides.slice(1)];
  }

  /** The name of a value in the file: short, and the same on every run. */
  private name(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const fresh = `v${this.names.size}`;
    this.names.set(name, fresh);
    return fresh;
  }

  private node(node: Node): void {
    const { does } = node;
    const output = this.name(node.output);
    const [first = ''] = node.inputs;
    const image = isImage(valueOf(this.graph, first).shape);
    const put = (op: string, attributes = {}, ...more: string[]): void => {
      this.file.node(op, [this.name(first), ...more], output, attributes);
    };
    switch (does.op) {
      case 'Conv':
      case 'DepthwiseConv':
        return this.convolution(node, does.op === 'DepthwiseConv', does.window);
      case 'MaxPool':
        return put('MaxPool', { kernel_shape: does.window.kernel, ...windowAttributes(does.window) });
      case 'AveragePool': {
        const { dilations: _none, ...attributes } = windowAttributes(does.window);
        return put('AveragePool', { kernel_shape: does.window.kernel, ...attributes });
      }
      case 'Relu':
      case 'Abs':
      case 'Neg':
      case 'Exp':
      case 'Sigmoid':
        return put(does.op);
      case 'Add':
      case 'Sub':
      case 'Mul':
      case 'Div':
      case 'PRelu':
        return this.elementwise(node);
      case 'LeakyRelu':
        return put('LeakyRelu', { alpha: { float: does.alpha } });
      case 'Clip':
        return put('Clip', {}, this.limit(does.min), this.limit(does.max));
      case 'Softmax':
        return put('Softmax', { axis: image ? nchwAxis(does.axis) : does.axis });
      case 'Concat': {
        const axis = image ? nchwAxis(does.axis) : does.axis;
        this.file.node(
          'Concat',
          node.inputs.map((name) => this.name(name)),
          output,
          { axis },
        );
        return;
      }
      case 'Mean':
      case 'Max':
        return put(`Reduce${does.op}`, {
          axes: does.axes.map((axis) => (image ? nchwAxis(axis) : axis)),
          keepdims: does.keepDims ? 1 : 0,
        });
      case 'Sum':
        return put(
          'ReduceSum',
          { keepdims: does.keepDims ? 1 : 0 },
          this.integers(does.axes.map((axis) => (image ? nchwAxis(axis) : axis))),
        );
      case 'Pad': {
        const pads = image ? nchw(does.pads) : does.pads;
        return put(
          'Pad',
          { mode: 'constant' },
          this.integers([...pads.map(([before]) => before), ...pads.map(([, after]) => after)]),
        );
      }
      case 'Resize':
        return this.resize(node, does);
      case 'MatMul':
        return this.matMul(node);
      case 'Reshape':
        return this.reshape(node);
      case 'RegionTransform':
      case 'RegionSample':
      case 'RegionPoints':
        return this.region(node, does);
    }
  }

  private convolution(node: Node, depthwise: boolean, window: Window): void {
    const [image = '', weights = '', bias] = node.inputs;
    const { shape, data } = this.floatConstant(weights);
    const [height = 0, width = 0, inputs = 0, last = 0] = shape;
    const outputs = depthwise ? inputs * last : last;
    const dims = [outputs, depthwise ? 1 : inputs, height, width];
    // [kh, kw, a, b] to [b, a, kh, kw], or for a depthwise one to [a·b, 1, kh, kw].
    const moved = depthwise
      ? permuted([height, width, outputs], [2, 0, 1], data)
      : permuted([height, width, inputs, outputs], [3, 2, 0, 1], data);
    const names = [this.name(image), this.file.weights(`${this.name(node.output)}w`, dims, moved, 0)];
    if (bias !== undefined) names.push(this.constant(bias, [outputs]));
    this.file.node('Conv', names, this.name(node.output), {
      ...(depthwise ? { group: inputs } : {}),
      kernel_shape: [height, width],
      ...windowAttributes(window),
    });
  }

  private elementwise(node: Node): void {
    const image = isImage(valueOf(this.graph, node.output).shape);
    const names = node.inputs.map((name) => {
      const { data, shape } = valueOf(this.graph, name);
      return data === undefined ? this.name(name) : this.constant(name, shape, image);
    });
    this.file.node(node.does.op, names, this.name(node.output));
  }

  private matMul(node: Node): void {
    const [input = '', weights = '', bias] = node.inputs;
    const { shape, data } = this.floatConstant(weights);
    const output = this.name(node.output);
    let rows = this.name(input);
    const [, ...sides] = valueOf(this.graph, input).shape;
    if (sides.length !== 1) {
      const straight = isImage([0, ...sides]) ? this.channelsLast(input) : rows;
      rows = this.file.node('Flatten', [straight], `${output}f`, { axis: 1 });
    }
    const names = [rows, this.file.weights(`${output}w`, shape, data, 1)];
    if (bias !== undefined) names.push(this.constant(bias, valueOf(this.graph, bias).shape));
    this.file.node('Gemm', names, output);
  }

  private reshape(node: Node): void {
    const [input = ''] = node.inputs;
    const from = valueOf(this.graph, input).shape;
    const to = valueOf(this.graph, node.output).shape;
    const output = this.name(node.output);
    if (from.join() === to.join()) return void this.file.node('Identity', [this.name(input)], output);
    const straight = isImage(from) ? this.channelsLast(input) : this.name(input);
    // 0 copies the batch axis; −1 takes whatever is left, so that the image may have any size.
    const [, ...sides] = to;
    const shape = this.integers([0, ...sides.map((side, index) => (index === 0 ? -1 : side))]);
    if (!isImage(to)) return void this.file.node('Reshape', [straight, shape], output);
    const reshaped = this.file.node('Reshape', [straight, shape], `${output}r`);
    this.file.node('Transpose', [reshaped], output, { perm: [0, 3, 1, 2] });
  }

  private resize(node: Node, does: { size: readonly [number, number]; halfPixel: boolean }): void {
    const [input = ''] = node.inputs;
    const [, height = 1, width = 1] = valueOf(this.graph, input).shape;
    const output = this.name(node.output);
    const scales = Float32Array.of(1, 1, does.size[0] / height, does.size[1] / width);
    this.file.floats(`${output}s`, [4], scales);
    this.file.node('Resize', [this.name(input), '', `${output}s`], output, {
      mode: 'linear',
      coordinate_transformation_mode: does.halfPixel ? 'half_pixel' : 'asymmetric',
    });
  }

  private region(node: Node, does: RegionOperation): void {
    const [, height = 0, width = 0] = valueOf(this.graph, node.inputs[0] ?? '').shape;
    const { op: _op, ...attributes } = does;
    const floats = ['scale', 'pointScale', 'unit'];
    const inputs = node.inputs.map((name) => this.name(name));
    const own = Object.entries(attributes).map(([name, value]) => [
      name,
      floats.includes(name) ? { float: value as number } : value,
    ]);
    this.file.call(
      regionFunction(does, [height, width]),
      inputs,
      this.name(node.output),
      Object.fromEntries(own) as Attributes,
    );
  }

  /** The image `name` with its channels last; a 1×1 image is in that order already. */
  private channelsLast(name: string): string {
    const [, height, width] = valueOf(this.graph, name).shape;
    const written = this.name(name);
    if (height === 1 && width === 1) return written;
    return this.once(`${name}/nhwc`, () =>
      this.file.node('Transpose', [written], `${written}t`, { perm: [0, 2, 3, 1] }),
    );
  }

  private limit(number: number): string {
    if (!Number.isFinite(number)) return '';
    return this.once(`limit ${number}`, () => this.file.floats(`c${number}`, [], Float32Array.of(number)));
  }

  private integers(numbers: readonly number[]): string {
    return this.once(`integers ${numbers.join()}`, () =>
      this.file.integers(`i${this.constants.size}`, numbers),
    );
  }

  /** A small constant: a bias, a slope. */
  private constant(name: string, shape: readonly number[], ofImage = false): string {
    const { data } = this.floatConstant(name);
    return this.once(`${name} ${ofImage}`, () => {
      const key = `k${this.constants.size}`;
      if (!ofImage || sizeOf(shape) === 1)
        return this.file.small(key, sizeOf(shape) === 1 ? [1] : shape, data);
      const full = [...Array<number>(4 - shape.length).fill(1), ...shape];
      return this.file.small(key, nchw(full).slice(1), permuted(full, [0, 3, 1, 2], data));
    });
  }

  private floatConstant(name: string): Value & { data: Float32Array } {
    const value = valueOf(this.graph, name);
    if (!(value.data instanceof Float32Array))
      throw new ModelFormatError(`"${name}" is not a constant of floats`);
    return { ...value, data: value.data };
  }

  private once(key: string, make: () => string): string {
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.constants.set(key, made);
    return made;
  }
}

function windowAttributes({ stride, dilation, padding }: Window): Record<string, readonly number[]> {
  const { top, left, bottom, right } = padding;
  const attributes: Record<string, readonly number[]> = { strides: stride };
  if (dilation.some((step) => step !== 1)) attributes['dilations'] = dilation;
  if (top || left || bottom || right) attributes['pads'] = [top, left, bottom, right];
  return attributes;
}
