import { biasOf } from './fold-affine.ts';
import { edited, onlyReader, usesOf } from './graph-edit.ts';
import { valueOf, type Graph, type Node, type Value } from './graph.ts';

/**
 * Makes one 1×1 convolution of two that follow each other with nothing between them: W = W₁·W₂, and the first
 * bias passes through W₂. Only where that is less work.
 */
export function mergeLinearConvolutions(graph: Graph): Graph {
  for (let current = graph; ;) {
    const next = mergeOne(current);
    if (next === undefined) return current;
    current = next;
  }
}

function mergeOne(graph: Graph): Graph | undefined {
  const uses = usesOf(graph);
  for (const first of graph.nodes) {
    const second = onlyReader(graph, uses, first.output);
    if (second === undefined || !isPointwise(first) || !isPointwise(second)) continue;
    if (first.output !== second.inputs[0]) continue;
    const [, , inputs = 0, inner = 0] = valueOf(graph, first.inputs[1] ?? '').shape;
    const outputs = valueOf(graph, second.inputs[1] ?? '').shape[3] ?? 0;
    if (inputs * outputs > inputs * inner + inner * outputs) continue;
    const [weights, bias] = product(graph, first, second, [inputs, inner, outputs]);
    const merged: Node = { ...second, inputs: [first.inputs[0] ?? '', weights.name, bias.name] };
    const replaced = new Map<Node, Node | undefined>([
      [first, undefined],
      [second, merged],
    ]);
    return edited(graph, replaced, [weights, bias]);
  }
  return undefined;
}

/** A 1×1 convolution of stride 1, or any that sees a 1×1 image through a 1×1 kernel. */
function isPointwise({ does }: Node): boolean {
  if (does.op !== 'Conv') return false;
  const { kernel, stride } = does.window;
  return kernel[0] === 1 && kernel[1] === 1 && stride[0] === 1 && stride[1] === 1;
}

function product(
  graph: Graph,
  first: Node,
  second: Node,
  [inputs, inner, outputs]: readonly [number, number, number],
): [weights: Value, bias: Value] {
  const a = valueOf(graph, first.inputs[1] ?? '').data ?? [];
  const b = valueOf(graph, second.inputs[1] ?? '').data ?? [];
  const rows = (left: ArrayLike<number>, count: number, onto: Float64Array): Float64Array => {
    for (let row = 0; row < count; row++) {
      for (let middle = 0; middle < inner; middle++) {
        const factor = left[row * inner + middle] ?? 0;
        for (let column = 0; column < outputs; column++) {
          const at = row * outputs + column;
          onto[at] = (onto[at] ?? 0) + factor * (b[middle * outputs + column] ?? 0);
        }
      }
    }
    return onto;
  };
  const weights = rows(a, inputs, new Float64Array(inputs * outputs));
  const bias = rows(biasOf(graph, first, inner), 1, biasOf(graph, second, outputs));
  return [
    { name: `${second.output}/merged`, shape: [1, 1, inputs, outputs], data: Float32Array.from(weights) },
    { name: `${second.output}/merged bias`, shape: [outputs], data: Float32Array.from(bias) },
  ];
}
