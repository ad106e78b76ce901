/** An ONNX file as far as the engine reads it; anything else in it is skipped. Source: onnx.proto3 of ONNX 1.16. */

/** A constant: weights as floats, shapes as integers. */
export interface Constant {
  readonly dims: readonly number[];
  readonly floats?: Float32Array;
  readonly integers?: readonly number[];
}

/** One operator. */
export interface GraphNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Numbers and lists of integers, the only kinds of attribute that the engine's operators have. */
  readonly attributes: ReadonlyMap<string, readonly number[]>;
}

/** The graph of an ONNX file. */
export interface OnnxGraph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A damaged file, or an operator or type that the engine does not know. */
export class UnsupportedGraph extends Error {}

interface Field {
  readonly field: number;
  /** Whole numbers, fixed 32-bit floats, or bytes. */
  readonly value: number | Uint8Array;
}

const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
const FLOAT16 = 10;

/** Reads an ONNX file. @throws UnsupportedGraph */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  const graph = blobs(fields(bytes), 7)[0];
  if (!graph) throw new UnsupportedGraph('the file has no graph');
  const parts = fields(graph);
  const constants = new Map(blobs(parts, 5).map((tensor) => readTensor(fields(tensor))));
  const nodes: GraphNode[] = [];
  for (const node of blobs(parts, 1).map(readNode)) {
    const folded = foldConstants(node, constants);
    if (folded) constants.set(node.outputs[0] ?? '', folded);
    else nodes.push(node);
  }
  const named = (field: number): string[] => blobs(parts, field).map((value) => text(fields(value), 1));
  const inputs = named(11).filter((name) => !constants.has(name));
  return { nodes, constants, inputs, outputs: named(12) };
}

/**
 * What a node makes of stored constants, or undefined: weights in half precision are cast where they are used, those in
 * bytes are cast and multiplied by a scale per output channel.
 */
function foldConstants(
  { type, inputs }: GraphNode,
  constants: ReadonlyMap<string, Constant>,
): Constant | undefined {
  const [stored, scales] = inputs.map((name) => constants.get(name));
  if (type === 'Cast') return stored;
  return type === 'Mul' && stored && scales ? scaled(stored, scales) : undefined;
}

/** A constant times one whose sides are its own or 1, with one number for each place along a single axis. */
function scaled({ dims, floats }: Constant, { dims: sides, floats: factors }: Constant): Constant {
  const axes = sides.flatMap((side, axis) => (side === 1 ? [] : [axis]));
  const [axis = 0] = axes;
  const fits = sides.length === dims.length && axes.length <= 1 && [1, dims[axis]].includes(sides[axis]);
  const product = floats?.slice();
  const counts = sides.reduce((count, side) => count * side, 1);
  if (!product || factors?.length !== counts || !fits)
    throw new UnsupportedGraph('another product of constants');
  const inner = dims.slice(axis + 1).reduce((length, side) => length * side, 1);
  for (let at = 0; at < product.length; at += inner) {
    const factor = factors[(at / inner) % factors.length]!;
    for (let i = at; i < at + inner; i++) product[i]! *= factor;
  }
  return { dims, floats: product };
}

function readNode(bytes: Uint8Array): GraphNode {
  const parts = fields(bytes);
  const names = (field: number): string[] => blobs(parts, field).map((name) => decode(name));
  const attributes = new Map(
    blobs(parts, 5).map((attribute) => {
      const inside = fields(attribute);
      return [
        text(inside, 1),
        [...integers(inside, 3), ...floats(inside, 2), ...integers(inside, 8)],
      ] as const;
    }),
  );
  return { type: text(parts, 4), inputs: names(1), outputs: names(2), attributes };
}

function readTensor(parts: readonly Field[]): [name: string, constant: Constant] {
  const dims = integers(parts, 1);
  const type = integers(parts, 2)[0];
  const raw = blobs(parts, 9)[0];
  const name = text(parts, 8);
  if (!raw) return [name, { dims }];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  switch (type) {
    case FLOAT:
      return [name, { dims, floats: floatsOf(raw.length / 4, (i) => view.getFloat32(4 * i, true)) }];
    case FLOAT16:
      return [name, { dims, floats: floatsFromHalves(view) }];
    case INT8:
      return [name, { dims, floats: floatsOf(raw.length, (i) => view.getInt8(i)) }];
    case INT64: {
      const values = Array.from({ length: raw.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
      return [name, { dims, integers: values }];
    }
    default:
      return [name, { dims }];
  }
}

function floatsOf(length: number, at: (index: number) => number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = at(i);
  return values;
}

/** Little-endian IEEE 754 binary16 numbers. */
export function floatsFromHalves(view: DataView): Float32Array {
  const floats = new Float32Array(view.byteLength / 2);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < floats.length; i++) {
    const half = view.getUint16(2 * i, true);
    const sign = (half & 0x8000) << 16;
    const size = half & 0x7fff;
    if (size >= 0x7c00) bits[i] = sign | 0x7f800000 | ((size & 0x3ff) << 13);
    else if (size >= 0x400) bits[i] = sign | ((size << 13) + 0x38000000);
    else floats[i] = (sign ? -1 : 1) * size * 2 ** -24;
  }
  return floats;
}

function blobs(parts: readonly Field[], field: number): Uint8Array[] {
  return parts.flatMap((part) =>
    part.field === field && typeof part.value !== 'number' ? [part.value] : [],
  );
}

/** A field's whole numbers, packed or one by one. */
function integers(parts: readonly Field[], field: number): number[] {
  return parts
    .filter((part) => part.field === field)
    .flatMap(({ value }) => {
      if (typeof value === 'number') return [value];
      const reader = new WireReader(value);
      const found: number[] = [];
      while (!reader.done) found.push(reader.varint());
      return found;
    });
}

/** A field's 32-bit floats. */
function floats(parts: readonly Field[], field: number): number[] {
  return blobs(parts, field).map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true));
}

function text(parts: readonly Field[], field: number): string {
  const bytes = blobs(parts, field)[0];
  return bytes ? decode(bytes) : '';
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function fields(bytes: Uint8Array): Field[] {
  const reader = new WireReader(bytes);
  const found: Field[] = [];
  while (!reader.done) found.push(reader.field());
  return found;
}

/** Protocol buffers' wire format. Source: protobuf.dev/programming-guides/encoding. */
class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  field(): Field {
    const key = this.varint();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        return { field, value: this.varint() };
      case 1:
        return { field, value: this.#take(8) };
      case 2:
        return { field, value: this.#take(this.varint()) };
      case 5:
        return { field, value: this.#take(4) };
      default:
        throw new UnsupportedGraph('the file is damaged');
    }
  }

  /** A signed whole number of up to 64 bits. */
  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
      if (shift > 63n) throw new UnsupportedGraph('the file is damaged');
    }
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count;
    if (!(count >= 0 && end <= this.#bytes.length)) throw new UnsupportedGraph('the file is truncated');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
