import onnxProto from 'onnx-proto';
import { floatToHalf, halfToFloat } from './float16.ts';
import { quantise } from './int8.ts';

const { onnx } = onnxProto;

/** Weights of no more numbers than this are worth single precision. */
const SMALL = 2048;

/** Biases and slopes of fewer numbers are single precision everywhere. */
const LEAST_HALVES = 16;

/** Slices of fewer numbers are not stored in bytes. */
const LEAST_SLICE = 16;

/** Attributes of an ONNX operator: numbers, lists of integers, or text. */
export type Attributes = Readonly<Record<string, number | { float: number } | readonly number[] | string>>;

/** A side of an input's or output's shape: a length, or the name of one known only when the model runs. */
export type Side = number | string;

/** A function of this library's own domain: one output, and a body of ordinary operators that a runtime puts in its place. */
export interface OnnxFunction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Names of the attributes that the body refers to, or that say what it was written for. */
  readonly attributes: readonly string[];
  readonly body: readonly onnxProto.onnx.INodeProto[];
}

/** The domain of the functions, and the first opset that has all that their bodies use. */
const OWN_DOMAIN = 'nearface';
const FUNCTION_OPSET = 16;

/** How the weights of a layer are stored; what a runtime computes with are floats. */
export type StoredWeights = 'float16' | 'int8';

/** Collects an ONNX graph and writes the file. The same calls give the same bytes. */
export class OnnxFile {
  private readonly nodes: onnxProto.onnx.INodeProto[] = [];
  private readonly initializers: onnxProto.onnx.ITensorProto[] = [];
  private readonly functions = new Map<string, onnxProto.onnx.IFunctionProto>();

  /** @param most - weights of a layer of no more numbers are not stored in bytes */
  constructor(
    private readonly stored: StoredWeights = 'float16',
    private readonly most: number = SMALL,
  ) {}

  /** Adds an operator with one output and gives back the output's name. */
  node(op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.nodes.push({ opType: op, input: [...inputs], output: [output], attribute });
    return output;
  }

  /** Adds a call of a function, and the function when it is the first. */
  call(
    { name, inputs: parameters, output: result, attributes: names, body }: OnnxFunction,
    inputs: readonly string[],
    output: string,
    attributes: Attributes,
  ): string {
    this.functions.set(name, {
      domain: OWN_DOMAIN,
      name,
      input: [...parameters],
      output: [result],
      attribute: [...names],
      node: [...body],
      opsetImport: [{ domain: '', version: FUNCTION_OPSET }],
    });
    this.node(name, inputs, output, attributes);
    this.nodes.at(-1).domain = OWN_DOMAIN;
    return output;
  }

  /** Adds a constant of 32-bit floats. */
  floats(name: string, dims: readonly number[], data: Float32Array): string {
    return this.tensor(name, dims, onnx.TensorProto.DataType.FLOAT, littleEndian(data, 4, 'setFloat32'));
  }

  /**
   * Adds the weights of a layer, in slices along the axis `outputs`, one for each output channel. In bytes each slice is
   * whole numbers and a scale, which a runtime casts and multiplies at load, all of it being constant; few numbers, and slices
   * of few, are half precision there and cast alike. Where halves are wanted, small tensors that they cannot hold exactly stay
   * single: a twentieth of the error for few bytes.
   */
  weights(name: string, dims: readonly number[], data: Float32Array, outputs: number): string {
    const small = data.length <= this.most;
    if (this.stored === 'int8') {
      const slice = data.length / (dims[outputs] ?? 1);
      return small || slice < LEAST_SLICE
        ? this.halves(name, dims, data)
        : this.bytesAndScales(name, dims, data, outputs);
    }
    const exact = data.every((value) => halfToFloat(floatToHalf(value)) === value);
    return small && !exact ? this.floats(name, dims, data) : this.halves(name, dims, data);
  }

  /** Adds biases or slopes: single precision, or half where weights are bytes and they are worth a cast. */
  small(name: string, dims: readonly number[], data: Float32Array): string {
    const isHalf = this.stored === 'int8' && data.length >= LEAST_HALVES;
    return isHalf ? this.halves(name, dims, data) : this.floats(name, dims, data);
  }

  private bytesAndScales(name: string, dims: readonly number[], data: Float32Array, outputs: number): string {
    const { values, scales } = quantise(dims, data, outputs);
    this.tensor(`${name}q`, dims, onnx.TensorProto.DataType.INT8, new Uint8Array(values.buffer));
    const cast = this.node('Cast', [`${name}q`], `${name}f`, { to: onnx.TensorProto.DataType.FLOAT });
    const sides = dims.map((side, axis) => (axis === outputs ? side : 1));
    return this.node('Mul', [cast, this.halves(`${name}s`, sides, scales)], name);
  }

  private halves(name: string, dims: readonly number[], data: Float32Array): string {
    const bytes = littleEndian(Array.from(data, floatToHalf), 2, 'setUint16');
    this.tensor(`${name}h`, dims, onnx.TensorProto.DataType.FLOAT16, bytes);
    return this.node('Cast', [`${name}h`], name, { to: onnx.TensorProto.DataType.FLOAT });
  }

  /** Adds a constant of 64-bit integers (shapes, axes, pads). */
  integers(name: string, data: readonly number[]): string {
    const bytes = new Uint8Array(8 * data.length);
    const view = new DataView(bytes.buffer);
    data.forEach((number, index) => view.setBigInt64(8 * index, BigInt(number), true));
    return this.tensor(name, [data.length], onnx.TensorProto.DataType.INT64, bytes);
  }

  /** The bytes of the file: opset 13, or what functions need. */
  bytes(
    name: string,
    inputs: Readonly<Record<string, readonly Side[]>>,
    outputs: Readonly<Record<string, readonly Side[]>>,
  ): Uint8Array {
    const own = this.functions.size > 0;
    const model = onnx.ModelProto.create({
      irVersion: own ? 8 : 7,
      // Not the folder's name any more, but part of the shipped bytes and so of their hashes: it stays.
      producerName: 'nearface tools/models',
      opsetImport: own
        ? [
            { domain: '', version: FUNCTION_OPSET },
            { domain: OWN_DOMAIN, version: 1 },
          ]
        : [{ domain: '', version: 13 }],
      functions: [...this.functions.values()],
      graph: {
        name,
        node: this.nodes,
        initializer: this.initializers,
        input: Object.entries(inputs).map(([key, shape]) => valueInfo(key, shape)),
        output: Object.entries(outputs).map(([key, shape]) => valueInfo(key, shape)),
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }

  private tensor(name: string, dims: readonly number[], dataType: number, rawData: Uint8Array): string {
    this.initializers.push({ name, dims: [...dims], dataType, rawData });
    return name;
  }
}

/** An attribute of a node. */
export function attributeOf(name: string, value: Attributes[string]): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function valueInfo(name: string, shape: readonly Side[]): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape: { dim } } } };
}

/** The bytes of numbers as ONNX stores them. */
export function littleEndian(
  numbers: ArrayLike<number>,
  width: number,
  set: 'setFloat32' | 'setUint16',
): Uint8Array {
  const bytes = new Uint8Array(width * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < numbers.length; index++) view[set](width * index, numbers[index] ?? 0, true);
  return bytes;
}
