import type { ChallengeStep } from './events.ts';

/** What a frame shows of a face. Angles in degrees, as those of faces are told. */
export interface FaceLook {
  readonly yaw: number;
  readonly pitch: number;
  /** How far the more open eye is open: about 0.25, closed 0.1. */
  readonly eyes: number;
  /** How far the corners of the mouth are apart and up; see `smileOf`. */
  readonly smile: number;
}

/** A face that is turned further than this from how it looked straight on does not show mouth and eyes as they are, in degrees. */
const STRAIGHT_DEG = 12;
/** From so many degrees on a head counts as turned, and bowed. */
const TURNED_DEG = 18;
const BOWED_DEG = 9;
/** A head that was bowed is up again at so many. */
const RAISED_DEG = 4;
/** Eyes are closed below this share of their own opening, and open again above the other. */
const CLOSED_SHARE = 0.6;
const OPEN_SHARE = 0.8;
/** By how much more than before a smile is one. */
const SMILING = 0.09;
/** A turn and a smile have to last, in ms: a mesh that slips for a frame does not. */
const TURN_MS = 80;
const SMILE_MS = 300;
/** One that is not asked for has to last longer before it is held against anybody. */
const STRAY_SMILE_MS = 800;
/** Bowing and raising the head takes no longer, in ms. */
const NOD_MS = 3000;

/** What a face does at a moment, against how it looked straight on. */
export interface Pose {
  readonly isStraight: boolean;
  readonly turned: 'left' | 'right' | undefined;
  readonly isBowed: boolean;
  readonly isRaised: boolean;
  readonly eyes: 'open' | 'closed' | undefined;
  readonly isSmiling: boolean;
}

/** What a face does. */
export function poseOf(look: FaceLook, neutral: FaceLook): Pose {
  const yaw = look.yaw - neutral.yaw;
  const pitch = look.pitch - neutral.pitch;
  const isFacing = Math.abs(yaw) <= STRAIGHT_DEG;
  const isStraight = isFacing && Math.abs(pitch) <= STRAIGHT_DEG;
  const open = look.eyes / neutral.eyes;
  const eyes = open <= CLOSED_SHARE ? 'closed' : open >= OPEN_SHARE ? 'open' : undefined;
  return {
    isStraight,
    turned: yaw <= -TURNED_DEG ? 'left' : yaw >= TURNED_DEG ? 'right' : undefined,
    // The pitch of a head that is turned aside says little.
    isBowed: isFacing && pitch >= BOWED_DEG,
    isRaised: isFacing && pitch <= RAISED_DEG,
    eyes: isStraight ? eyes : undefined,
    // Eyes that are pressed together draw the mouth with them.
    isSmiling: isStraight && eyes === 'open' && look.smile - neutral.smile >= SMILING,
  };
}

/** How far a step has come: `peak` is where it can no longer be mistaken, `done` where it is over. */
export interface Gesture {
  /** When what is being done began, in ms; undefined: it has not. */
  readonly since?: number;
  /** Whether its peak was reached, and confirmed to be the same person's. */
  readonly isPeaked: boolean;
}

export const NO_GESTURE: Gesture = Object.freeze({ isPeaked: false });

/** What a moment is for a step. */
export type Moment = 'nothing' | 'peak' | 'done';

/**
 * A step after a moment, and what that moment was for it. A peak counts once {@link confirmed}; those that have one after which nothing must
 * follow are done with it.
 */
export function moveGesture(
  step: ChallengeStep,
  gesture: Gesture,
  pose: Pose,
  timeMs: number,
): readonly [Gesture, Moment] {
  switch (step) {
    case 'turn-left':
    case 'turn-right':
      return held(gesture, pose.turned === (step === 'turn-left' ? 'left' : 'right'), TURN_MS, timeMs);
    case 'smile':
      return held(gesture, pose.isSmiling, SMILE_MS, timeMs);
    case 'blink':
      if (gesture.isPeaked) return [gesture, pose.eyes === 'open' ? 'done' : 'nothing'];
      return [gesture, pose.eyes === 'closed' ? 'peak' : 'nothing'];
    case 'nod':
      if (gesture.isPeaked && timeMs - (gesture.since ?? timeMs) > NOD_MS) return [NO_GESTURE, 'nothing'];
      if (gesture.isPeaked) return [gesture, pose.isRaised ? 'done' : 'nothing'];
      return pose.isBowed ? [{ ...gesture, since: timeMs }, 'peak'] : [gesture, 'nothing'];
  }
}

/** What has to last reaches its peak once it has lasted for so long. */
function held(gesture: Gesture, isSo: boolean, forMs: number, timeMs: number): readonly [Gesture, Moment] {
  if (!isSo) return [NO_GESTURE, 'nothing'];
  const since = gesture.since ?? timeMs;
  return [{ ...gesture, since }, timeMs - since >= forMs ? 'peak' : 'nothing'];
}

/** Whether a step is done with its peak: one need not be seen to turn back. */
export function endsAtPeak(step: ChallengeStep): boolean {
  return step === 'turn-left' || step === 'turn-right' || step === 'smile';
}

/** A step whose peak was the same person's. */
export function confirmed(gesture: Gesture): Gesture {
  return { ...gesture, isPeaked: true };
}

/** Steps that nobody does by chance. Everybody blinks. */
const DELIBERATE = ['turn-left', 'turn-right', 'smile', 'nod'] as const satisfies readonly ChallengeStep[];

/** What is being done that is not asked for. */
export type Strays = Readonly<Partial<Record<ChallengeStep, Gesture>>>;

/**
 * Follows the steps that are not asked for.
 *
 * @param allowed - what is asked for, or was, and may still be going on
 * @returns what is going on, and what was done
 */
export function moveStrays(
  strays: Strays,
  allowed: ChallengeStep | undefined,
  pose: Pose,
  timeMs: number,
): readonly [Strays, ChallengeStep | undefined] {
  let did: ChallengeStep | undefined;
  const next: Partial<Record<ChallengeStep, Gesture>> = {};
  for (const step of DELIBERATE) {
    if (step === allowed) continue;
    const [moved, moment] = moveGesture(step, strays[step] ?? NO_GESTURE, pose, timeMs);
    next[step] = moment === 'peak' && step === 'nod' ? confirmed(moved) : moved;
    const lastsMs = timeMs - (moved.since ?? timeMs);
    const isDone = step === 'smile' ? lastsMs >= STRAY_SMILE_MS : moment === 'done';
    if (isDone || (moment === 'peak' && step !== 'smile' && step !== 'nod')) did ??= step;
  }
  return [next, did];
}
