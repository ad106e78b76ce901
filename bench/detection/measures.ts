import type { PlacedFace, Scene } from './scenes.ts';
import type { AnsweredScene, ContestantName, FoundBox } from './types.ts';

/** Which faces of a scene were found, and which answers were no face. */
export interface Match {
  /** Per face of the scene. */
  readonly found: readonly boolean[];
  readonly falseAlarms: readonly FoundBox[];
}

/** An answer's side may be this many times the face's, or one over it: libraries draw their boxes differently. */
const MAX_SIZE_RATIO = 2;

/**
 * Pairs answers with faces, the surest answer first: its centre must lie in the face's square and its side (the root
 * of its area) within a factor of two. A second answer for a face is a false alarm.
 */
export function matchFaces(faces: readonly PlacedFace[], answers: readonly FoundBox[]): Match {
  const found = faces.map(() => false);
  const falseAlarms: FoundBox[] = [];
  for (const answer of answers.toSorted((a, b) => b.score - a.score)) {
    const offsets = faces.map((face, i) => (found[i] ? Infinity : offset(face, answer)));
    const least = Math.min(...offsets);
    if (least <= 0.5) found[offsets.indexOf(least)] = true;
    else falseAlarms.push(answer);
  }
  return { found, falseAlarms };
}

/** Whether an answer is the face: its centre in the face's square, its side within a factor of two. */
export function isAt(face: Pick<PlacedFace, 'x' | 'y' | 'side'>, answer: FoundBox): boolean {
  return offset(face, answer) <= 0.5;
}

/** Between the centres, along the farther axis, in sides of the face; infinite where the sizes differ too much. */
function offset(
  { x, y, side }: Pick<PlacedFace, 'x' | 'y' | 'side'>,
  { box: [left, top, width, height] }: FoundBox,
): number {
  const ratio = Math.sqrt(width * height) / side;
  if (ratio > MAX_SIZE_RATIO || ratio < 1 / MAX_SIZE_RATIO) return Infinity;
  return Math.max(Math.abs(left + width / 2 - x), Math.abs(top + height / 2 - y)) / side;
}

/** A set of faces whose recall is told. */
export interface Group {
  readonly name: string;
  has(face: PlacedFace, scene: Scene): boolean;
}

/** Of `total` faces, how many were found. */
export interface Recall {
  readonly found: number;
  readonly total: number;
}

const bars = (face: PlacedFace, { kind, quality }: Scene): boolean =>
  kind === 'mosaic' && quality >= 70 && Math.abs(face.roll) <= 30;
const band = (name: string, from: number, to: number): Group => ({
  name,
  has: (face, scene) => bars(face, scene) && face.side >= from && face.side < to,
});
const roll = (from: number, to: number): Group => ({
  name: `rolled ${from}–${to}°, 48 px or more`,
  has: (face, { kind, quality }) => {
    const angle = Math.abs(face.roll);
    return kind === 'mosaic' && quality >= 70 && face.side >= 48 && angle >= from && angle < to;
  },
});
const quality = (name: string, from: number, to: number): Group => ({
  name,
  has: (face, scene) =>
    scene.kind === 'mosaic' &&
    scene.quality >= from &&
    scene.quality < to &&
    Math.abs(face.roll) <= 30 &&
    face.side >= 48,
});
const kind = (name: string, wanted: Scene['kind']): Group => ({
  name,
  has: (_, scene) => scene.kind === wanted,
});

const classOf = (name: string, from: number, to: number): Group => ({
  name,
  has: (face, scene) => scene.kind === 'class' && face.side >= from && face.side < to,
});

/** Groups that have bars. */
export const NEAR: Group = band('48 px or more', 48, Infinity);
export const FAR: Group = band('32–47 px', 32, 48);
export const SMALL: Group = kind('small pictures of 800×533, 26–36 px', 'small');
export const CLASS: Group = classOf('class photos, 20–30 px', 20, 31);

/** Roll within 30° and JPEG quality 70 or more, where nothing else is said. */
export const GROUPS: readonly Group[] = [
  NEAR,
  FAR,
  band('24–31 px', 24, 32),
  band('48–127 px', 48, 128),
  band('128–299 px', 128, 300),
  band('300–600 px', 300, 601),
  roll(0, 15),
  roll(15, 30),
  roll(30, 45),
  roll(45, 60.01),
  quality('JPEG 90–95, 48 px or more', 90, 101),
  quality('JPEG 70–80, 48 px or more', 70, 90),
  quality('JPEG 50, 48 px or more', 50, 70),
  quality('JPEG 30, 48 px or more', 30, 50),
  { name: 'blur 3 %, 48 px or more', has: (face, scene) => NEAR.has(face, scene) && face.blur >= 0.03 },
  kind('cut by the edge, a tenth to a third hidden', 'cut'),
  kind('fills the frame', 'filling'),
  kind('crowd, 28–34 px', 'crowd'),
  SMALL,
  CLASS,
  classOf('class photos, 14–19 px', 14, 20),
];

/** Kinds of scenes whose false faces and times are told. */
export type CountedKind = 'background' | 'mosaic' | 'large';

/** What a library did over all scenes it was shown. */
export interface Measures {
  readonly name: ContestantName;
  /** By group, in the order of {@link GROUPS}. */
  readonly recall: readonly Recall[];
  readonly falseAlarms: Readonly<Record<CountedKind, number>>;
  readonly megapixels: Readonly<Record<CountedKind, number>>;
  /** Mean per picture. */
  readonly ms: Readonly<Record<CountedKind, number>>;
}

/** Recall by group and false alarms of one library; scenes it was not shown are left out. */
export function measureContestant(name: ContestantName, scenes: readonly AnsweredScene[]): Measures {
  const shown = scenes.flatMap(({ scene, answers }) => {
    const answer = answers[name];
    return answer ? [{ scene, ms: answer.ms, match: matchFaces(scene.faces, answer.faces) }] : [];
  });
  const recall = GROUPS.map((group) => {
    const hits = shown.flatMap(({ scene, match }) =>
      scene.faces.flatMap((face, i) => (group.has(face, scene) ? [match.found[i]!] : [])),
    );
    return { found: hits.filter(Boolean).length, total: hits.length };
  });
  const sum = (wanted: Scene['kind'], value: (one: (typeof shown)[number]) => number): number =>
    shown.filter(({ scene }) => scene.kind === wanted).reduce((total, one) => total + value(one), 0);
  const both = (value: (one: (typeof shown)[number]) => number): Measures['ms'] => ({
    background: sum('background', value),
    mosaic: sum('mosaic', value),
    large: sum('large', value),
  });
  const [counts, ms] = [both(() => 1), both((one) => one.ms)];
  return {
    name,
    recall,
    falseAlarms: both(({ match }) => match.falseAlarms.length),
    megapixels: both(({ scene }) => (scene.width * scene.height) / 1e6),
    ms: {
      background: ms.background / counts.background,
      mosaic: ms.mosaic / counts.mosaic,
      large: ms.large / counts.large,
    },
  };
}
