import type { FrameFace, WholeSearch } from '../../core/frames.ts';
import type { Box } from '../../core/types.ts';
import { area, clampBox, iou } from '../../geometry/boxes.ts';
import type { HeldFrame } from '../stages.ts';
import type { ChallengeHint } from './events.ts';

/** The whole frame is looked at so often, for others, in ms. */
const SEARCH_MS = 300;
/** A quick look: whoever is asked is near. */
const SEARCH: WholeSearch = {
  ...{ at: 'all', mode: 'fast', minScore: 0.5, minFaceSize: 'auto', maxFaces: 8 },
  ...{ area: null, known: [] },
};
/** The least that must be seen of the face where it was before. */
const MIN_NEAR_SCORE = 0.3;
/** Boxes that overlap by more are one face's. */
const SAME_IOU = 0.3;
/** Another face whose side is at least this share of the first one's might be who is asked. */
const RIVAL_SHARE = 0.6;
/** The least part of the face's box that lies in the frame. */
const MIN_INSIDE = 0.85;

/** The face of whoever is asked, from frame to frame. */
export class FaceFinder {
  readonly #minFaceSize: number;
  #box: Box | undefined;
  #searchedMs = -Infinity;
  /** Whether the last look at a whole frame showed another one. */
  #hasRival = false;

  /** @param minFaceSize - shorter side of the smallest face, in pixels */
  constructor(minFaceSize: number) {
    this.#minFaceSize = minFaceSize;
  }

  /** The face in a frame, or why there is none that can be asked. */
  async find(
    held: HeldFrame,
    timeMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly face?: FrameFace; readonly hint?: ChallengeHint }> {
    const before = this.#box;
    const near = before ? await held.find({ at: [before], minScore: MIN_NEAR_SCORE }, signal) : [];
    let [face] = near;
    if (!face || timeMs - this.#searchedMs >= SEARCH_MS) {
      const all = await held.find(SEARCH, signal);
      this.#searchedMs = timeMs;
      face ??= largest(all);
      const own = face;
      this.#hasRival = all.some(({ box }) => own !== undefined && isRival(box, own.box));
    }
    this.#box = face?.box;
    if (!face) return { hint: 'no-face' };
    const hint = this.#hintFor(face.box, held);
    return hint ? { face, hint } : { face };
  }

  #hintFor(box: Box, { width, height }: HeldFrame): ChallengeHint | undefined {
    if (this.#hasRival) return 'several-faces';
    if (sideOf(box) < this.#minFaceSize) return 'closer';
    return area(clampBox(box, width, height)) < MIN_INSIDE * area(box) ? 'centre' : undefined;
  }
}

function isRival(box: Box, own: Box): boolean {
  return iou(box, own) <= SAME_IOU && sideOf(box) >= RIVAL_SHARE * sideOf(own);
}

function largest(faces: readonly FrameFace[]): FrameFace | undefined {
  return [...faces].sort((a, b) => sideOf(b.box) - sideOf(a.box))[0];
}

function sideOf({ width, height }: Box): number {
  return Math.min(width, height);
}
