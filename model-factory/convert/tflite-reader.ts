import { halfToFloat } from './float16.ts';
import { GraphBuilder, imageSize } from './graph-builder.ts';
import { ModelFormatError, readable, valueOf, type Graph, type Operation, type Window } from './graph.ts';
import { NO_PADDING, samePadding2d } from './padding.ts';
import { regionOperation } from './tflite-regions.ts';
import { FIELD, OPERATOR, Table, TENSOR_TYPE } from './tflite-schema.ts';

/** Reads a TFLite file of float operators; weights stored as float16 become float32. */
export function readTflite(bytes: Uint8Array): Graph {
  return readable('TFLite file', () => new TfliteReader(Table.root(bytes)).read());
}

interface Operator {
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly options: Table | undefined;
  /** FlexBuffer of a custom operator; empty for others. */
  readonly customOptions: Uint8Array;
}

class TfliteReader {
  private readonly builder = new GraphBuilder();
  private readonly names: string[];
  private readonly subgraph: Table;

  constructor(private readonly model: Table) {
    const [subgraph] = model.tables(FIELD.model.subgraphs);
    if (subgraph === undefined) throw new ModelFormatError('TFLite file has no graph');
    this.subgraph = subgraph;
    const buffers = model.tables(FIELD.model.buffers);
    this.names = subgraph
      .tables(FIELD.subgraph.tensors)
      .map((tensor, index) => this.tensor(tensor, index, buffers));
  }

  read(): Graph {
    const codes = this.model.tables(FIELD.model.operatorCodes).map(operatorName);
    for (const table of this.subgraph.tables(FIELD.subgraph.operators)) {
      const kind = codes[table.int(FIELD.operator.code)] ?? 'unknown';
      const [output] = table.ints(FIELD.operator.outputs);
      this.operator({
        kind,
        // −1 stands for an optional input that is not there.
        inputs: table
          .ints(FIELD.operator.inputs)
          .filter((index) => index >= 0)
          .map((index) => this.name(index)),
        output: this.name(output ?? -1),
        options: table.table(FIELD.operator.options),
        customOptions: table.bytes(FIELD.operator.customOptions),
      });
    }
    const ends = (field: number): string[] => this.subgraph.ints(field).map((index) => this.name(index));
    return this.builder.graph(ends(FIELD.subgraph.inputs), ends(FIELD.subgraph.outputs));
  }

  private name(index: number): string {
    const name = this.names[index];
    if (name === undefined) throw new ModelFormatError(`TFLite file names tensor ${index}, which it has not`);
    return name;
  }

  private tensor(tensor: Table, index: number, buffers: readonly Table[]): string {
    const text = tensor.text(FIELD.tensor.name) || `tensor${index}`;
    const name = this.builder.values.has(text) ? `${text}#${index}` : text;
    const shape = tensor.ints(FIELD.tensor.shape);
    const bytes = buffers[tensor.int(FIELD.tensor.buffer)]?.bytes(FIELD.buffer.data);
    if (bytes === undefined || bytes.length === 0) {
      this.builder.value(name, shape);
    } else {
      if (tensor.table(FIELD.tensor.sparsity))
        throw new ModelFormatError(`"${name}" is sparse, which is not read`);
      this.builder.value(name, shape, numbers(bytes, tensor.byte(FIELD.tensor.type), name));
    }
    return name;
  }

  private operator(operator: Operator): void {
    const { kind, inputs, output, options } = operator;
    switch (kind) {
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        return this.convolution(operator);
      case 'MAX_POOL_2D':
      case 'AVERAGE_POOL_2D':
        return this.pool(operator);
      case 'FULLY_CONNECTED':
        return this.fullyConnected(operator);
      case 'DEQUANTIZE':
        return this.dequantize(operator);
      case 'CONCATENATION':
        return this.add(operator, { op: 'Concat', axis: options?.int(0) ?? 0 }, options?.byte(1));
      case 'PAD':
        return this.add(operator, { op: 'Pad', pads: this.pads(inputs[1]) }, 0, 1);
      case 'RESIZE_BILINEAR':
        return this.resize(operator);
      case 'STRIDED_SLICE':
        if (!this.keepsShape(operator))
          throw new ModelFormatError(`"${output}" is a slice, which is not read`);
        return this.add(operator, { op: 'Reshape' }, 0, 1);
      case 'RESHAPE':
        return this.add(operator, { op: 'Reshape' }, 0, 1);
      case 'SUM':
      case 'MEAN':
      case 'REDUCE_MAX': {
        const op = kind === 'SUM' ? 'Sum' : kind === 'MEAN' ? 'Mean' : 'Max';
        const keepDims = options?.byte(0) === 1;
        return this.add(operator, { op, axes: [...this.integers(inputs[1])], keepDims }, 0, 1);
      }
      case 'PRELU':
        return this.add(operator, { op: 'PRelu' });
      case 'LEAKY_RELU':
        return this.add(operator, { op: 'LeakyRelu', alpha: options?.float(0) ?? 0 });
      case 'SOFTMAX':
        return this.add(operator, { op: 'Softmax', axis: valueOf(this.builder, output).shape.length - 1 });
      case 'RELU6':
        return this.add(operator, { op: 'Clip', min: 0, max: 6 });
      default: {
        const region = regionOperation(kind, operator.customOptions);
        if (region !== undefined) return this.add(operator, region);
        const op = PLAIN[kind];
        if (op === undefined) throw new ModelFormatError(`the TFLite operator ${kind} is not read`);
        return this.add(operator, { op }, options?.byte(0));
      }
    }
  }

  private keepsShape({ inputs, output }: Operator): boolean {
    return valueOf(this.builder, inputs[0] ?? '').shape.join() === valueOf(this.builder, output).shape.join();
  }

  private add(operator: Operator, does: Operation, activation = 0, inputs = operator.inputs.length): void {
    this.builder.activated(does, operator.inputs.slice(0, inputs), operator.output, activationOf(activation));
  }

  private convolution(operator: Operator): void {
    const [image, weights, ...bias] = operator.inputs;
    const depthwise = operator.kind === 'DEPTHWISE_CONV_2D';
    const { shape, data } = valueOf(this.builder, weights ?? '');
    if (!(data instanceof Float32Array))
      throw new ModelFormatError(`the weights of "${operator.output}" are computed`);
    // Conv weights are [outputs, kh, kw, inputs]; depthwise ones [1, kh, kw, channels × multiplier].
    const [outputs = 0, height = 0, width = 0, inputs = 0] = shape;
    const { options } = operator;
    const later = depthwise ? 1 : 0;
    const window = this.window(operator, image ?? '', [height, width], 0, [
      options?.int(5 + later, 1),
      options?.int(4 + later, 1),
    ]);
    const name = `${weights ?? ''}/${operator.output}`;
    if (depthwise) {
      const channels = valueOf(this.builder, image ?? '').shape[3] ?? 1;
      this.builder.value(name, [height, width, channels, inputs / channels], data);
    } else {
      this.builder.value(name, [height, width, inputs, outputs], outputsLast(data, outputs));
    }
    const does: Operation = { op: depthwise ? 'DepthwiseConv' : 'Conv', window };
    const activation = activationOf(options?.byte(3 + later) ?? 0);
    this.builder.activated(does, [image ?? '', name, ...bias], operator.output, activation);
  }

  private pool(operator: Operator): void {
    const kernel: [number, number] = [operator.options?.int(4) ?? 1, operator.options?.int(3) ?? 1];
    const window = this.window(operator, operator.inputs[0] ?? '', kernel, 0, [1, 1]);
    const op = operator.kind === 'MAX_POOL_2D' ? 'MaxPool' : 'AveragePool';
    this.add(operator, { op, window }, operator.options?.byte(5));
  }

  private window(
    { options }: Operator,
    image: string,
    kernel: readonly [number, number],
    paddingField: number,
    dilations: readonly [number | undefined, number | undefined],
  ): Window {
    const stride: [number, number] = [options?.int(2) ?? 1, options?.int(1) ?? 1];
    const dilation: [number, number] = [dilations[0] ?? 1, dilations[1] ?? 1];
    const same = options?.byte(paddingField) === 0 || options === undefined;
    const size = imageSize(valueOf(this.builder, image).shape);
    return {
      kernel,
      stride,
      dilation,
      padding: same ? samePadding2d(size, kernel, stride, dilation) : NO_PADDING,
    };
  }

  private fullyConnected(operator: Operator): void {
    const [input, weights, ...bias] = operator.inputs;
    const { shape, data } = valueOf(this.builder, weights ?? '');
    const [outputs = 0, inputs = 0] = shape;
    if (!(data instanceof Float32Array))
      throw new ModelFormatError(`the weights of "${operator.output}" are computed`);
    const name = `${weights ?? ''}/${operator.output}`;
    this.builder.value(name, [inputs, outputs], outputsLast(data, outputs));
    const activation = activationOf(operator.options?.byte(0) ?? 0);
    this.builder.activated({ op: 'MatMul' }, [input ?? '', name, ...bias], operator.output, activation);
  }

  private dequantize({ inputs, output }: Operator): void {
    const { data } = valueOf(this.builder, inputs[0] ?? '');
    if (!(data instanceof Float32Array))
      throw new ModelFormatError(`"${output}" is dequantized from computed values`);
    this.builder.fill(output, data);
  }

  private resize(operator: Operator): void {
    const [height = 0, width = 0] = this.integers(operator.inputs[1]);
    if (operator.options?.byte(2) === 1)
      throw new ModelFormatError('a resize that aligns corners is not read');
    const halfPixel = operator.options?.byte(3) === 1;
    this.add(operator, { op: 'Resize', size: [height, width], halfPixel }, 0, 1);
  }

  private pads(name: string | undefined): [number, number][] {
    const flat = this.integers(name);
    return Array.from({ length: flat.length / 2 }, (_, axis) => [
      flat[2 * axis] ?? 0,
      flat[2 * axis + 1] ?? 0,
    ]);
  }

  private integers(name: string | undefined): Int32Array {
    const { data } = valueOf(this.builder, name ?? '');
    if (!(data instanceof Int32Array))
      throw new ModelFormatError(`"${name ?? ''}" is not a constant of integers`);
    return data;
  }
}

const PLAIN: Readonly<
  Record<string, 'Add' | 'Sub' | 'Mul' | 'Div' | 'Relu' | 'Abs' | 'Neg' | 'Exp' | 'Sigmoid'>
> = {
  ADD: 'Add',
  SUB: 'Sub',
  MUL: 'Mul',
  DIV: 'Div',
  RELU: 'Relu',
  ABS: 'Abs',
  NEG: 'Neg',
  EXP: 'Exp',
  LOGISTIC: 'Sigmoid',
};

function operatorName(code: Table): string {
  // Codes above 127 stand in the newer field, the others in both or in the older alone.
  const { deprecatedCode, code: newer, customCode } = FIELD.operatorCode;
  const number = Math.max(code.byte(deprecatedCode), code.int(newer));
  return OPERATOR[number] ?? (code.text(customCode) || String(number));
}

function activationOf(code: number): Operation | undefined {
  if (code === 0) return undefined;
  if (code === 1) return { op: 'Relu' };
  if (code === 2) return { op: 'Clip', min: -1, max: 1 };
  if (code === 3) return { op: 'Clip', min: 0, max: 6 };
  throw new ModelFormatError(`the fused TFLite activation ${code} is not read`);
}

function numbers(bytes: Uint8Array, type: number, name: string): Float32Array | Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === TENSOR_TYPE.float32) {
    return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
  }
  if (type === TENSOR_TYPE.float16) {
    return Float32Array.from({ length: bytes.length / 2 }, (_, index) =>
      halfToFloat(view.getUint16(2 * index, true)),
    );
  }
  if (type === TENSOR_TYPE.int32) {
    return Int32Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(4 * index, true));
  }
  throw new ModelFormatError(`"${name}" has the tensor type ${type}, which is not read`);
}

/** Moves the first axis, of `outputs`, to the end. */
function outputsLast(data: Float32Array, outputs: number): Float32Array {
  const inner = data.length / outputs;
  const moved = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++) {
    for (let index = 0; index < inner; index++)
      moved[index * outputs + output] = data[output * inner + index] ?? 0;
  }
  return moved;
}
