import { edited, usesOf, withoutUnused, type Uses } from './graph-edit.ts';
import type { Graph, Node, Value } from './graph.ts';

/** An expression that equals `factor · min(x, 0)`. */
interface NegativePart {
  readonly of: string;
  readonly factor: number;
}

/**
 * Folds relu(x) + a·(x − |x|), relu(x) − a·relu(−x) and their variants into one PRelu, whose slope is the
 * factor of min(x, 0).
 */
export function foldPRelu(graph: Graph): Graph {
  const uses = usesOf(graph);
  const replaced = new Map<Node, Node>();
  const slopes: Value[] = [];
  for (const node of graph.nodes) {
    const match = preluOf(graph, uses, node);
    if (match === undefined) continue;
    slopes.push(match.slope);
    replaced.set(node, { does: { op: 'PRelu' }, inputs: [match.of, match.slope.name], output: node.output });
  }
  return withoutUnused(edited(graph, replaced, slopes));
}

function preluOf(graph: Graph, uses: Uses, node: Node): { of: string; slope: Value } | undefined {
  const { op } = node.does;
  if (op !== 'Add' && op !== 'Sub') return undefined;
  const [left = '', right = ''] = node.inputs;
  const orders = op === 'Add' ? [[left, right] as const, [right, left] as const] : [[left, right] as const];
  for (const [positive, negative] of orders) {
    const relu = uses.maker.get(positive);
    const scaled = scaledNegativePart(graph, uses, negative);
    if (relu?.does.op !== 'Relu' || scaled === undefined || relu.inputs[0] !== scaled.of) continue;
    const sign = op === 'Sub' ? -1 : 1;
    const data = scaled.by.data.map((slope) => slope * scaled.factor * sign);
    return { of: scaled.of, slope: { name: `${node.output}/slope`, shape: scaled.by.shape, data } };
  }
  return undefined;
}

/** `negative` read as a constant times a negative part, the constant being a number a channel. */
function scaledNegativePart(
  graph: Graph,
  uses: Uses,
  name: string,
): (NegativePart & { by: Value & { data: Float32Array } }) | undefined {
  const node = uses.maker.get(name);
  if (node?.does.op === 'Neg') {
    const inner = scaledNegativePart(graph, uses, node.inputs[0] ?? '');
    return inner && { ...inner, factor: -inner.factor };
  }
  if (node?.does.op !== 'Mul') return undefined;
  const [left = '', right = ''] = node.inputs;
  for (const [constant, rest] of [[left, right] as const, [right, left] as const]) {
    const by = graph.values.get(constant);
    const part = negativePart(uses, rest);
    if (part && by?.data instanceof Float32Array) return { ...part, by: { ...by, data: by.data } };
  }
  return undefined;
}

function negativePart(uses: Uses, name: string): NegativePart | undefined {
  const node = uses.maker.get(name);
  const [first = '', second = ''] = node?.inputs ?? [];
  const maker = uses.maker.get(first);
  switch (node?.does.op) {
    case 'Neg': {
      const inner = negativePart(uses, first);
      return inner && { of: inner.of, factor: -inner.factor };
    }
    case 'Relu': // relu(−x) = −min(x, 0)
      return maker?.does.op === 'Neg' ? { of: maker.inputs[0] ?? '', factor: -1 } : undefined;
    case 'Sub': // x − |x| = 2·min(x, 0)
      return isAbsOf(uses, second, first) ? { of: first, factor: 2 } : undefined;
    default:
      return undefined;
  }
}

function isAbsOf(uses: Uses, name: string, of: string): boolean {
  const node = uses.maker.get(name);
  return node?.does.op === 'Abs' && node.inputs[0] === of;
}
