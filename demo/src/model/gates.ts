import {
  checkQuality,
  LENIENT,
  PASSPORT,
  type EnrolShortfall,
  type Face,
  type QualityGate,
  type QualityShortfall,
  type RejectedFace,
} from 'nearface';
import { QUALITY_ITEMS, type QualityItem, type QualityItemName } from './quality-words.ts';

export type GateChoice = 'none' | 'lenient' | 'passport';

interface NamedGate {
  readonly choice: GateChoice;
  readonly label: string;
  /** As it is called in code and in sentences. */
  readonly name?: string;
  readonly gate?: QualityGate;
}

export const GATES: readonly NamedGate[] = [
  { choice: 'none', label: 'Nothing' },
  { choice: 'lenient', label: 'LENIENT, for webcams', name: 'LENIENT', gate: LENIENT },
  { choice: 'passport', label: 'PASSPORT, for documents', name: 'PASSPORT', gate: PASSPORT },
];

/** What a gate says of a face. */
export interface Judgement {
  readonly ok: boolean;
  readonly gate: string;
  readonly shortfalls: readonly QualityShortfall[];
}

/** The gate's name in code; undefined for none. */
export function gateName(choice: GateChoice): string | undefined {
  return GATES.find((gate) => gate.choice === choice)?.name;
}

export function gateOf(choice: GateChoice): QualityGate | undefined {
  return GATES.find((one) => one.choice === choice)?.gate;
}

/** Holds a face against the gate; undefined without a gate, or if its quality was not measured. */
export function judge(face: Face, choice: GateChoice): Judgement | undefined {
  const { gate, name } = GATES.find((one) => one.choice === choice) ?? {};
  if (!gate || !name || !face.quality || !face.angle) return undefined;
  return { ...checkQuality(face, gate), gate: name };
}

/** The shorter side from which a face is enrolled and compared: the library's default for `minFaceSize` there. */
const LEAST_USED_PX = 32;

/** Why a face is not enrolled whatever its quality, if that is so. */
export function tooSmallWords({ position: { width, height } }: Face): string | undefined {
  const side = Math.floor(Math.min(width, height));
  if (side >= LEAST_USED_PX) return undefined;
  return `Too small to be enrolled or compared: ${side}\u00a0px, at least ${LEAST_USED_PX}\u00a0px`;
}

/** The part of an item's scale that the gate allows. */
export function allowedBy(
  choice: GateChoice,
  item: QualityItemName,
): readonly [min: number, max: number] | undefined {
  return gateOf(choice)?.[item];
}

/** A shortfall as a sentence: `turned too far to the right: 14°, at most 10°`. */
export function shortfallWords({ item, value, min, max }: EnrolShortfall): string {
  if (item === 'reliability') {
    const digits = Math.round(value * 100) === Math.round(min * 100) ? 1 : 0;
    const [has, needs] = [value, min].map((part) => `${(part * 100).toFixed(digits)}\u00a0%`);
    return `too little can be seen of the face to tell it from others: reliability ${has}, at least ${needs}`;
  }
  if (item === 'liveness')
    return value > 0
      ? `it looks like a picture of a face: liveness ${share(value)}, at least ${share(min)}`
      : 'whether it is a face or a picture of one cannot be told';
  const known = QUALITY_ITEMS.find((one) => one.item === item);
  if (!known) return item;
  const fault = value < min ? known.under : known.over;
  // An angle to one side is told by its size, as the words say which side.
  if (known.min === -90) {
    const most = Math.abs(value < min ? min : max);
    return `${fault}: ${apart(known, Math.abs(value), most)}, at most ${known.text(most)}`;
  }
  const limit = value < min ? min : max;
  return `${fault}: ${apart(known, value, limit)}, at ${value < min ? 'least' : 'most'} ${known.text(limit)}`;
}

const share = (value: number): string => `${(value * 100).toFixed(0)}\u00a0%`;

/** Why faces were not enrolled. */
export function rejectedWords(faces: readonly RejectedFace[]): string {
  return faces.flatMap(({ shortfalls }) => shortfalls.map(shortfallWords)).join('; ');
}

/** The value with as many digits as tell it from the limit. */
function apart({ text }: QualityItem, value: number, limit: number): string {
  const digits = [0, 1, 2, 3].find((more) => text(value, more) !== text(limit, more)) ?? 3;
  return text(value, digits);
}
