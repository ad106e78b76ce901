import { edited, onlyReader, usesOf } from './graph-edit.ts';
import type { Graph, Node } from './graph.ts';

/** Makes one Clip of limits that follow one another (relu, then a minimum, then a maximum). */
export function mergeClips(graph: Graph): Graph {
  const uses = usesOf(graph);
  const replaced = new Map<Node, Node | undefined>();
  // A node that was merged already stands here under the node it was.
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of graph.nodes) {
    const before = uses.maker.get(node.inputs[0] ?? '');
    if (before === undefined || onlyReader(graph, uses, before.output) !== node) continue;
    const inner = limits(current(before));
    const outer = limits(node);
    if (inner === undefined || outer === undefined) continue;
    const min = Math.min(Math.max(inner.min, outer.min), outer.max);
    const max = Math.max(Math.min(inner.max, outer.max), outer.min);
    replaced.set(node, {
      does: { op: 'Clip', min, max },
      inputs: current(before).inputs,
      output: node.output,
    });
    replaced.set(before, undefined);
  }
  return edited(graph, replaced);
}

function limits({ does }: Node): { min: number; max: number } | undefined {
  if (does.op === 'Relu') return { min: 0, max: Infinity };
  return does.op === 'Clip' ? does : undefined;
}
