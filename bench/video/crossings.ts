import { intersection } from '../../src/geometry/boxes.ts';
import type { Box } from '../../src/core/types.ts';

/** Pairs that cover each other, until both are seen apart. */
export function countCrossings(
  frames: readonly (readonly { readonly person: number; readonly box: Box }[])[],
): number {
  const touching = new Set<string>();
  let count = 0;
  for (const faces of frames)
    for (const [i, a] of faces.entries())
      for (const b of faces.slice(i + 1)) {
        const pair = `${Math.min(a.person, b.person)} ${Math.max(a.person, b.person)}`;
        const least = Math.min(a.box.width * a.box.height, b.box.width * b.box.height);
        if (intersection(a.box, b.box) > 0.1 * least) touching.add(pair);
        else if (touching.delete(pair)) count++;
      }
  return count;
}
