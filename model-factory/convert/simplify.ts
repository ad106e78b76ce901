import { mergeLinearConvolutions } from './fold-convolutions.ts';
import { foldAffine } from './fold-affine.ts';
import { foldPRelu } from './fold-prelu.ts';
import { mergeClips } from './fold-clips.ts';
import { foldRegions } from './fold-regions.ts';
import { withoutUnused } from './graph-edit.ts';
import type { Graph } from './graph.ts';

/**
 * The same function in fewer operators: PReLU spelled out becomes one PRelu, scales and shifts move into the
 * convolution before them, and 1×1 convolutions with nothing between them become one.
 */
export function simplify(graph: Graph): Graph {
  return [foldPRelu, mergeClips, foldRegions, foldAffine, mergeLinearConvolutions, withoutUnused].reduce(
    (simpler, pass) => pass(simpler),
    graph,
  );
}
