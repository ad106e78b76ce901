import type { Region, RegionStep } from './regions.ts';
import { UnsupportedGraph, type Constant, type GraphNode, type OnnxGraph } from './onnx-graph.ts';

/** A window over an image. */
export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [y: number, x: number];
  readonly dilation: number;
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
}

/** What is done to a sum before it is stored: nothing, max(x, 0), or a slope per channel below zero. */
export type Activation = 'none' | 'relu' | Float32Array;

interface Sum {
  readonly output: string;
  readonly input: string;
  /** An image of as many or fewer channels that is added before the activation. */
  readonly residual?: string;
  readonly activation: Activation;
}

/** A convolution, with what follows it. Weights are [outputs, inputs per group, height, width]. */
export interface Convolution extends Sum {
  readonly kind: 'conv';
  readonly window: Window;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly channels: number;
  readonly depthwise: boolean;
}

/** One step on images. */
export type Step =
  | Convolution
  | (Sum & { readonly kind: 'pointwise' })
  | { readonly kind: 'pool'; readonly input: string; readonly output: string; readonly window: Window }
  | { readonly kind: 'concat'; readonly inputs: readonly string[]; readonly output: string }
  /** The mean of each channel, as an image of one pixel. */
  | { readonly kind: 'mean'; readonly input: string; readonly output: string }
  /** Each channel times the logistic function of its number in `gate`, an image of one pixel. */
  | { readonly kind: 'gate'; readonly input: string; readonly gate: string; readonly output: string }
  | RegionStep;

/** An output: images as rows of channels, one after the other. */
export interface GraphOutput {
  readonly images: readonly { readonly name: string; readonly flat: boolean }[];
  /** Length of the vectors that a softmax is taken of; 0 for none. */
  readonly softmax: number;
}

/** A network for the engine, its steps in an order in which they can run. */
export interface Network {
  readonly input: string;
  readonly steps: readonly Step[];
  readonly outputs: readonly GraphOutput[];
}

/** Fuses a graph into the engine's steps. @throws UnsupportedGraph */
export function lower(graph: OnnxGraph, outputs: readonly string[]): Network {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0) throw new UnsupportedGraph('the graph has several inputs');
  const lowering = new Lowering(graph, input);
  const heads = outputs.map((name) => lowering.head(name));
  return { input, steps: lowering.steps, outputs: heads };
}

class Lowering {
  readonly steps: Step[] = [];
  readonly #graph: OnnxGraph;
  readonly #makers = new Map<string, GraphNode>();
  readonly #uses = new Map<string, number>();
  readonly #made: Set<string>;

  constructor(graph: OnnxGraph, input: string) {
    this.#graph = graph;
    this.#made = new Set([input]);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of node.inputs) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
    for (const name of graph.outputs) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  /** An output of the graph: softmax, concatenation, reshape and transposition of images, in this order. */
  head(name: string): GraphOutput {
    let node = this.#maker(name);
    const isSoftmax = node.type === 'Softmax';
    if (isSoftmax) {
      if (node.attributes.get('axis')?.[0] !== 2) throw new UnsupportedGraph('softmax along another axis');
      node = this.#maker(node.inputs[0]);
    }
    const parts = node.type === 'Concat' ? node.inputs.map((part) => this.#maker(part)) : [node];
    if (parts.length > 1 && node.attributes.get('axis')?.[0] !== 1)
      throw new UnsupportedGraph('concatenation along another axis');
    const softmax = isSoftmax ? this.#lastSide(parts[0]!) : 0;
    return { images: parts.map((part) => this.#image(part)), softmax };
  }

  #image(reshape: GraphNode): GraphOutput['images'][number] {
    const [placed = ''] = reshape.outputs;
    if (reshape.type === 'RegionPoints') {
      this.#make(placed);
      return { name: placed, flat: true };
    }
    if (reshape.type !== 'Reshape') throw new UnsupportedGraph(`an output made by ${reshape.type}`);
    const before = this.#makers.get(reshape.inputs[0] ?? '');
    const transposed = before?.type === 'Transpose';
    if (transposed && before.attributes.get('perm')?.join() !== '0,2,3,1')
      throw new UnsupportedGraph('another transposition');
    const name = (transposed ? before.inputs[0] : reshape.inputs[0]) ?? '';
    this.#make(name);
    return { name, flat: !transposed };
  }

  #lastSide(reshape: GraphNode): number {
    const side = this.#graph.constants.get(reshape.inputs[1] ?? '')?.integers?.at(-1) ?? 0;
    if (side > 0) return side;
    throw new UnsupportedGraph('softmax of vectors of unknown length');
  }

  #maker(name: string | undefined): GraphNode {
    const node = this.#makers.get(name ?? '');
    if (!node) throw new UnsupportedGraph(`nothing makes "${name}"`);
    return node;
  }

  /** Adds the steps that make an image, those it needs first. */
  #make(name: string): void {
    if (this.#made.has(name)) return;
    this.#made.add(name);
    const node = this.#maker(name);
    const [input = ''] = node.inputs;
    switch (node.type) {
      case 'Conv':
      case 'Add':
      case 'Relu':
      case 'PRelu':
        return this.#sum(name, node);
      case 'MaxPool':
        this.#make(input);
        this.steps.push({ kind: 'pool', input, output: name, window: poolOf(node) });
        return;
      case 'Concat':
        if (node.attributes.get('axis')?.[0] !== 1)
          throw new UnsupportedGraph('concatenation along another axis');
        for (const part of node.inputs) this.#make(part);
        this.steps.push({ kind: 'concat', inputs: node.inputs, output: name });
        return;
      case 'ReduceMean':
        if (node.attributes.get('axes')?.join() !== '2,3' || node.attributes.get('keepdims')?.[0] === 0)
          throw new UnsupportedGraph('a mean over other axes');
        this.#make(input);
        this.steps.push({ kind: 'mean', input, output: name });
        return;
      case 'Mul':
        return this.#gate(name, node);
      case 'RegionTransform':
      case 'RegionSample':
      case 'RegionPoints':
        for (const read of node.inputs) this.#make(read);
        this.steps.push(regionStep(node, name));
        return;
      default:
        throw new UnsupportedGraph(`the operator ${node.type}`);
    }
  }

  /** An image times the logistic function of another. */
  #gate(output: string, { inputs: [input = '', factor = ''] }: GraphNode): void {
    const sigmoid = this.#maker(factor);
    if (sigmoid.type !== 'Sigmoid') throw new UnsupportedGraph('another product');
    const [gate = ''] = sigmoid.inputs;
    this.#make(input);
    this.#make(gate);
    this.steps.push({ kind: 'gate', input, gate, output });
  }

  /** A chain of convolution, addition and activation, or any part of it, as one step. */
  #sum(output: string, last: GraphNode): void {
    let node = last;
    let activation: Activation = 'none';
    if (last.type === 'Relu' || last.type === 'PRelu') {
      activation = last.type === 'Relu' ? 'relu' : this.#floats(last.inputs[1]);
      const before = this.#fusable(last.inputs[0]);
      if (!before) return this.#pointwise(output, last.inputs[0] ?? '', undefined, activation);
      node = before;
    }
    if (node.type === 'Conv') return this.#convolution(output, node, undefined, activation);
    const [left = '', right = ''] = node.inputs;
    for (const [sum, residual] of [
      [left, right],
      [right, left],
    ] as const) {
      const before = this.#fusable(sum);
      if (before?.type === 'Conv' && this.#group(before) === 1)
        return this.#convolution(output, before, residual, activation);
    }
    this.#pointwise(output, left, right, activation);
  }

  /** The convolution or addition that makes `name`, if nothing else reads its result. */
  #fusable(name = ''): GraphNode | undefined {
    const node = this.#makers.get(name);
    const alone = this.#uses.get(name) === 1 && !this.#made.has(name);
    return alone && (node?.type === 'Conv' || node?.type === 'Add') ? node : undefined;
  }

  #pointwise(output: string, input: string, added: string | undefined, activation: Activation): void {
    this.#make(input);
    const residual = added === undefined ? {} : { residual: this.#residual(added) };
    this.steps.push({ kind: 'pointwise', output, input, activation, ...residual });
  }

  /** An image that is added; channels that a padding appends to it are left away, being zero. */
  #residual(name: string): string {
    const node = this.#makers.get(name);
    if (node?.type === 'Pad' && !this.#made.has(name)) {
      const pads = this.#graph.constants.get(node.inputs[1] ?? '')?.integers ?? [];
      const others = pads.some((pad, index) => pad !== 0 && index !== 5);
      if (pads.length !== 8 || others || node.inputs.length > 2)
        throw new UnsupportedGraph('another padding');
      return this.#residual(node.inputs[0] ?? '');
    }
    this.#make(name);
    return name;
  }

  #convolution(output: string, node: GraphNode, added: string | undefined, activation: Activation): void {
    const [input = '', weightsName = '', biasName] = node.inputs;
    const weights = this.#graph.constants.get(weightsName);
    const [channels = 0, perGroup = 0] = weights?.dims ?? [];
    const group = this.#group(node);
    if (group !== 1 && (perGroup !== 1 || group !== channels))
      throw new UnsupportedGraph('a grouped convolution');
    const bias = biasName === undefined ? new Float32Array(channels) : this.#floats(biasName);
    this.#make(input);
    const residual = added === undefined ? {} : { residual: this.#residual(added) };
    this.steps.push({
      kind: 'conv',
      output,
      input,
      activation,
      ...residual,
      window: windowOf(node, weights),
      weights: this.#floats(weightsName),
      bias,
      channels,
      depthwise: group !== 1,
    });
  }

  #group(node: GraphNode): number {
    return node.attributes.get('group')?.[0] ?? 1;
  }

  #floats(name = ''): Float32Array {
    const floats = this.#graph.constants.get(name)?.floats;
    if (!floats) throw new UnsupportedGraph(`the weights "${name}" are computed`);
    return floats;
  }
}

function regionStep({ type, inputs, attributes }: GraphNode, output: string): RegionStep {
  const [input = '', map = ''] = inputs;
  const number = (key: string): number => {
    const value = attributes.get(key)?.[0];
    if (value === undefined) throw new UnsupportedGraph(`a ${type} without ${key}`);
    return value;
  };
  if (type === 'RegionPoints') return { kind: 'regionPoints', input, map, output, unit: number('unit') };
  if (type === 'RegionSample') return { kind: 'regionSample', input, map, output, size: number('size') };
  const region: Region = {
    left: number('left'),
    right: number('right'),
    subset: attributes.get('subset') ?? [],
    scale: number('scale'),
    size: number('size'),
    pointScale: number('pointScale'),
  };
  return { kind: 'regionMap', input, output, region };
}

function windowOf({ attributes }: GraphNode, weights: Constant | undefined): Window {
  const [, , height = 1, width = 1] = weights?.dims ?? [];
  const [top = 0, left = 0, bottom = 0, right = 0] = attributes.get('pads') ?? [];
  const [strideY = 1, strideX = 1] = attributes.get('strides') ?? [];
  const [dilation = 1, dilationX = dilation] = attributes.get('dilations') ?? [];
  if (dilation !== dilationX || attributes.has('auto_pad')) throw new UnsupportedGraph('another window');
  return { kernel: [height, width], stride: [strideY, strideX], dilation, pads: [top, left, bottom, right] };
}

function poolOf(node: GraphNode): Window {
  const [height = 0, width = 0] = node.attributes.get('kernel_shape') ?? [];
  const window = windowOf(node, { dims: [1, 1, height, width] });
  // Every window has a pixel inside, or its largest would be of nothing.
  const outside = window.pads.some((pad, side) => pad >= window.kernel[side % 2]!);
  if (window.dilation !== 1 || outside || node.attributes.get('ceil_mode')?.[0])
    throw new UnsupportedGraph('another pooling');
  return window;
}
