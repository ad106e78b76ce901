import { ByteBuffer } from 'flatbuffers';
import { ModelFormatError } from './graph.ts';

/**
 * A table of a TFLite FlatBuffer, read field by field. Fields are numbered as in TensorFlow's schema.fbs; every
 * offset is checked against the file, so that a damaged file gives an error and not an endless read.
 */
export class Table {
  constructor(
    private readonly buffer: ByteBuffer,
    private readonly position: number,
  ) {
    this.check(position, 4);
  }

  /** The table that the file's first word points to. */
  static root(bytes: Uint8Array): Table {
    if (bytes.length < 8) throw new ModelFormatError('TFLite file is truncated: no header');
    const magic = String.fromCharCode(...bytes.subarray(4, 8));
    if (magic !== 'TFL3') throw new ModelFormatError(`not a TFLite file: the identifier is "${magic}"`);
    const buffer = new ByteBuffer(bytes);
    return new Table(buffer, buffer.readUint32(0));
  }

  /** A signed 32-bit field. */
  int(field: number, otherwise = 0): number {
    const at = this.offset(field, 4);
    return at === 0 ? otherwise : this.buffer.readInt32(at);
  }

  /** A signed byte (enumerations). */
  byte(field: number, otherwise = 0): number {
    const at = this.offset(field, 1);
    return at === 0 ? otherwise : this.buffer.readInt8(at);
  }

  /** A float. */
  float(field: number, otherwise = 0): number {
    const at = this.offset(field, 4);
    return at === 0 ? otherwise : this.buffer.readFloat32(at);
  }

  /** A string, empty when absent. */
  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  /** A vector of bytes, a view into the file. */
  bytes(field: number): Uint8Array {
    const [start, length] = this.vector(field, 1);
    return this.buffer.bytes().subarray(start, start + length);
  }

  /** A vector of 32-bit integers. */
  ints(field: number): number[] {
    const [start, length] = this.vector(field, 4);
    return Array.from({ length }, (_, index) => this.buffer.readInt32(start + 4 * index));
  }

  /** A table, or undefined when absent. */
  table(field: number): Table | undefined {
    const at = this.offset(field, 4);
    return at === 0 ? undefined : new Table(this.buffer, at + this.buffer.readUint32(at));
  }

  /** A vector of tables. */
  tables(field: number): Table[] {
    const [start, length] = this.vector(field, 4);
    return Array.from({ length }, (_, index) => {
      const at = start + 4 * index;
      return new Table(this.buffer, at + this.buffer.readUint32(at));
    });
  }

  private vector(field: number, elementBytes: number): [start: number, length: number] {
    const at = this.offset(field, 4);
    if (at === 0) return [0, 0];
    const position = at + this.buffer.readUint32(at);
    this.check(position, 4);
    const length = this.buffer.readUint32(position);
    this.check(position + 4, length * elementBytes);
    return [position + 4, length];
  }

  private offset(field: number, bytes: number): number {
    const vtable = this.position - this.buffer.readInt32(this.position);
    this.check(vtable, 4);
    const slot = 4 + 2 * field;
    if (slot + 2 > this.buffer.readUint16(vtable)) return 0;
    this.check(vtable + slot, 2);
    const within = this.buffer.readUint16(vtable + slot);
    if (within === 0) return 0;
    this.check(this.position + within, bytes);
    return this.position + within;
  }

  private check(position: number, bytes: number): void {
    if (position < 0 || position + bytes > this.buffer.capacity()) {
      throw new ModelFormatError(`TFLite file is truncated or damaged: nothing at byte ${position}`);
    }
  }
}

/** Field numbers of schema.fbs, for the tables that are read. */
export const FIELD = {
  model: { operatorCodes: 1, subgraphs: 2, buffers: 4 },
  operatorCode: { deprecatedCode: 0, customCode: 1, code: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, sparsity: 6 },
  operator: { code: 0, inputs: 1, outputs: 2, options: 4, customOptions: 5 },
  buffer: { data: 0 },
} as const;

/** Tensor types of schema.fbs that are read. */
export const TENSOR_TYPE = { float32: 0, float16: 1, int32: 2 } as const;

/** Builtin operators of schema.fbs that are read. */
export const OPERATOR: Readonly<Record<number, string>> = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  6: 'DEQUANTIZE',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  21: 'RELU6',
  22: 'RESHAPE',
  23: 'RESIZE_BILINEAR',
  25: 'SOFTMAX',
  34: 'PAD',
  40: 'MEAN',
  41: 'SUB',
  42: 'DIV',
  45: 'STRIDED_SLICE',
  47: 'EXP',
  54: 'PRELU',
  59: 'NEG',
  74: 'SUM',
  82: 'REDUCE_MAX',
  98: 'LEAKY_RELU',
  101: 'ABS',
};
