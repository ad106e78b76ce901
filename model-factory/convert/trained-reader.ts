import { readFile } from 'node:fs/promises';
import { halfToFloat } from './float16.ts';
import { GraphBuilder, imageSize, windowedSize } from './graph-builder.ts';
import {
  ModelFormatError,
  readable,
  sizeOf,
  valueOf,
  type Graph,
  type Padding,
  type Window,
} from './graph.ts';
import { permuted } from './layout.ts';

/** A file that `model-factory/train` wrote. */
export async function trainedFile(file: string): Promise<Uint8Array> {
  return readFile(new URL(`../train/${file}`, import.meta.url));
}

/** A layer of `model-factory/train/*.json`. `weight` is the shape of what it takes from the weights, a bias following a convolution's. */
type Layer = { readonly output: string } & (
  | {
      readonly op: 'conv' | 'depthwise';
      readonly input: string;
      /** [outputs, inputs per group, height, width]. */
      readonly weight: readonly [number, number, number, number];
      readonly stride: number;
      readonly pads: readonly [top: number, bottom: number, left: number, right: number];
    }
  | { readonly op: 'prelu'; readonly input: string; readonly weight: readonly [number] }
  | { readonly op: 'pool'; readonly input: string }
  /** Appends channels of zeros. */
  | { readonly op: 'channels'; readonly input: string; readonly more: number }
  | { readonly op: 'add'; readonly inputs: readonly [string, string] }
);

interface Description {
  readonly input: readonly [height: number, width: number, channels: number];
  /** What each number of an output is the logit of. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly layers: readonly Layer[];
}

/** Reads a network that `model-factory/train/save.py` wrote: its description and its weights in half precision. */
export function readTrained(description: string, weights: Uint8Array): Graph {
  return readable('the trained network', () =>
    new Reader(JSON.parse(description) as Description, weights).graph(),
  );
}

const POOL: Window = {
  kernel: [2, 2],
  stride: [2, 2],
  dilation: [1, 1],
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
};

class Reader {
  readonly #builder = new GraphBuilder();
  readonly #weights: DataView;
  #at = 0;

  constructor(
    private readonly description: Description,
    weights: Uint8Array,
  ) {
    this.#weights = new DataView(weights.buffer, weights.byteOffset, weights.byteLength);
  }

  graph(): Graph {
    const { input, layers, outputs } = this.description;
    this.#builder.value('input', [1, ...input]);
    for (const layer of layers) this.#layer(layer);
    if (this.#at !== this.#weights.byteLength) {
      throw new ModelFormatError(`${this.#weights.byteLength - this.#at} bytes of weights are left over`);
    }
    return this.#builder.graph(['input'], Object.keys(outputs));
  }

  #layer(layer: Layer): void {
    const builder = this.#builder;
    switch (layer.op) {
      case 'conv':
      case 'depthwise':
        return this.#convolution(layer);
      case 'prelu': {
        const slope = this.#constant(`${layer.output}/slope`, layer.weight);
        builder.value(layer.output, valueOf(builder, layer.input).shape);
        return builder.node({ op: 'PRelu' }, [layer.input, slope], layer.output);
      }
      case 'pool': {
        const { shape } = valueOf(builder, layer.input);
        const size = windowedSize(imageSize(shape), POOL.kernel, POOL.stride, POOL.dilation, POOL.padding);
        builder.value(layer.output, [1, ...size, shape[3] ?? 0]);
        return builder.node({ op: 'MaxPool', window: POOL }, [layer.input], layer.output);
      }
      case 'channels': {
        const { shape } = valueOf(builder, layer.input);
        builder.value(layer.output, [...shape.slice(0, 3), (shape[3] ?? 0) + layer.more]);
        const pads = [...Array.from({ length: 3 }, () => [0, 0] as const), [0, layer.more] as const];
        return builder.node({ op: 'Pad', pads }, [layer.input], layer.output);
      }
      case 'add':
        builder.value(layer.output, valueOf(builder, layer.inputs[0]).shape);
        return builder.node({ op: 'Add' }, layer.inputs, layer.output);
    }
  }

  #convolution(layer: Layer & { op: 'conv' | 'depthwise' }): void {
    const builder = this.#builder;
    const { input, output, stride } = layer;
    const [outputs, perGroup, height, width] = layer.weight;
    const [top, bottom, left, right] = layer.pads;
    const padding: Padding = { top, bottom, left, right };
    const data = this.#floats(sizeOf(layer.weight));
    const depthwise = layer.op === 'depthwise';
    // [outputs, inputs, kh, kw] to [kh, kw, inputs, outputs], or of a depthwise one to [kh, kw, channels, 1].
    const order = depthwise ? ([2, 3, 0, 1] as const) : ([2, 3, 1, 0] as const);
    const shape = order.map((axis) => layer.weight[axis]);
    builder.value(`${output}/weight`, shape, permuted([outputs, perGroup, height, width], [...order], data));
    const bias = this.#constant(`${output}/bias`, [outputs]);
    const window: Window = {
      kernel: [height, width],
      stride: [stride, stride],
      dilation: [1, 1],
      padding,
    };
    const from = imageSize(valueOf(builder, input).shape);
    const size = windowedSize(from, window.kernel, window.stride, window.dilation, padding);
    builder.value(output, [1, ...size, outputs]);
    builder.node(
      { op: depthwise ? 'DepthwiseConv' : 'Conv', window },
      [input, `${output}/weight`, bias],
      output,
    );
  }

  #constant(name: string, shape: readonly number[]): string {
    return this.#builder.value(name, shape, this.#floats(sizeOf(shape))).name;
  }

  /** The next weights. */
  #floats(length: number): Float32Array {
    const start = this.#at;
    this.#at += 2 * length;
    return Float32Array.from({ length }, (_, i) => halfToFloat(this.#weights.getUint16(start + 2 * i, true)));
  }
}
