import { edited, onlyReader, usesOf } from './graph-edit.ts';
import { valueOf, type Graph, type Node, type Value } from './graph.ts';

/**
 * Moves a scale and a shift a channel (batch normalisation, a bias) that follow a convolution into its weights
 * and bias, until none is left.
 */
export function foldAffine(graph: Graph): Graph {
  for (let current = graph; ;) {
    const next = foldOne(current);
    if (next === undefined) return current;
    current = next;
  }
}

function foldOne(graph: Graph): Graph | undefined {
  const uses = usesOf(graph);
  for (const node of graph.nodes) {
    const { op } = node.does;
    if (op !== 'Conv' && op !== 'DepthwiseConv') continue;
    const reader = onlyReader(graph, uses, node.output);
    if (reader?.does.op !== 'Mul' && reader?.does.op !== 'Add') continue;
    const other = reader.inputs.find((name) => name !== node.output) ?? '';
    const perChannel = channelConstant(graph, other, valueOf(graph, node.output).shape.at(-1) ?? 0);
    if (perChannel === undefined) continue;
    const folded =
      reader.does.op === 'Mul' ? scaled(graph, node, perChannel) : shifted(graph, node, perChannel);
    const { weights, bias } = folded;
    const inputs = [node.inputs[0] ?? '', weights.name, bias.name];
    const replaced = new Map([
      [node, { ...node, inputs, output: reader.output }],
      [reader, undefined],
    ]);
    return edited(graph, replaced, [weights, bias]);
  }
  return undefined;
}

/** The constant `name` as one number a channel, if that is what it is. */
function channelConstant(graph: Graph, name: string, channels: number): Float64Array | undefined {
  const value = graph.values.get(name);
  if (!(value?.data instanceof Float32Array)) return undefined;
  if (value.data.length === 1) return new Float64Array(channels).fill(value.data[0] ?? 0);
  return value.data.length === channels && value.shape.at(-1) === channels
    ? Float64Array.from(value.data)
    : undefined;
}

function scaled(graph: Graph, node: Node, by: Float64Array): { weights: Value; bias: Value } {
  const old = valueOf(graph, node.inputs[1] ?? '');
  // The last axes of the weights are the output channels: [.., outputs] or [.., channels, multiplier].
  const data = Float32Array.from(old.data ?? [], (weight, index) => weight * (by[index % by.length] ?? 0));
  const bias = biasOf(graph, node, by.length).map((number, index) => number * (by[index] ?? 0));
  return { weights: { name: `${old.name}/scaled`, shape: old.shape, data }, bias: biasValue(node, bias) };
}

function shifted(graph: Graph, node: Node, by: Float64Array): { weights: Value; bias: Value } {
  const bias = biasOf(graph, node, by.length).map((number, index) => number + (by[index] ?? 0));
  return { weights: valueOf(graph, node.inputs[1] ?? ''), bias: biasValue(node, bias) };
}

/** The bias of a convolution, zeros where it has none. */
export function biasOf(graph: Graph, node: Node, channels: number): Float64Array {
  const name = node.inputs[2];
  return name === undefined ? new Float64Array(channels) : Float64Array.from(valueOf(graph, name).data ?? []);
}

function biasValue(node: Node, bias: Float64Array): Value {
  return { name: `${node.output}/bias`, shape: [bias.length], data: Float32Array.from(bias) };
}
