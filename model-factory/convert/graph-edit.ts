import type { Graph, Node, Value } from './graph.ts';

/** Which nodes make and read each value. */
export interface Uses {
  readonly maker: ReadonlyMap<string, Node>;
  readonly readers: ReadonlyMap<string, readonly Node[]>;
}

/** Looks up who makes and reads what. A graph's output counts as no reader. */
export function usesOf(graph: Graph): Uses {
  const maker = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    maker.set(node.output, node);
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return { maker, readers };
}

/** The only node that reads `name`, if there is just one and `name` is no output of the graph. */
export function onlyReader(graph: Graph, uses: Uses, name: string): Node | undefined {
  const readers = uses.readers.get(name) ?? [];
  return readers.length === 1 && !graph.outputs.includes(name) ? readers[0] : undefined;
}

/** The graph with some nodes replaced (by none, or by another) and some values added. */
export function edited(
  graph: Graph,
  replaced: ReadonlyMap<Node, Node | undefined>,
  added: readonly Value[] = [],
): Graph {
  const nodes = graph.nodes.flatMap((node) => {
    if (!replaced.has(node)) return [node];
    const other = replaced.get(node);
    return other === undefined ? [] : [other];
  });
  return {
    ...graph,
    nodes,
    values: new Map([...graph.values, ...added.map((value) => [value.name, value] as const)]),
  };
}

/** The graph without nodes whose results nobody reads, and without the values nobody names. */
export function withoutUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!needed.has(node.output)) continue;
    for (const name of node.inputs) needed.add(name);
    nodes.unshift(node);
  }
  const values = new Map(
    [...graph.values].filter(([name]) => needed.has(name) || graph.inputs.includes(name)),
  );
  return { ...graph, nodes, values };
}

/** The graph with some outputs reshaped; `shapes` are the sides after the batch axis. */
export function withShapes(graph: Graph, shapes: ReadonlyMap<string, readonly number[]>): Graph {
  const outputs = graph.outputs.map((name) => (shapes.has(name) ? `${name}/shaped` : name));
  const added = [...shapes].map(([name, sides]): Value => ({ name: `${name}/shaped`, shape: [1, ...sides] }));
  const nodes = [...shapes.keys()].map((name): Node => ({
    does: { op: 'Reshape' },
    inputs: [name],
    output: `${name}/shaped`,
  }));
  const values = new Map([...graph.values, ...added.map((value) => [value.name, value] as const)]);
  return { ...graph, values, nodes: [...graph.nodes, ...nodes], outputs };
}
