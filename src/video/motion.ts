import type { GreyImage } from '../core/frames.ts';

/** What the gate remembers. */
export interface MotionState {
  /** The last frame in which something had moved. */
  readonly reference: GreyImage | undefined;
  /** Block differences of the last frames. */
  readonly usual: number;
}

/** What a frame shows of motion. */
export interface Motion {
  readonly moved: boolean;
  readonly cut: boolean;
}

const NOISE = 18;
const BLOCKS = 8;

export function startMotion(): MotionState {
  return { reference: undefined, usual: 0 };
}

export function stepMotion(
  state: MotionState,
  grey: GreyImage,
  { motionThreshold }: { readonly motionThreshold: number },
): [MotionState, Motion] {
  const { reference } = state;
  if (!reference || reference.data.length !== grey.data.length)
    return [
      { reference: grey, usual: 0 },
      { moved: true, cut: reference !== undefined },
    ];
  let changed = 0;
  for (let i = 0; i < grey.data.length; i++)
    if (Math.abs(grey.data[i]! - reference.data[i]!) > NOISE) changed++;
  const moved = changed / grey.data.length >= motionThreshold;
  const difference = blockDifference(reference, grey);
  const cut = difference > 22 && difference > 4 * state.usual;
  if (!moved) return [state, { moved, cut: false }];
  return [
    { reference: grey, usual: cut ? 0 : 0.8 * state.usual + 0.2 * difference },
    { moved, cut },
  ];
}

function blockDifference(a: GreyImage, b: GreyImage): number {
  const sums = new Float64Array(BLOCKS * BLOCKS);
  const counts = new Float64Array(BLOCKS * BLOCKS);
  for (let y = 0; y < a.height; y++) {
    const row = Math.floor((y * BLOCKS) / a.height) * BLOCKS;
    for (let x = 0; x < a.width; x++) {
      const at = row + Math.floor((x * BLOCKS) / a.width);
      sums[at]! += a.data[y * a.width + x]! - b.data[y * a.width + x]!;
      counts[at]!++;
    }
  }
  return sums.reduce((sum, value, i) => sum + Math.abs(value / counts[i]!), 0) / sums.length;
}
