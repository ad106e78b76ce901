import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clusters, joinMatches } from './cluster.ts';

test('cliques that a weak edge joins stay apart, and their centre comes first', () => {
  const clusters = new Clusters(9);
  const clique = (nodes: number[]): void => {
    for (const a of nodes)
      for (const b of nodes) if (a < b) clusters.join(a, b, a === 1 || b === 1 ? 0.9 : 0.8);
  };
  clique([0, 1, 2, 3]);
  clique([4, 5, 6, 7]);
  clusters.join(3, 4, 0.5);
  const groups = clusters.groups();
  expect(groups.map((group) => [...group].toSorted())).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8]]);
  expect(groups[0]?.[0]).toBe(1);
});

test('every node is in one group, and nothing joins nodes that no path joins', () => {
  const edge = fc.tuple(fc.nat(29), fc.nat(29), fc.double({ min: 0.1, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 80 }), (edges) => {
      const clusters = new Clusters(30);
      const reach = Array.from({ length: 30 }, (_, node) => new Set([node]));
      for (const [a, b, weight] of edges) {
        if (a === b) continue;
        clusters.join(a, b, weight);
        const joined = new Set([...(reach[a] as Set<number>), ...(reach[b] as Set<number>)]);
        for (const node of joined) reach[node] = joined;
      }
      const groups = clusters.groups();
      expect(groups.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
      for (const group of groups)
        for (const node of group) expect(reach[group[0] as number]?.has(node)).toBe(true);
      expect(groups.map(({ length }) => length)).toEqual(
        groups.map(({ length }) => length).toSorted((a, b) => b - a),
      );
    }),
  );
});

test('a pair is joined once, whichever of the two was the probe', () => {
  const clusters = new Clusters(3);
  const nodeOf = new Map([
    [10, 0],
    [20, 1],
    [30, 2],
  ]);
  joinMatches(
    clusters,
    nodeOf,
    [10, 20],
    [
      [
        { seq: 10, score: 1 },
        { seq: 20, score: 0.9 },
      ],
      [{ seq: 10, score: 0.9 }],
    ],
  );
  expect(clusters.groups().map((group) => group.length)).toEqual([2, 1]);
});
