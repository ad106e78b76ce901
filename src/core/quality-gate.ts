import { badParam, NearFaceError } from './errors.ts';
import { resolveOptions, type Check } from './options.ts';
import type { Completeness } from './quality.ts';
import type { Face } from './types.ts';

/** One number of a face that a gate can look at: of its angle, its quality, or its quality's completeness. */
export type QualityItem =
  | 'yaw'
  | 'pitch'
  | 'roll'
  | 'brightness'
  | 'sharpness'
  | 'mouthClosed'
  | 'eyesOpen'
  | 'centered'
  | 'size'
  | 'integrity'
  | 'alignment'
  | `completeness.${keyof Completeness}`;

/** What a face must be like: for each item named, the least and the greatest value, both allowed; others may be anything. */
export type QualityGate = {
  readonly [Item in QualityItem]?: readonly [min: number, max: number];
};

/** An item that is out of its gate's range. */
export interface QualityShortfall {
  /** What falls short. */
  readonly item: QualityItem;
  /** What was measured. */
  readonly value: number;
  /** The least that the gate allows. */
  readonly min: number;
  /** The most that the gate allows. */
  readonly max: number;
  /** How far the value is out of it, positive, in the item's own unit. */
  readonly by: number;
}

/**
 * What keeps a face from being enrolled: what falls short of `minQuality`, its reliability, short of `minReliability`, or the score of its
 * liveness, short of `minLiveness`: 0 where that could not be told.
 */
export interface EnrolShortfall extends Omit<QualityShortfall, 'item'> {
  /** What was held against its limit. */
  readonly item: QualityItem | 'reliability' | 'liveness';
}

/** The answer of {@link checkQuality}. */
export interface QualityCheck {
  /** Whether nothing falls short. */
  readonly ok: boolean;
  /** What falls short, in the gate's order; empty if `ok`. */
  readonly shortfalls: readonly QualityShortfall[];
}

const ANGLES: ReadonlySet<string> = new Set<QualityItem>(['yaw', 'pitch', 'roll']);
const SIGNED: readonly [number, number] = [-1, 1];
const SHARE: readonly [number, number] = [0, 1];
const DEGREES: readonly [number, number] = [-90, 90];

/** Every item, with its scale. */
const SCALES: Required<QualityGate> = {
  yaw: DEGREES,
  pitch: DEGREES,
  roll: DEGREES,
  brightness: SIGNED,
  sharpness: SHARE,
  mouthClosed: SHARE,
  eyesOpen: SHARE,
  centered: SHARE,
  size: SHARE,
  integrity: SHARE,
  alignment: SHARE,
  'completeness.total': SHARE,
  'completeness.leftEyeBrow': SHARE,
  'completeness.rightEyeBrow': SHARE,
  'completeness.leftEye': SHARE,
  'completeness.rightEye': SHARE,
  'completeness.nose': SHARE,
  'completeness.mouth': SHARE,
  'completeness.faceContour': SHARE,
};

/** A portrait as for a passport: frontal, evenly lit, sharp, mouth closed, nothing in front of the face. */
export const PASSPORT: QualityGate = freezeGate({
  yaw: [-10, 10],
  pitch: [-15, 15],
  roll: [-10, 10],
  centered: [0.2, 1],
  'completeness.total': [0.98, 1],
  'completeness.leftEyeBrow': [0.9, 1],
  'completeness.rightEyeBrow': [0.9, 1],
  'completeness.leftEye': [0.9, 1],
  'completeness.rightEye': [0.9, 1],
  'completeness.nose': [0.9, 1],
  'completeness.mouth': [0.6, 1],
  'completeness.faceContour': [0.9, 1],
  brightness: [-0.5, 0.5],
  sharpness: [0.8, 1],
  mouthClosed: [0.6, 1],
  integrity: [0.9, 1],
  size: [0, 0.85],
});

/**
 * A webcam's picture that still is worth comparing: the face may be turned, smile, and be off the middle. Over half of
 * lfw-dev's people, 95 % of the faces pass, and the false non-match rate among them is 1.1 % where that of all is 1.8 % (FMR 1e-3).
 */
export const LENIENT: QualityGate = freezeGate({
  yaw: [-30, 30],
  pitch: [-25, 25],
  roll: [-45, 45],
  'completeness.total': [0.7, 1],
  'completeness.leftEye': [0.5, 1],
  'completeness.rightEye': [0.5, 1],
  brightness: [-0.65, 0.65],
  sharpness: [0.2, 1],
  integrity: [0.8, 1],
  alignment: [0.5, 1],
});

/**
 * Holds a face against a gate and says which items are out of range, and by how much.
 *
 * @throws NearFaceError `BAD_PARAM` if the face has not the details that the gate looks at (ask for them with
 * `returnDetails: { quality: true, angle: true }`), or the gate names an unknown item or an impossible range
 */
export function checkQuality(face: Pick<Face, 'quality' | 'angle'>, gate: QualityGate): QualityCheck {
  const checked = checkGate(gate, 'gate');
  if (typeof face !== 'object' || face === null)
    throw badParam('face', face, 'a face that detect() answered');
  const shortfalls = (Object.keys(checked) as QualityItem[]).flatMap((item) => {
    const [min, max] = checked[item]!;
    const value = valueOf(face, item);
    const by = Math.max(min - value, value - max);
    return by <= 0 ? [] : [{ item, value, min, max, by }];
  });
  return { ok: shortfalls.length === 0, shortfalls };
}

/** A gate as an option: known items, each with a range on its scale. */
export const checkGate: Check<QualityGate> = (value, path) => {
  if (value === undefined) throw badParam(path, value, 'a quality gate, such as PASSPORT');
  const fields = Object.fromEntries(
    Object.entries(SCALES).map(([item, scale]) => [item, range(...scale)]),
  ) as unknown as { readonly [Item in QualityItem]: Check<readonly [min: number, max: number]> };
  return resolveOptions<QualityGate, object>(value, path, fields, {});
};

function range(least: number, most: number): Check<readonly [min: number, max: number]> {
  return (value, path) => {
    const [min, max] = (Array.isArray(value) && value.length === 2 ? value : []) as unknown[];
    const valid =
      typeof min === 'number' && typeof max === 'number' && least <= min && min <= max && max <= most;
    if (valid) return [min, max];
    const given: unknown = Array.isArray(value) ? `[${value.join(', ')}]` : value;
    throw badParam(path, given, `a range [min, max] within ${least}..${most}`);
  };
}

function valueOf({ quality, angle }: Pick<Face, 'quality' | 'angle'>, item: QualityItem): number {
  if (ANGLES.has(item)) return (angle ?? notMeasured('angle', item))[item as 'yaw'];
  const measured = quality ?? notMeasured('quality', item);
  const [name, part] = item.split('.') as [keyof typeof measured, keyof Completeness | undefined];
  const value = part === undefined ? measured[name] : measured.completeness[part];
  return typeof value === 'number' ? value : notMeasured('quality', item);
}

function notMeasured(detail: 'quality' | 'angle', item: QualityItem): never {
  const text =
    `face has no ${detail}, which the gate's ${item} looks at; ` +
    `ask for it with returnDetails: { quality: true, angle: true }`;
  throw new NearFaceError('BAD_PARAM', text, { param: `face.${detail}`, item });
}

function freezeGate(gate: QualityGate): QualityGate {
  for (const limits of Object.values(gate)) Object.freeze(limits);
  return Object.freeze(gate);
}
