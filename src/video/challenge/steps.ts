import type { ChallengeFailure, ChallengeHint, ChallengeStep, StepTaken } from './events.ts';
import {
  confirmed,
  endsAtPeak,
  type FaceLook,
  type Gesture,
  moveGesture,
  moveStrays,
  NO_GESTURE,
  type Pose,
  poseOf,
  type Strays,
} from './gestures.ts';

/** What is asked, and how much time there is; every field is resolved. Times in ms. */
export interface ChallengeRules {
  /** In the order in which they are asked for. */
  readonly steps: readonly ChallengeStep[];
  /** How long the face has to look straight on before each step is asked for, one for each: not to be foreseen. */
  readonly waitsMs: readonly number[];
  /** For one step. */
  readonly stepMs: number;
  /** For all of it. */
  readonly wholeMs: number;
  /** How many wrong steps are let pass. */
  readonly mistakes: number;
}

/** A frame: the face that is asked, or why there is none. */
export interface ChallengeSight {
  readonly timeMs: number;
  readonly face?: FaceLook;
  readonly hint?: ChallengeHint;
}

/** A face that looks straight on. */
interface Steady {
  readonly sinceMs: number;
  readonly frames: number;
  /** Over these frames. */
  readonly mean: FaceLook;
}

/** All that is known after a frame. Immutable; begin with {@link START}. */
export interface ChallengeState {
  /** How the face looks straight on; from the last time that it was confirmed to be the same person's. */
  readonly neutral?: FaceLook;
  /** How long it has been looking straight on without a break, before a step is asked for. */
  readonly steady?: Steady;
  /** Whether it was confirmed since. */
  readonly isReady: boolean;
  /** The step that is asked for or comes next; as many as there are once all are done. */
  readonly index: number;
  /** When it was asked for; undefined: it was not yet. */
  readonly askedMs?: number;
  readonly gesture: Gesture;
  readonly strays: Strays;
  /** What was done last, and may still be going on while the next step is not asked for. */
  readonly excused?: ChallengeStep;
  readonly taken: readonly StepTaken[];
  readonly mistakes: number;
  /** How often in a row the face was not known to be the first one's. */
  readonly strange: number;
  /** Since which frame there has been no face; frames that nobody looked at do not count. */
  readonly missingSince?: number;
  readonly hint?: ChallengeHint;
  /** What would be in the way if it stayed so, and since when. */
  readonly hinted?: { readonly hint?: ChallengeHint; readonly sinceMs: number };
}

/** What a frame brought. */
export type ChallengeChange =
  | { readonly type: 'asked' | 'done'; readonly step: ChallengeStep; readonly index: number }
  | { readonly type: 'wrong'; readonly step: ChallengeStep; readonly did: ChallengeStep }
  | { readonly type: 'hint'; readonly hint?: ChallengeHint }
  | { readonly type: 'passed' }
  | { readonly type: 'failed'; readonly reason: ChallengeFailure };

/**
 * What has to be known of a frame before it counts: whether it shows the same person, `straight` on, where all that is told of a face is
 * measured, or at the `peak` of a step.
 */
export type ChallengeClaim = 'straight' | 'peak';

/** The state after a frame, what it brought, and what has to be confirmed by {@link confirmClaim}. */
export interface ChallengeMove {
  readonly state: ChallengeState;
  readonly changes: readonly ChallengeChange[];
  readonly claim?: ChallengeClaim;
}

export const START: ChallengeState = Object.freeze({
  ...{ isReady: false, index: 0, mistakes: 0, strange: 0 },
  ...{ gesture: NO_GESTURE, strays: {}, taken: [] },
});

/** A face that is turned or bowed further does not look straight on, in degrees. The camera may be above or below it. */
const MOST_YAW_DEG = 12;
const MOST_PITCH_DEG = 22;
/** The least opening of eyes that are open. */
const LEAST_OPENING = 0.14;
/** So long a face has to look straight on before it is believed, in ms. */
const STEADY_MS = 250;
/** After so long without the face somebody else may have come, in ms. */
const LOST_MS = 1000;
/** What is in the way is told once it has been for so long, in ms. */
const HINT_MS = 400;
/** So often in a row a face may be doubtful. */
const MOST_STRANGE = 3;

/** Takes a frame. */
export function stepChallenge(
  before: ChallengeState,
  sight: ChallengeSight,
  rules: ChallengeRules,
): ChallengeMove {
  const { timeMs, face } = sight;
  const overdue = overdueAt(before, timeMs, rules);
  if (overdue) return failed(before, overdue);
  const [hinted, hints] = tellHint(before, sight.hint ?? (face && inTheWay(before, face)), timeMs);
  if (!face || sight.hint) {
    const { steady: _, ...rest } = hinted;
    const { missingSince = timeMs, ...there } = rest;
    // Whoever shares the picture with others is there still.
    const seen = sight.hint === 'no-face' ? { ...there, missingSince } : there;
    return { state: { ...seen, isReady: false, gesture: NO_GESTURE, strays: {} }, changes: hints };
  }
  const { missingSince: _, ...seen } = hinted;
  const strayed = withoutStrays(seen, face, timeMs, rules);
  if (strayed.changes.length > 0) return { ...strayed, changes: [...hints, ...strayed.changes] };
  const move =
    seen.askedMs === undefined
      ? waitFor(strayed.state, face, timeMs, rules)
      : follow(strayed.state, face, timeMs, rules);
  return { ...move, changes: [...hints, ...move.changes] };
}

/** Takes the answer to a claim: whether the frame shows the same person. */
export function confirmClaim(
  state: ChallengeState,
  claim: ChallengeClaim,
  isSame: boolean,
  { timeMs, face }: ChallengeSight,
  rules: ChallengeRules,
): ChallengeMove {
  if (!isSame) {
    const strange = state.strange + 1;
    if (strange >= MOST_STRANGE) return failed(state, 'another-person');
    return { state: { ...state, strange }, changes: [] };
  }
  const known = { ...state, strange: 0 };
  if (claim === 'peak') {
    const peaked = { ...known, gesture: confirmed(known.gesture) };
    const step = rules.steps[state.index]!;
    return endsAtPeak(step) ? done(peaked, timeMs, rules) : { state: peaked, changes: [] };
  }
  const neutral = known.steady?.mean ?? face;
  const ready = { ...known, isReady: true, ...(neutral && { neutral }) };
  return state.index < rules.steps.length
    ? { state: ready, changes: [] }
    : { state: ready, changes: [{ type: 'passed' }] };
}

/** What has ended the challenge by a time at which no frame has come, if anything has. */
export function overdueAt(
  { askedMs, neutral, missingSince }: ChallengeState,
  timeMs: number,
  { stepMs, wholeMs }: ChallengeRules,
): ChallengeFailure | undefined {
  if (timeMs >= wholeMs || (askedMs !== undefined && timeMs - askedMs >= stepMs)) return 'timeout';
  return neutral && missingSince !== undefined && timeMs - missingSince >= LOST_MS ? 'face-lost' : undefined;
}

function failed(state: ChallengeState, reason: ChallengeFailure): ChallengeMove {
  return { state, changes: [{ type: 'failed', reason }] };
}

/** What keeps a face from counting as looking straight on. */
function inTheWay(state: ChallengeState, face: FaceLook): ChallengeHint | undefined {
  if (state.askedMs !== undefined) return undefined;
  if (!looksStraight(state, face)) return 'look-straight';
  return hasOpenEyes(state, face) ? undefined : 'open-eyes';
}

function looksStraight({ neutral }: ChallengeState, face: FaceLook): boolean {
  if (Math.abs(face.yaw) > MOST_YAW_DEG || Math.abs(face.pitch) > MOST_PITCH_DEG) return false;
  return !neutral || poseOf(face, neutral).isStraight;
}

function hasOpenEyes({ neutral }: ChallengeState, face: FaceLook): boolean {
  return face.eyes >= LEAST_OPENING && (!neutral || poseOf(face, neutral).eyes === 'open');
}

/** What is in the way is told when it has been for a while; that nothing is any more, at once. */
function tellHint(
  state: ChallengeState,
  hint: ChallengeHint | undefined,
  timeMs: number,
): readonly [ChallengeState, readonly ChallengeChange[]] {
  const { hint: told, hinted, ...rest } = state;
  const sinceMs = hinted && hinted.hint === hint ? hinted.sinceMs : timeMs;
  const now = { ...rest, hinted: { sinceMs, ...(hint && { hint }) } };
  const isDue = hint === undefined || timeMs - sinceMs >= HINT_MS;
  if (hint === told || !isDue) return [{ ...now, ...(told && { hint: told }) }, []];
  return [{ ...now, ...(hint && { hint }) }, [{ type: 'hint', ...(hint && { hint }) }]];
}

/** Holds steps that were not asked for against the person, once one may have known which would be. */
function withoutStrays(
  state: ChallengeState,
  face: FaceLook,
  timeMs: number,
  rules: ChallengeRules,
): ChallengeMove {
  const { neutral, askedMs, index, taken } = state;
  if (!neutral || (askedMs === undefined && taken.length === 0 && state.mistakes === 0))
    return { state, changes: [] };
  const allowed = askedMs === undefined ? state.excused : rules.steps[index];
  const [strays, did] = moveStrays(state.strays, allowed, poseOf(face, neutral), timeMs);
  if (did === undefined) return { state: { ...state, strays }, changes: [] };
  const mistakes = state.mistakes + 1;
  const step = rules.steps[Math.min(index, rules.steps.length - 1)]!;
  const wrong: ChallengeChange = { type: 'wrong', step, did };
  if (mistakes > rules.mistakes) return { state, changes: [wrong, { type: 'failed', reason: 'wrong-step' }] };
  const { askedMs: _asked, steady: _steady, ...rest } = state;
  const again = { ...rest, mistakes, excused: did, isReady: false, gesture: NO_GESTURE, strays: {} };
  return { state: again, changes: [wrong] };
}

/** Before a step, and after the last: the face looks straight on for a while, and is the same person's. */
function waitFor(
  state: ChallengeState,
  face: FaceLook,
  timeMs: number,
  { steps, waitsMs }: ChallengeRules,
): ChallengeMove {
  if (!looksStraight(state, face) || !hasOpenEyes(state, face) || isSmiling(state, face)) {
    const { steady: _, ...rest } = state;
    return { state: { ...rest, isReady: false }, changes: [] };
  }
  const steady = goOn(state.steady, face, timeMs);
  const waiting = { ...state, steady };
  const forMs = timeMs - steady.sinceMs;
  if (forMs < STEADY_MS) return { state: waiting, changes: [] };
  if (!state.isReady) return { state: waiting, changes: [], claim: 'straight' };
  if (forMs < STEADY_MS + (waitsMs[state.index] ?? 0)) return { state: waiting, changes: [] };
  const { steady: _, ...rest } = waiting;
  const asked = { ...rest, askedMs: timeMs, isReady: false, gesture: NO_GESTURE, strays: {} };
  const step = steps[state.index]!;
  return { state: asked, changes: [{ type: 'asked', step, index: state.index }] };
}

function goOn(before: Steady | undefined, face: FaceLook, timeMs: number): Steady {
  if (!before) return { sinceMs: timeMs, frames: 1, mean: face };
  const { sinceMs, frames, mean } = before;
  const blend = (key: keyof FaceLook): number => mean[key] + (face[key] - mean[key]) / (frames + 1);
  const [yaw, pitch, eyes, smile] = [blend('yaw'), blend('pitch'), blend('eyes'), blend('smile')];
  return { sinceMs, frames: frames + 1, mean: { yaw, pitch, eyes, smile } };
}

function isSmiling({ neutral }: ChallengeState, face: FaceLook): boolean {
  return neutral !== undefined && poseOf(face, neutral).isSmiling;
}

/** A step is asked for. */
function follow(state: ChallengeState, face: FaceLook, timeMs: number, rules: ChallengeRules): ChallengeMove {
  const step = rules.steps[state.index]!;
  const pose: Pose = poseOf(face, state.neutral!);
  const [gesture, moment] = moveGesture(step, state.gesture, pose, timeMs);
  const moved = { ...state, gesture };
  if (moment === 'peak') return { state: moved, changes: [], claim: 'peak' };
  return moment === 'done' ? done(moved, timeMs, rules) : { state: moved, changes: [] };
}

function done(state: ChallengeState, timeMs: number, { steps }: ChallengeRules): ChallengeMove {
  const { index, steady: _, askedMs: asked = timeMs, ...rest } = state;
  const step = steps[index]!;
  const taken = [...state.taken, { step, askedMs: asked, tookMs: timeMs - asked }];
  const next = {
    ...rest,
    index: index + 1,
    taken,
    excused: step,
    isReady: false,
    gesture: NO_GESTURE,
    strays: {},
  };
  return { state: next, changes: [{ type: 'done', step, index }] };
}
