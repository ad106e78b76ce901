import type { GreyImage } from '../core/frames.ts';

/** What the gate remembers of a source. Immutable. */
export interface MotionState {
  /** The last frame in which something had moved: what creeps adds up until it counts. */
  readonly reference: GreyImage | undefined;
  /** The frame before, small, by which cuts are told. */
  readonly before: SmallPicture | undefined;
  /** How unlike one another frames that follow each other were lately, 0..1, at most. */
  readonly usual: number;
}

/** What a frame shows of motion. */
export interface Motion {
  /** Whether enough has changed since something moved last. */
  readonly moved: boolean;
  /** Whether the camera shows another scene from this frame on. */
  readonly cut: boolean;
}

/** A picture of {@link COLUMNS} × {@link ROWS} means, and their mean and deviation. */
interface SmallPicture {
  readonly means: Float32Array;
  readonly deviation: number;
}

/** Levels of 255 by which a pixel must change, lamps and exposure left out: a camera's noise, of means of several pixels, is less. */
const NOISE = 14;
const COLUMNS = 32;
const ROWS = 24;
/** A pan or a zoom moves the picture by so many of these cells from frame to frame at most. */
const MOST_SHIFT = 4;
/**
 * A cut leaves so little in common (1 − correlation), and so many times less than usual. Of 40 photos without faces, moved by up to 8 % of
 * the picture and zoomed by 5 %, at most 0.11; from one to the next 0.48 or more in 95 of 100.
 */
const CUT = 0.28;
/**
 * And it changes so much of the picture, as what is large and bright, a head that turns, may decide the correlation alone: the share of
 * cells that differ by more than so many levels, or by this share of the deviation where that is less. Of 110 such photos, at least
 * 0.64 from one to the next; moved and zoomed as above, 0.51 at most and 0.45 in 95 of 100. Takes before one wall: from 0.49 on.
 */
const CUT_AREA = 0.48;
const CELL_LEVELS = 8;
const CELL_DEVIATIONS = 0.35;
const TIMES_USUAL = 2.5;
/** How fast the usual is forgotten, a frame. */
const FORGET = 0.85;
/** Deviation of a picture that shows nothing, such as a wall or darkness, in levels. */
const FLAT = 3;
/** Levels by which two flat pictures differ that are not of one scene. */
const FLAT_CUT = 40;

/** A frame of which less has changed, and the light by fewer levels, is no cut: it need not be compared at every shift. */
const CALM_SHARE = 0.02;
const CALM_LIGHT = 4;

/** A source of which nothing was seen. */
export function startMotion(): MotionState {
  return { reference: undefined, before: undefined, usual: 0 };
}

/**
 * What a frame's grey copy shows of motion, and the state from then on. The first frame has moved; so has one of another size, which is a
 * cut.
 *
 * Motion: the share of pixels that differ from the last frame that had moved by more than noise, once the whole picture's change of
 * light is taken off. Cut: the small picture does not correlate with the one before at any shift that a moving camera makes, and
 * less than frames lately did, and most of it has changed, so that a fast pan, a person who passes close by, or a lamp that is switched on is none.
 */
export function stepMotion(
  state: MotionState,
  grey: GreyImage,
  { motionThreshold }: { readonly motionThreshold: number },
): [MotionState, Motion] {
  const { reference, before, usual } = state;
  const small = shrink(grey);
  if (!reference || !before || reference.width !== grey.width || reference.height !== grey.height)
    return [
      { reference: grey, before: small, usual: 0 },
      { moved: true, cut: reference !== undefined },
    ];
  const { share, light } = changeBetween(reference, grey);
  const isCalm = share < CALM_SHARE && Math.abs(light) < CALM_LIGHT;
  const { unlike, area } = isCalm ? ALIKE : compare(before, small);
  const cut = unlike >= CUT && unlike >= TIMES_USUAL * usual && area >= CUT_AREA;
  const moved = cut || share >= motionThreshold;
  const next = {
    reference: moved ? grey : reference,
    before: small,
    usual: cut ? 0 : Math.max(unlike, FORGET * usual),
  };
  return [next, { moved, cut }];
}

/** Share of pixels that differ by more than noise, 0..1, once the whole picture's change of light is taken off, in levels. */
function changeBetween(a: GreyImage, b: GreyImage): { readonly share: number; readonly light: number } {
  const { length } = a.data;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += b.data[i]! - a.data[i]!;
  // What moves shifts the mean as well, but by far less than noise.
  const light = sum / length;
  let changed = 0;
  for (let i = 0; i < length; i++) if (Math.abs(b.data[i]! - a.data[i]! - light) > NOISE) changed++;
  return { share: changed / length, light };
}

function shrink({ width, height, data }: GreyImage): SmallPicture {
  const means = new Float32Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row++) {
    const [top, bottom] = span(row, ROWS, height);
    for (let column = 0; column < COLUMNS; column++) {
      const [left, right] = span(column, COLUMNS, width);
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * width + x]!;
      means[row * COLUMNS + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return describe(smoothed(means));
}

/** Means of 3 × 3 cells: what is finer than a shift by part of a cell would be taken for another picture. */
function smoothed(cells: Float32Array): Float32Array {
  return cells.map((_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    let [sum, count] = [0, 0];
    for (let y = Math.max(0, row - 1); y <= Math.min(ROWS - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(COLUMNS - 1, column + 1); x++) {
        sum += cells[y * COLUMNS + x]!;
        count++;
      }
    }
    return sum / count;
  });
}

function describe(means: Float32Array): SmallPicture {
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { means, deviation: Math.sqrt(squares / means.length) };
}

/** Where cell `i` of `count` begins and ends in `length`; at least one wide. */
function span(i: number, count: number, length: number): [from: number, to: number] {
  const from = Math.min(length - 1, Math.floor((i * length) / count));
  return [from, Math.max(from + 1, Math.floor(((i + 1) * length) / count))];
}

/** How one small picture follows another, at the best shift. */
interface Comparison {
  /** 0 alike .. 1 nothing in common. */
  readonly unlike: number;
  /** Share of the cells that have changed. */
  readonly area: number;
}

const ALIKE: Comparison = { unlike: 0, area: 0 };

function compare(a: SmallPicture, b: SmallPicture): Comparison {
  if (a.deviation < FLAT && b.deviation < FLAT) {
    const unlike = meanDifference(a, b) >= FLAT_CUT ? 1 : 0;
    return { unlike, area: unlike };
  }
  let best = overlay(a, b, 0, 0);
  for (let dy = -MOST_SHIFT; dy <= MOST_SHIFT; dy++) {
    for (let dx = -MOST_SHIFT; dx <= MOST_SHIFT; dx++) {
      const other = overlay(a, b, dx, dy);
      if (other.correlation > best.correlation) best = other;
    }
  }
  return { unlike: 1 - Math.max(0, best.correlation), area: changedArea(a, b, best) };
}

function meanDifference(a: SmallPicture, b: SmallPicture): number {
  return Math.abs(a.means.reduce((sum, value, i) => sum + value - b.means[i]!, 0)) / a.means.length;
}

/** A small picture laid over another, moved by whole cells. */
interface Overlay {
  readonly dx: number;
  readonly dy: number;
  /** Pearson's, where both are. */
  readonly correlation: number;
  /** Of the levels of both there. */
  readonly deviation: number;
}

/** Calls `visit` with the cells that lie over each other when `b` is moved. */
function forEachPair(
  { means: a }: SmallPicture,
  { means: b }: SmallPicture,
  { dx, dy }: Pick<Overlay, 'dx' | 'dy'>,
  visit: (a: number, b: number) => void,
): void {
  for (let y = Math.max(0, -dy); y < Math.min(ROWS, ROWS - dy); y++)
    for (let x = Math.max(0, -dx); x < Math.min(COLUMNS, COLUMNS - dx); x++)
      visit(a[y * COLUMNS + x]!, b[(y + dy) * COLUMNS + x + dx]!);
}

function overlay(a: SmallPicture, b: SmallPicture, dx: number, dy: number): Overlay {
  let [n, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  forEachPair(a, b, { dx, dy }, (p, q) => {
    n++;
    sa += p;
    sb += q;
    saa += p * p;
    sbb += q * q;
    sab += p * q;
  });
  const [va, vb] = [saa - (sa * sa) / n, sbb - (sb * sb) / n];
  const correlation = va > 0 && vb > 0 ? (sab - (sa * sb) / n) / Math.sqrt(va * vb) : 0;
  return { dx, dy, correlation, deviation: Math.sqrt((va + vb) / 2 / n) };
}

/** Share of the cells that have changed by more than most, so that another light is none. */
function changedArea(a: SmallPicture, b: SmallPicture, at: Overlay): number {
  const changes: number[] = [];
  forEachPair(a, b, at, (p, q) => changes.push(q - p));
  const light = changes.sort((p, q) => p - q)[changes.length >> 1]!;
  const least = Math.min(CELL_LEVELS, CELL_DEVIATIONS * at.deviation);
  return changes.filter((change) => Math.abs(change - light) > least).length / changes.length;
}
