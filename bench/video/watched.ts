/** What a session told of a scene, against the truth. Pure. */
import type { Box } from '../../src/core/types.ts';
import { intersection, iou } from '../../src/geometry/boxes.ts';
import { assign } from '../../src/video/assignment.ts';
import { between } from '../../src/video/kalman-box.ts';
import { cutsOf, frameCount, type Scene, takeAt, type TrueFace, truthOf } from '../../tools/video/scenes.ts';
import type { MetricFrame, NamedBox } from './metrics/frames.ts';
import type { Likeness, ReadyPerson, Watched } from './page-types.ts';

/** Faces of which less can be seen are no fault, found or not. */
const LEAST_VISIBLE = 0.5;
const MATCH = 0.5;
/** An appearance ends where a face is not half visible for longer: so long does a track that was lost live. */
const GAP_SECONDS = 3;
/** So many frames off is right. */
const TOLERANCE = 2;
/** Cosines of a face that does not change differ by 0.006 from frame to frame on average, by 0.014 in one of ten: less is no difference. */
const SAME_COSINE = 0.01;
/** Of a track's frames may so many be more like the enrolled photo than its best shot. */
export const BEST_SHARE = 0.1;

/** A true face of a frame. A person is another one after a cut, as all tracks end there. */
export interface KnownFace {
  readonly id: number;
  readonly person: string;
  readonly box: Box;
  readonly visible: number;
}

/** The true faces of each frame, in the shape that the detector has for each photo. */
export function truthIn(scene: Scene, people: readonly ReadyPerson[]): KnownFace[][] {
  return Array.from({ length: frameCount(scene) }, (_, frame) => {
    const { index } = takeAt(scene, frame);
    return truthOf(scene, frame).map((face) => {
      const number = people.findIndex(({ name }) => name === face.person);
      const { person, visible } = face;
      return { id: 1000 * index + number, person, visible, box: shaped(face, people[number]!) };
    });
  });
}

function shaped({ box, look }: TrueFace, { shapes }: ReadyPerson): Box {
  const [w, h] = shapes[look % shapes.length]!;
  const [width, height] = [w * box.width, h * box.height];
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

/** The truth that counts and the answers that do: those on faces that are hardly visible are left out. */
export function countedFrames(
  truth: readonly (readonly KnownFace[])[],
  answers: readonly (readonly NamedBox[])[],
): MetricFrame[] {
  return truth.map((faces, frame) => {
    const counted = faces.filter(({ visible }) => visible >= LEAST_VISIBLE);
    const ignored = faces.filter(({ visible }) => visible < LEAST_VISIBLE);
    const given = answers[frame] ?? [];
    const matched = new Set(matchesOf(counted, given).map(([, column]) => column));
    const answer = given.filter(
      ({ box }, i) => matched.has(i) || ignored.every((face) => !isOn(box, face.box)),
    );
    return { truth: counted, answer };
  });
}

function isOn(box: Box, region: Box): boolean {
  return intersection(box, region) >= 0.5 * Math.min(box.width * box.height, region.width * region.height);
}

function matchesOf(truth: readonly { readonly box: Box }[], answer: readonly NamedBox[]): [number, number][] {
  if (truth.length === 0 || answer.length === 0) return [];
  const overlaps = truth.flatMap((a) => answer.map((b) => iou(a.box, b.box)));
  const costs = overlaps.map((overlap) => (overlap >= MATCH ? -overlap : 0));
  return [...assign(costs, truth.length, answer.length)].flatMap((column, row): [number, number][] =>
    column >= 0 && overlaps[row * answer.length + column]! >= MATCH ? [[row, column]] : [],
  );
}

/** What the session showed in each frame, and what it said afterwards of the frames before a track was sure. */
export function answersOf({ faces, appeared }: Watched): NamedBox[][] {
  const answers = faces.map((shown) => shown.map(({ id, box }): NamedBox => ({ id, box })));
  for (const { trackId, frame, box } of appeared) {
    const shown = answers.findIndex((named) => named.some(({ id }) => id === trackId));
    const to = answers[shown]?.find(({ id }) => id === trackId);
    for (let at = frame; to && at < shown; at++)
      answers[at]!.push({ id: trackId, box: between(box, to.box, (at - frame) / (shown - frame)) });
  }
  return answers;
}

/** Somebody in the picture, from when to when. */
export interface Appearance {
  readonly id: number;
  readonly person: string;
  /** The frames between which it may begin: from the first trace of the face to where it is half visible. */
  readonly start: readonly [number, number];
  readonly end: readonly [number, number];
}

export function appearancesOf(scene: Scene, truth: readonly (readonly KnownFace[])[]): Appearance[] {
  const ids = new Set(truth.flatMap((faces) => faces.map(({ id }) => id)));
  const cuts = [0, ...cutsOf(scene), truth.length];
  return [...ids].flatMap((id) => {
    const visible = truth.map((faces) => faces.find((face) => face.id === id)?.visible ?? 0);
    const person = truth.flat().find((face) => face.id === id)!.person;
    const seen = visible.flatMap((share, frame) => (share >= LEAST_VISIBLE ? [frame] : []));
    const runs: [number, number][] = [];
    for (const frame of seen) {
      const run = runs.at(-1);
      if (run && (frame - run[1]) / scene.fps <= GAP_SECONDS) run[1] = frame;
      else runs.push([frame, frame]);
    }
    return runs.map(([first, last]): Appearance => {
      const from = cuts.findLast((cut) => cut <= first)!;
      const to = cuts.find((cut) => cut > last)! - 1;
      let [before, after] = [first, last];
      while (before > from && visible[before - 1]! > 0) before--;
      while (after < to && visible[after + 1]! > 0) after++;
      return { id, person, start: [before, first], end: [last, after] };
    });
  });
}

/** A track and whose it is: the true face that it was on in the most frames. */
export interface TrackOwner {
  readonly trackId: number;
  readonly id?: number;
  readonly person?: string;
  readonly frames: number;
}

export function ownersOf(
  truth: readonly (readonly KnownFace[])[],
  answers: readonly (readonly NamedBox[])[],
): TrackOwner[] {
  const counts = new Map<number, Map<number, number>>();
  const people = new Map(truth.flat().map(({ id, person }) => [id, person]));
  answers.forEach((answer, frame) => {
    for (const { id } of answer) if (!counts.has(id)) counts.set(id, new Map());
    for (const [row, column] of matchesOf(truth[frame]!, answer)) {
      const of = counts.get(answer[column]!.id)!;
      const { id } = truth[frame]![row]!;
      of.set(id, (of.get(id) ?? 0) + 1);
    }
  });
  return [...counts].map(([trackId, of]) => {
    const [best] = [...of].sort((a, b) => b[1] - a[1]);
    if (!best) return { trackId, frames: 0 };
    return { trackId, id: best[0], person: people.get(best[0])!, frames: best[1] };
  });
}

/** What is said of a scene beside the metrics. `faults` are lines for the reader. */
export interface Told {
  readonly appearances: number;
  readonly foundAppearances: number;
  readonly known: number;
  readonly named: number;
  readonly strangers: number;
  readonly strangersNamed: number;
  readonly wrongNames: number;
  /** Of scenes with one photo of each person. */
  readonly shots: number;
  readonly goodShots: number;
  /** How many would be good if each were the frame most like the very photo that was filmed: no measure of a picture's quality knows more. */
  readonly attainableShots: number;
  /** Mean share of a track's frames that are better than its best shot, whatever the scene; absent without tracks. */
  readonly betterFrames?: number;
  readonly faults: readonly string[];
}

export function toldOf(
  scene: Scene,
  truth: readonly (readonly KnownFace[])[],
  answers: readonly (readonly NamedBox[])[],
  people: readonly ReadyPerson[],
  watched: Watched,
): Told {
  const owners = ownersOf(truth, answers);
  const faults: string[] = [];
  const appearances = appearancesOf(scene, truth);
  const found = appearances.filter((appearance) => isFound(appearance, owners, watched, faults));
  const names = owners.map((owner) => judgeName(owner, people, watched, faults));
  const ranks = owners.flatMap((owner) => rankOf(owner, people, watched, faults));
  const count = (verdict: Verdict): number => names.filter((each) => each === verdict).length;
  return {
    appearances: appearances.length,
    foundAppearances: found.length,
    known: count('right') + count('unnamed') + count('wrong'),
    named: count('right'),
    strangers: count('stranger') + count('named stranger'),
    strangersNamed: count('named stranger'),
    wrongNames: count('wrong'),
    shots: scene.onePhoto ? ranks.length : 0,
    goodShots: scene.onePhoto ? ranks.filter(({ share }) => share <= BEST_SHARE).length : 0,
    attainableShots: scene.onePhoto ? ranks.filter(({ attainable }) => attainable <= BEST_SHARE).length : 0,
    ...(ranks.length > 0 && {
      betterFrames: ranks.reduce((sum, { share }) => sum + share, 0) / ranks.length,
    }),
    faults,
  };
}

function isFound(
  { id, person, start, end }: Appearance,
  owners: readonly TrackOwner[],
  { lost }: Watched,
  faults: string[],
): boolean {
  const own = lost.filter(({ trackId }) =>
    owners.some((owner) => owner.trackId === trackId && owner.id === id),
  );
  const isRight = own.some(
    ({ firstFrame, lastFrame }) =>
      firstFrame >= start[0] - TOLERANCE &&
      firstFrame <= start[1] + TOLERANCE &&
      lastFrame >= end[0] - TOLERANCE &&
      lastFrame <= end[1] + TOLERANCE,
  );
  if (!isRight) {
    const told = own.map(
      (track) => `#${track.trackId} ${track.firstFrame}–${track.lastFrame} ${track.reason}`,
    );
    faults.push(
      `appearance of ${person} ${start.join('..')} – ${end.join('..')}: ${told.join(', ') || 'no track'}`,
    );
  }
  return isRight;
}

type Verdict = 'right' | 'unnamed' | 'wrong' | 'stranger' | 'named stranger' | 'nobody';

function judgeName(
  { trackId, person, frames }: TrackOwner,
  people: readonly ReadyPerson[],
  { names, lost, likenesses }: Watched,
  faults: string[],
): Verdict {
  const last = lost.find((track) => track.trackId === trackId);
  const given = names.filter((each) => each.trackId === trackId).map(({ name }) => name);
  if (person === undefined) {
    faults.push(
      `track #${trackId} is on nobody: ${last?.firstFrame}–${last?.lastFrame} ${last?.reason ?? ''}`,
    );
    return 'nobody';
  }
  const number = people.findIndex(({ name }) => name === person);
  const { isKnown } = people[number]!;
  if (!isKnown && given.length === 0 && last?.name === undefined) return 'stranger';
  if (isKnown && last?.name === person) return 'right';
  const cosines = likenesses.filter((each) => each.trackId === trackId).map((each) => each.cosines[number]!);
  const what = `${isKnown ? 'known' : 'stranger'} ${person}, ${frames} frames, cosine up to ${Math.max(...cosines, -1).toFixed(2)}`;
  faults.push(`track #${trackId} of ${what}: named ${last?.name ?? 'nobody'} (${given.join(', ')})`);
  if (!isKnown) return 'named stranger';
  return last?.name === undefined ? 'unnamed' : 'wrong';
}

/** Share of a track's frames that are more like the enrolled photo than the frame of its best shot; of tracks with enough frames. */
function rankOf(
  { trackId, person }: TrackOwner,
  people: readonly ReadyPerson[],
  { shots, likenesses }: Watched,
  faults: string[],
): { readonly share: number; readonly attainable: number }[] {
  const number = people.findIndex(({ name }) => name === person);
  const of = (all: readonly Likeness[]): number[] =>
    all.filter((each) => each.trackId === trackId).map(({ cosines }) => cosines[number]!);
  const shot = of(shots).at(-1);
  const others = of(likenesses);
  if (number < 0 || shot === undefined || others.length < 5) return [];
  const shareAbove = (least: number): number =>
    others.filter((cosine) => cosine > least + SAME_COSINE).length / others.length;
  const share = shareAbove(shot);
  const clearest = likenesses
    .filter((each) => each.trackId === trackId)
    .reduce((best, each) => ((each.shown?.[number] ?? -1) > (best.shown?.[number] ?? -1) ? each : best));
  const attainable = shareAbove(clearest.cosines[number]!);
  const most = Math.max(...others);
  if (share > BEST_SHARE)
    faults.push(
      `best shot of #${trackId} (${person}), frame ${shots.find((each) => each.trackId === trackId)!.frame}: cosine ${shot.toFixed(2)}, ${(100 * share).toFixed(0)} % of the frames are better, up to ${most.toFixed(2)}`,
    );
  return [{ share, attainable }];
}
