import type { Match } from './top-k.ts';
import { xorshift32 } from './xorshift.ts';

/** Rounds after which labels that still change are left as they are. */
const MAX_ROUNDS = 30;

/** Faces, by their place in a list, that are likely of one person; the first is the one most like the others. */
export type Cluster = readonly number[];

/**
 * Groups a graph's nodes by Chinese Whispers (Biemann, "Chinese Whispers: an efficient graph clustering algorithm",
 * TextGraphs 2006): every node takes over the label that weighs most among its neighbours, until none changes. The
 * order is shuffled by a fixed seed, so that the same graph gives the same groups.
 */
export class Clusters {
  readonly #neighbours: { readonly node: number; readonly weight: number }[][];

  constructor(nodes: number) {
    this.#neighbours = Array.from({ length: nodes }, () => []);
  }

  /** Joins two nodes. */
  join(a: number, b: number, weight: number): void {
    this.#neighbours[a]?.push({ node: b, weight });
    this.#neighbours[b]?.push({ node: a, weight });
  }

  /** What a node is joined to. */
  neighbours(node: number): readonly { readonly node: number; readonly weight: number }[] {
    return this.#neighbours[node] ?? [];
  }

  /** All groups, the largest first; a node without neighbours is one of its own. */
  groups(): readonly Cluster[] {
    const labels = this.#labels();
    const byLabel = new Map<number, number[]>();
    labels.forEach((label, node) => {
      const group = byLabel.get(label);
      if (group) group.push(node);
      else byLabel.set(label, [node]);
    });
    // Each begins with its lowest node still.
    const groups = [...byLabel.values()].sort(
      (a, b) => b.length - a.length || (a[0] as number) - (b[0] as number),
    );
    return groups.map((group) => this.#centralFirst(group, labels));
  }

  #labels(): Uint32Array {
    const labels = Uint32Array.from(this.#neighbours, (_, node) => node);
    const order = shuffled(this.#neighbours.length);
    const weights = new Map<number, number>();
    for (let round = 0, changed = true; changed && round < MAX_ROUNDS; round++) {
      changed = false;
      for (const node of order) {
        weights.clear();
        let best = labels[node] as number;
        for (const { node: other, weight } of this.#neighbours[node] ?? []) {
          const label = labels[other] as number;
          weights.set(label, (weights.get(label) ?? 0) + weight);
        }
        for (const [label, weight] of weights) if (weight > (weights.get(best) ?? 0)) best = label;
        if (best === labels[node]) continue;
        labels[node] = best;
        changed = true;
      }
    }
    return labels;
  }

  #centralFirst(group: readonly number[], labels: Uint32Array): Cluster {
    const label = labels[group[0] as number];
    const weightOf = (node: number): number =>
      (this.#neighbours[node] ?? []).reduce(
        (sum, { node: other, weight }) => (labels[other] === label ? sum + weight : sum),
        0,
      );
    let central = group[0] as number;
    let most = weightOf(central);
    for (const node of group) {
      const weight = weightOf(node);
      if (weight > most) [central, most] = [node, weight];
    }
    return [central, ...group.filter((node) => node !== central)];
  }
}

/** Joins the probes of a search to what they matched, each pair once. */
export function joinMatches(
  clusters: Clusters,
  nodeOf: ReadonlyMap<number, number>,
  probes: readonly number[],
  results: readonly (readonly Match[])[],
): void {
  results.forEach((matches, i) => {
    const node = nodeOf.get(probes[i] as number);
    for (const { seq, score } of matches) {
      const other = nodeOf.get(seq);
      // Later faces alone are searched for, and a few earlier ones that lie in the same block.
      if (node !== undefined && other !== undefined && other > node) clusters.join(node, other, score);
    }
  });
}

/** The numbers below `count` in an order that is always the same (Fisher–Yates). */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const next = xorshift32(0x2545f491);
  for (let i = count - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
