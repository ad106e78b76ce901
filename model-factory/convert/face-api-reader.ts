import type { ModelInput, ShapeLayer } from '../../src/core/manifest.ts';
import { GraphBuilder, imageSize, windowedSize } from './graph-builder.ts';
import { ModelFormatError, readable, sizeOf, valueOf, type Graph, type Window } from './graph.ts';
import { NO_PADDING, samePadding2d } from './padding.ts';

/** Side of the input that face-api's networks are run at. */
const SIZE = 112;

/** What face-api subtracts from red, green and blue before it divides by 255. Source: FaceFeatureExtractor.ts, TinyXception.ts. */
const MEAN = [122.782, 117.001, 104.298] as const;

/** A fitted layer that takes the place of the last one: weights [features, outputs], row by row. */
export interface Head {
  readonly weights: readonly number[];
  readonly bias: readonly number[];
  /** Fitted with it; no part of the network. */
  readonly shape?: ShapeLayer;
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/**
 * Reads one of face-api's networks, whose weights come without a graph: the graph is written down here from
 * FaceFeatureExtractor.ts, TinyXception.ts and AgeGenderNet.ts of that package. `json` is its weights manifest; `head`, for the
 * expressions, replaces the last layer. The input is RGB, or grey in place of all three, minus its `mean`; the rest of the mean
 * moves into the first bias, which is exact but for the last row and column, where the padding then stands for `mean` instead of
 * the mean colour.
 */
export function readFaceApi(
  json: string,
  weights: Uint8Array,
  input: Pick<ModelInput, 'channels' | 'mean'>,
  head?: Head,
): Graph {
  return readable('face-api network', () => {
    const specs = (JSON.parse(json) as { readonly weights: readonly WeightSpec[] }[]).flatMap(
      (group) => group.weights,
    );
    const network = new Network(specs, weights, input);
    return specs.some(({ name }) => name.startsWith('entry_flow'))
      ? network.ageGender()
      : network.expression(head);
  });
}

class Network {
  readonly #builder = new GraphBuilder();
  readonly #weights = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  #made = 0;

  constructor(
    specs: readonly WeightSpec[],
    bytes: Uint8Array,
    { channels, mean }: Pick<ModelInput, 'channels' | 'mean'>,
  ) {
    let at = 0;
    for (const spec of specs) {
      const length = sizeOf(spec.shape);
      const end = at + length * (spec.quantization ? 1 : 4);
      // A copy, so that floats may begin anywhere.
      const stored = Uint8Array.from(bytes.subarray(at, end));
      at = end;
      this.#weights.set(spec.name, { shape: spec.shape, data: floats(spec, stored, length) });
    }
    if (at > bytes.length) throw new ModelFormatError('the weights end too early');
    if (at < bytes.length) throw new ModelFormatError(`${bytes.length - at} bytes of weights are left over`);
    this.#builder.value('input', [1, SIZE, SIZE, channels === 'grey' ? 1 : 3]);
    const first = this.#weights.has('dense0/conv0/bias') ? 'dense0/conv0' : 'entry_flow/conv_in';
    this.#moveMean(first, mean);
    if (channels === 'grey') this.#joinChannels(first);
  }

  /** FaceFeatureExtractor and FaceExpressionNet: four dense blocks of four layers, the mean of all pixels, one layer. */
  expression(head?: Head): Graph {
    let x = 'input';
    for (let block = 0; block < 4; block++) x = this.#denseBlock(x, `dense${block}`, block === 0);
    const own = this.#weight('fc/weights');
    const layer = head
      ? { weights: Float32Array.from(head.weights), bias: Float32Array.from(head.bias) }
      : { weights: own.data, bias: this.#weight('fc/bias').data };
    const end = this.#fullyConnected(this.#mean(x), layer.weights, layer.bias, 'expression');
    return this.#builder.graph(['input'], [end]);
  }

  /** TinyXception with two main blocks, and AgeGenderNet: the age in years, and logits of male and female. */
  ageGender(): Graph {
    let x = this.#relu(this.#conv('input', 'entry_flow/conv_in', 2));
    x = this.#reductionBlock(x, 'entry_flow/reduction_block_0', false);
    x = this.#reductionBlock(x, 'entry_flow/reduction_block_1', true);
    for (let block = 0; block < 2; block++) {
      let out = x;
      for (let i = 0; i < 3; i++)
        out = this.#separable(this.#relu(out), `middle_flow/main_block_${block}/separable_conv${i}`);
      x = this.#add(out, x);
    }
    x = this.#reductionBlock(x, 'exit_flow/reduction_block', true);
    const pooled = this.#mean(this.#relu(this.#separable(x, 'exit_flow/separable_conv')));
    const ends = ['age', 'gender'].map((name) =>
      this.#fullyConnected(
        pooled,
        this.#weight(`fc/${name}/weights`).data,
        this.#weight(`fc/${name}/bias`).data,
        name,
      ),
    );
    return this.#builder.graph(['input'], ends);
  }

  #denseBlock(x: string, name: string, isFirst: boolean): string {
    const first = isFirst ? this.#conv(x, `${name}/conv0`, 2) : this.#separable(x, `${name}/conv0`, 2);
    let sum = this.#relu(first);
    let before = sum;
    for (let layer = 1; layer < 4; layer++) {
      // Sums are taken before ReLU, since each layer adds to all that came before it.
      sum = this.#add(this.#separable(before, `${name}/conv${layer}`), sum);
      before = this.#relu(sum);
    }
    return before;
  }

  #reductionBlock(x: string, name: string, activated: boolean): string {
    const inner = this.#separable(activated ? this.#relu(x) : x, `${name}/separable_conv0`);
    const out = this.#separable(this.#relu(inner), `${name}/separable_conv1`);
    return this.#add(this.#conv(x, `${name}/expansion_conv`, 2), this.#maxPool(out));
  }

  #moveMean(name: string, inputMean: number): void {
    const filters = this.#weight(`${name}/filters`);
    const bias = this.#weight(`${name}/bias`).data;
    const outputs = filters.shape[3] ?? 0;
    filters.data.forEach((weight, i) => {
      const channel = Math.floor(i / outputs) % 3;
      bias[i % outputs] = (bias[i % outputs] ?? 0) + (weight * (inputMean - (MEAN[channel] ?? 0))) / 255;
    });
  }

  /** One filter for the three that see the same grey. */
  #joinChannels(name: string): void {
    const { shape, data } = this.#weight(`${name}/filters`);
    const [height = 0, width = 0, , outputs = 0] = shape;
    const joined = new Float32Array(height * width * outputs);
    data.forEach((weight, i) => {
      const at = Math.floor(i / (3 * outputs)) * outputs + (i % outputs);
      joined[at] = (joined[at] ?? 0) + weight;
    });
    this.#weights.set(`${name}/filters`, { shape: [height, width, 1, outputs], data: joined });
  }

  #weight(name: string): { readonly shape: readonly number[]; readonly data: Float32Array } {
    const weight = this.#weights.get(name);
    if (!weight) throw new ModelFormatError(`the weights have no "${name}"`);
    return weight;
  }

  #constant(shape: readonly number[], data: Float32Array): string {
    return this.#builder.value(`constant${this.#made++}`, shape, data).name;
  }

  #value(shape: readonly number[]): string {
    return this.#builder.value(`value${this.#made++}`, shape).name;
  }

  #conv(x: string, name: string, stride: number): string {
    const { shape, data } = this.#weight(`${name}/filters`);
    return this.#windowed('Conv', x, shape, data, stride, this.#weight(`${name}/bias`).data);
  }

  #separable(x: string, name: string, stride: number = 1): string {
    const depthwise = this.#weight(`${name}/depthwise_filter`);
    const pointwise = this.#weight(`${name}/pointwise_filter`);
    const filtered = this.#windowed('DepthwiseConv', x, depthwise.shape, depthwise.data, stride);
    return this.#windowed(
      'Conv',
      filtered,
      pointwise.shape,
      pointwise.data,
      1,
      this.#weight(`${name}/bias`).data,
    );
  }

  #windowed(
    op: 'Conv' | 'DepthwiseConv',
    x: string,
    shape: readonly number[],
    data: Float32Array,
    stride: number,
    bias?: Float32Array,
    padded: boolean = true,
  ): string {
    const [height = 1, width = 1, inputs = 1, last = 1] = shape;
    const window = this.#window(x, [height, width], stride, padded);
    const channels = op === 'Conv' ? last : inputs;
    const output = this.#value([1, ...this.#sizeAfter(x, window), channels]);
    const names = [x, this.#constant(shape, data), ...(bias ? [this.#constant([channels], bias)] : [])];
    this.#builder.node({ op, window }, names, output);
    return output;
  }

  #window(x: string, kernel: readonly [number, number], stride: number, padded: boolean): Window {
    const steps = [stride, stride] as const;
    const size = imageSize(valueOf(this.#builder, x).shape);
    const padding = padded ? samePadding2d(size, kernel, steps, [1, 1]) : NO_PADDING;
    return { kernel, stride: steps, dilation: [1, 1], padding };
  }

  #sizeAfter(x: string, { kernel, stride, dilation, padding }: Window): [number, number] {
    return windowedSize(imageSize(valueOf(this.#builder, x).shape), kernel, stride, dilation, padding);
  }

  #maxPool(x: string): string {
    const window = this.#window(x, [3, 3], 2, true);
    const output = this.#value([1, ...this.#sizeAfter(x, window), valueOf(this.#builder, x).shape[3] ?? 0]);
    this.#builder.node({ op: 'MaxPool', window }, [x], output);
    return output;
  }

  #relu(x: string): string {
    const output = this.#value(valueOf(this.#builder, x).shape);
    this.#builder.node({ op: 'Relu' }, [x], output);
    return output;
  }

  #add(a: string, b: string): string {
    const output = this.#value(valueOf(this.#builder, a).shape);
    this.#builder.node({ op: 'Add' }, [a, b], output);
    return output;
  }

  /** The sum over all pixels; its divisor is in the weights of what follows. */
  #mean(x: string): string {
    const [, height = 0, width = 0, channels = 0] = valueOf(this.#builder, x).shape;
    const ones = new Float32Array(height * width * channels).fill(1);
    return this.#windowed('DepthwiseConv', x, [height, width, channels, 1], ones, 1, undefined, false);
  }

  #fullyConnected(x: string, weights: Float32Array, bias: Float32Array, name: string): string {
    const pixels = (SIZE / 16) ** 2;
    const shape = [1, 1, weights.length / bias.length, bias.length];
    const sum = this.#windowed(
      'Conv',
      x,
      shape,
      weights.map((weight) => weight / pixels),
      1,
      bias,
    );
    this.#builder.value(name, [1, bias.length]);
    this.#builder.node({ op: 'Reshape' }, [sum], name);
    return name;
  }
}

/** Weights of one byte are `byte · scale + min`. */
function floats({ name, dtype, quantization }: WeightSpec, bytes: Uint8Array, length: number): Float32Array {
  if (quantization?.dtype === 'uint8')
    return Float32Array.from({ length }, (_, i) => (bytes[i] ?? NaN) * quantization.scale + quantization.min);
  if (quantization || dtype !== 'float32')
    throw new ModelFormatError(`"${name}" has a type that is not read`);
  return new Float32Array(bytes.buffer, 0, length);
}
