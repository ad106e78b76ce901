/** OC-SORT's published rule over faces that were found in whole frames. */
import { startTracker, stepTracker } from '../../src/video/tracker.ts';
import { OC_SORT } from '../../src/video/tracker-options.ts';
import { publishedOutput } from './follow.ts';
import type { NamedBox } from './metrics/frames.ts';
import type { FoundFace } from './page-types.ts';

/** Its answer for each frame: it knows of no cuts and no embeddings. */
export function followByOcSort(found: readonly (readonly FoundFace[])[], fps: number): NamedBox[][] {
  let state = startTracker(OC_SORT);
  const answers = found.map((faces, index) => {
    const [next, { active }] = stepTracker(state, faces, {
      ...{ index, timeMs: (index * 1000) / fps, cut: false },
    });
    state = next;
    return active.map(({ trackId, box }) => ({ id: trackId, box }));
  });
  return publishedOutput(answers);
}
