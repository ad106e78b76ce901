import onnxProto from 'onnx-proto';
import { GraphBuilder, imageSize, windowedSize } from './graph-builder.ts';
import { floatsOf, ModelFormatError, readable, sizeOf, valueOf, type Graph, type Window } from './graph.ts';
import { permuted } from './layout.ts';
import { NO_PADDING } from './padding.ts';

const { onnx } = onnxProto;
type Node = onnxProto.onnx.INodeProto;

/**
 * Reads the convolutional part of an ONNX model, from its inputs to the values `outputs` (names inside the
 * file, so that what comes after them can be left out).
 */
export function readOnnx(bytes: Uint8Array, outputs: readonly string[]): Graph {
  let model: onnxProto.onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw new ModelFormatError('ONNX file is truncated or damaged', { cause });
  }
  return readable('ONNX file', () => readGraph(model, outputs));
}

function readGraph({ graph }: onnxProto.onnx.ModelProto, outputs: readonly string[]): Graph {
  if (!graph?.node?.length) throw new ModelFormatError('ONNX file has no graph: truncated, or not ONNX');
  const reader = new OnnxReader(graph.node);
  for (const tensor of graph.initializer ?? []) reader.constant(tensor);
  const inputs = (graph.input ?? []).flatMap(({ name }) => name ?? []).filter((name) => !reader.known(name));
  for (const name of inputs) {
    const dims = graph.input?.find((input) => input.name === name)?.type?.tensorType?.shape?.dim ?? [];
    const [batch = 1, channels = 0, height = 0, width = 0] = dims.map(({ dimValue }) => Number(dimValue));
    reader.builder.value(name, [batch, height, width, channels]);
  }
  for (const name of outputs) reader.make(name);
  return reader.builder.graph(inputs, outputs);
}

class OnnxReader {
  readonly builder: GraphBuilder = new GraphBuilder();
  private readonly makers: ReadonlyMap<string, Node>;
  private readonly lastIntegers = new Map<string, number>();

  constructor(nodes: readonly Node[]) {
    this.makers = new Map(nodes.map((node) => [node.output?.[0] ?? '', node]));
  }

  known(name: string): boolean {
    return this.builder.values.has(name);
  }

  constant({ name, dims, dataType, rawData }: onnxProto.onnx.ITensorProto): void {
    if (!rawData) return;
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    if (dataType === onnx.TensorProto.DataType.INT64 && rawData.length >= 8) {
      // Integers are shapes, of which only the last side is of use.
      this.lastIntegers.set(name ?? '', Number(view.getBigInt64(rawData.length - 8, true)));
    }
    if (dataType !== onnx.TensorProto.DataType.FLOAT) return;
    const data = Float32Array.from({ length: rawData.length / 4 }, (_, index) =>
      view.getFloat32(4 * index, true),
    );
    this.builder.value(name ?? '', (dims ?? []).map(Number), data);
  }

  /** Adds the node that makes `name`, after those it reads. */
  make(name: string): void {
    if (this.known(name)) return;
    const node = this.makers.get(name);
    if (node === undefined) throw new ModelFormatError(`nothing makes "${name}"`);
    const inputs = node.input ?? [];
    if (node.opType === 'Reshape') return this.reshape(node, name);
    if (node.opType === 'Constant') return this.constant({ ...node.attribute?.[0]?.t, name });
    for (const input of inputs) this.make(input);
    const first = valueOf(this.builder, inputs[0] ?? '').shape;
    const attribute = (key: string): number =>
      Number(node.attribute?.find((entry) => entry.name === key)?.i ?? 0);
    const add = (does: Parameters<GraphBuilder['node']>[0], shape: readonly number[]): void => {
      this.builder.value(name, shape);
      this.builder.node(does, inputs, name);
    };
    switch (node.opType) {
      case 'Conv':
        return this.convolution(node, name);
      case 'Relu':
      case 'Sigmoid':
      case 'Add':
      case 'Mul':
        return add({ op: node.opType }, first);
      case 'GlobalAveragePool':
        return add({ op: 'Mean', axes: [1, 2], keepDims: true }, [1, 1, 1, first[3] ?? 0]);
      case 'MatMul':
        return this.matMul(inputs, name);
      case 'BatchNormalization':
        return this.normalisation(node, name, first);
      case 'Softmax':
        return add({ op: 'Softmax', axis: attribute('axis') }, first);
      case 'Concat': {
        const axis = attribute('axis');
        const side = inputs.reduce(
          (sum, input) => sum + (valueOf(this.builder, input).shape[nhwcAxis(axis, first)] ?? 0),
          0,
        );
        const at = nhwcAxis(axis, first);
        return add({ op: 'Concat', axis: at }, first.with(at, side));
      }
      case 'PRelu':
        return this.prelu(inputs, name, first);
      default:
        throw new ModelFormatError(`the ONNX operator ${node.opType ?? ''} is not read`);
    }
  }

  /** A transposition to NHWC and a reshape to [batch, −1, last], or a flattening of 1×1 images. */
  private reshape(node: Node, name: string): void {
    const transpose = this.makers.get(node.input?.[0] ?? '');
    const image = transpose?.opType === 'Transpose' ? (transpose.input?.[0] ?? '') : (node.input?.[0] ?? '');
    this.make(image);
    const { shape } = valueOf(this.builder, image);
    const last = this.lastSide(node) ?? sizeOf(shape.slice(1));
    const rows = sizeOf(shape.slice(1)) / last;
    this.builder.value(name, rows === 1 ? [1, last] : [1, rows, last]);
    this.builder.node({ op: 'Reshape' }, [image], name);
  }

  /** A product with what a flattened 1×1 image was, as the 1×1 convolution that it is. */
  private matMul([rows = '', weights = '']: readonly string[], name: string): void {
    const flattened = this.builder.nodes.find(({ does, output }) => does.op === 'Reshape' && output === rows);
    const image = flattened?.inputs[0] ?? rows;
    const { shape: from } = valueOf(this.builder, image);
    const { shape, data } = valueOf(this.builder, weights);
    const [inputs = 0, outputs = 0] = shape;
    if (!(data instanceof Float32Array) || from.join() !== [1, 1, 1, inputs].join())
      throw new ModelFormatError(`"${name}" is a product of other things than a 1×1 image and weights`);
    this.builder.value(`${weights}/hwio`, [1, 1, inputs, outputs], data);
    this.builder.value(name, [1, 1, 1, outputs]);
    const window: Window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: NO_PADDING };
    this.builder.node({ op: 'Conv', window }, [image, `${weights}/hwio`], name);
  }

  /** A scale and a shift a channel. */
  private normalisation(node: Node, name: string, shape: readonly number[]): void {
    const [input = '', ...parameters] = node.input ?? [];
    const [gamma, beta, mean, variance] = parameters.map((each) => floatsOf(this.builder, each));
    const epsilon = Number(node.attribute?.find((entry) => entry.name === 'epsilon')?.f ?? 1e-5);
    if (!gamma || !beta || !mean || !variance)
      throw new ModelFormatError(`"${name}" is not normalised whole`);
    const scale = gamma.map((value, i) => value / Math.sqrt((variance[i] ?? 0) + epsilon));
    const shift = beta.map((value, i) => value - (mean[i] ?? 0) * (scale[i] ?? 0));
    this.builder.value(`${name}/scale`, [scale.length], scale);
    this.builder.value(`${name}/shift`, [shift.length], shift);
    this.builder.value(`${name}/scaled`, shape);
    this.builder.node({ op: 'Mul' }, [input, `${name}/scale`], `${name}/scaled`);
    this.builder.value(name, shape);
    this.builder.node({ op: 'Add' }, [`${name}/scaled`, `${name}/shift`], name);
  }

  /** The last side of a shape that is put together from constants, if it is one. */
  private lastSide(node: Node): number | undefined {
    const concat = this.makers.get(node.input?.[1] ?? '');
    if (concat?.opType !== 'Concat') return undefined;
    const last = this.lastIntegers.get(concat.input?.at(-1) ?? '');
    return last === undefined || last < 0 ? undefined : last;
  }

  private prelu(inputs: readonly string[], name: string, shape: readonly number[]): void {
    const [input = '', slope = ''] = inputs;
    const { data } = valueOf(this.builder, slope);
    if (!(data instanceof Float32Array)) throw new ModelFormatError(`the slope of "${name}" is computed`);
    this.builder.value(`${name}/slope`, [data.length], data);
    this.builder.value(name, shape);
    this.builder.node({ op: 'PRelu' }, [input, `${name}/slope`], name);
  }

  private convolution(node: Node, name: string): void {
    const [image = '', weights = '', ...bias] = node.input ?? [];
    const list = (key: string): readonly number[] =>
      node.attribute?.find((entry) => entry.name === key)?.ints?.map(Number) ?? [];
    const { shape, data } = valueOf(this.builder, weights);
    if (!(data instanceof Float32Array)) throw new ModelFormatError(`the weights of "${name}" are computed`);
    const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
    const group = Number(node.attribute?.find((entry) => entry.name === 'group')?.i ?? 1);
    const depthwise = group > 1;
    if (depthwise && (inputs !== 1 || group !== outputs))
      throw new ModelFormatError(`"${name}" is a grouped convolution`);
    const [top = 0, left = 0, bottom = 0, right = 0] = list('pads');
    const [strideY = 1, strideX = 1] = list('strides');
    const [dilationY = 1, dilationX = 1] = list('dilations');
    const window: Window = {
      kernel: [height, width],
      stride: [strideY, strideX],
      dilation: [dilationY, dilationX],
      padding: { top, bottom, left, right },
    };
    const moved = permuted(shape, [2, 3, 1, 0], data);
    const key = `${weights}/hwio`;
    if (!this.known(key))
      this.builder.value(
        key,
        depthwise ? [height, width, outputs, 1] : [height, width, inputs, outputs],
        moved,
      );
    const size = imageSize(valueOf(this.builder, image).shape);
    this.builder.value(name, [
      1,
      ...windowedSize(size, window.kernel, window.stride, window.dilation, window.padding),
      outputs,
    ]);
    this.builder.node({ op: depthwise ? 'DepthwiseConv' : 'Conv', window }, [image, key, ...bias], name);
  }
}

/** The NHWC axis of an NCHW one, for images. */
function nhwcAxis(axis: number, shape: readonly number[]): number {
  return shape.length === 4 ? ([0, 3, 1, 2][axis] ?? axis) : axis;
}
