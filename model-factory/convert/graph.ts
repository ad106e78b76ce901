/** The small graph that both readers produce and the ONNX writer consumes. Axes are NHWC. */

/** A value of the graph; a constant when `data` is there. `shape[0]` of a non-constant is the batch axis. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data?: Float32Array | Int32Array;
}

/** Zero padding in pixels. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Sliding window of a convolution or pool. */
export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** Operators without parameters of their own. */
export type PlainOp = 'Relu' | 'Abs' | 'Neg' | 'Exp' | 'Sigmoid' | 'Add' | 'Sub' | 'Mul' | 'Div';

/**
 * What a node does. Weights of `Conv` are [kh, kw, inputs, outputs], of `DepthwiseConv` [kh, kw, channels,
 * multiplier], of `MatMul` [inputs, outputs]; a bias is always the third input.
 */
export type Operation =
  | { readonly op: PlainOp }
  | { readonly op: 'Conv' | 'DepthwiseConv' | 'MaxPool' | 'AveragePool'; readonly window: Window }
  | { readonly op: 'Clip'; readonly min: number; readonly max: number }
  | { readonly op: 'LeakyRelu'; readonly alpha: number }
  | { readonly op: 'PRelu' }
  | { readonly op: 'MatMul' }
  | { readonly op: 'Pad'; readonly pads: readonly (readonly [before: number, after: number])[] }
  | {
      readonly op: 'Resize';
      readonly size: readonly [height: number, width: number];
      readonly halfPixel: boolean;
    }
  | { readonly op: 'Concat' | 'Softmax'; readonly axis: number }
  | { readonly op: 'Sum' | 'Max' | 'Mean'; readonly axes: readonly number[]; readonly keepDims: boolean }
  | { readonly op: 'Reshape' }
  | RegionOperation;

/**
 * What an attention mesh does with parts of a face, as MediaPipe's TFLite operators of these names; `RegionTransform` is
 * their Landmarks2TransformMatrix. Source: mediapipe/util/tflite/operations.
 */
export type RegionOperation =
  | {
      /**
       * From points [batch, n, 3], times `pointScale`, to the map [batch, 4, 4] of a region's pixels, `size`², onto the image that
       * they lie in: the box around the points `subset`, turned so that `left` and `right` are level, enlarged `scale` times.
       */
      readonly op: 'RegionTransform';
      readonly left: number;
      readonly right: number;
      readonly subset: readonly number[];
      readonly scale: number;
      readonly size: number;
      readonly pointScale: number;
    }
  /** From an image and a map to the region, `size`², sampled bilinearly; 0 outside the image. */
  | { readonly op: 'RegionSample'; readonly size: number }
  /** From points [batch, n, 2] of a region and its map, whose shift is multiplied by `unit`, to points [batch, n, 2]. */
  | { readonly op: 'RegionPoints'; readonly unit: number };

/** One operator with one output. */
export interface Node {
  readonly does: Operation;
  readonly inputs: readonly string[];
  readonly output: string;
}

/** A model: values by name and nodes in the order of execution. */
export interface Graph {
  readonly values: ReadonlyMap<string, Value>;
  readonly nodes: readonly Node[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A model that cannot be read or converted; the message says what and where. */
export class ModelFormatError extends Error {
  override readonly name = 'ModelFormatError';
}

/** Runs a reader; whatever a damaged file makes it throw becomes a `ModelFormatError`. */
export function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ModelFormatError) throw cause;
    throw new ModelFormatError(`${what} is truncated or damaged`, { cause });
  }
}

/** The value called `name`, or an error that names it. */
export function valueOf(graph: Pick<Graph, 'values'>, name: string): Value {
  const value = graph.values.get(name);
  if (value === undefined) throw new ModelFormatError(`no value is called "${name}"`);
  return value;
}

/** The data of a constant of floats, or an error that names it. */
export function floatsOf(graph: Pick<Graph, 'values'>, name: string): Float32Array {
  const { data } = valueOf(graph, name);
  if (!(data instanceof Float32Array)) throw new ModelFormatError(`"${name}" is not a constant of floats`);
  return data;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
