import { edited, usesOf } from './graph-edit.ts';
import { ModelFormatError, valueOf, type Graph, type Node } from './graph.ts';

/**
 * Takes the constants that stand before MediaPipe's region operators into them, and the reshapes away: the scale from
 * the network's pixels to those of a feature map, and the unit of a region's points.
 */
export function foldRegions(graph: Graph): Graph {
  const { maker } = usesOf(graph);
  const replaced = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    const { does } = node;
    const [first = '', second = ''] = node.inputs;
    if (does.op === 'RegionTransform') {
      const { input, factor } = scaled(graph, maker.get(first), first);
      const pointScale = does.pointScale * (factor?.[0] ?? 1);
      replaced.set(node, { ...node, does: { ...does, pointScale }, inputs: [unshaped(maker, input)] });
    } else if (does.op === 'RegionPoints') {
      const { input, factor } = scaled(graph, maker.get(second), second);
      const unit = does.unit * unitOf(factor, second);
      replaced.set(node, { ...node, does: { ...does, unit }, inputs: [unshaped(maker, first), input] });
    }
  }
  return replaced.size === 0 ? graph : edited(graph, replaced);
}

/** What a value is before it is multiplied by a constant. */
function scaled(
  graph: Graph,
  node: Node | undefined,
  name: string,
): { readonly input: string; readonly factor?: Float32Array } {
  if (node?.does.op !== 'Mul') return { input: name };
  const [input = '', other = ''] = node.inputs;
  const { data } = valueOf(graph, other);
  return data instanceof Float32Array ? { input, factor: data } : { input: name };
}

function unshaped(maker: ReadonlyMap<string, Node>, name: string): string {
  const node = maker.get(name);
  return node?.does.op === 'Reshape' ? (node.inputs[0] ?? name) : name;
}

/** The factor of a map's shift, the last of each of its first two rows; the rest of them must stay. */
function unitOf(factor: Float32Array | undefined, name: string): number {
  if (factor === undefined) return 1;
  const unit = factor[3] ?? 1;
  const stays = [0, 1, 4, 5].every((place) => factor[place] === 1) && factor[7] === unit;
  if (!stays) throw new ModelFormatError(`"${name}" scales a region otherwise than its shift`);
  return unit;
}
