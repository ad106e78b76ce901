import type { Liveness } from '../../core/liveness.ts';
import type { BestShot } from '../events.ts';

/**
 * What a person is asked to do. Left and right are those of the picture, as everywhere: `turn-left` is towards the picture's left edge,
 * which is the person's right.
 */
export type ChallengeStep = 'blink' | 'turn-left' | 'turn-right' | 'smile' | 'nod';

/** Every step, in the order of the documentation. */
export const CHALLENGE_STEPS: readonly ChallengeStep[] = ['blink', 'turn-left', 'turn-right', 'smile', 'nod'];

/**
 * What keeps a challenge from going on at the moment: nobody or nobody clearly first before the camera, a face that is too small or not whole
 * in the picture, one that does not yet look straight at the camera with open eyes, as it has to before each step.
 */
export type ChallengeHint = 'no-face' | 'several-faces' | 'closer' | 'centre' | 'look-straight' | 'open-eyes';

/**
 * Why a challenge was not passed.
 *
 * - `timeout`: a step, or the whole, took too long
 * - `wrong-step`: another step than the one asked for was done, as a recording would
 * - `another-person`: somebody else than at the beginning
 * - `face-lost`: nobody was there for a second, so that somebody else may have come
 * - `not-live`: the faces looked like prints, below `minLiveness`
 * - `ended`: the source had no more frames
 */
export type ChallengeFailure =
  'timeout' | 'wrong-step' | 'another-person' | 'face-lost' | 'not-live' | 'ended';

/** When something happened in a challenge. */
interface ChallengeTime {
  /** In ms since the first frame. */
  readonly timeMs: number;
}

/** A step is asked for: whoever shows the picture tells the person now. */
export interface StepAskedEvent extends ChallengeTime {
  /** What happened. */
  readonly type: 'asked';
  /** What is to be done. */
  readonly step: ChallengeStep;
  /** Counts from 0. */
  readonly index: number;
  /** How many steps there are. */
  readonly steps: number;
  /** How long there is for it, in ms. */
  readonly limitMs: number;
  /** The same as a sentence to the person, left and right being the person's own. */
  readonly text: string;
}

/** A step was done. */
export interface StepDoneEvent extends ChallengeTime {
  /** What happened. */
  readonly type: 'done';
  /** What was done. */
  readonly step: ChallengeStep;
  /** Counts from 0. */
  readonly index: number;
  /** How many steps there are. */
  readonly steps: number;
}

/** Another step than the one asked for was done; it is asked for again where `mistakes` allows. */
export interface WrongStepEvent extends ChallengeTime {
  /** What happened. */
  readonly type: 'wrong';
  /** What was asked for. */
  readonly step: ChallengeStep;
  /** What was done. */
  readonly did: ChallengeStep;
}

/** What is in the way has changed. */
export interface ChallengeHintEvent extends ChallengeTime {
  /** What happened. */
  readonly type: 'hint';
  /** What is in the way; absent when nothing is any more. */
  readonly hint?: ChallengeHint;
  /** The same as a sentence to the person; empty when nothing is in the way. */
  readonly text: string;
}

/** The challenge is over. It is the last event. */
export interface ChallengeEndedEvent extends ChallengeTime {
  /** What happened. */
  readonly type: 'ended';
  /** How it ended. */
  readonly result: ChallengeResult;
}

/** What a {@link Challenge} tells. */
export type ChallengeEvent =
  StepAskedEvent | StepDoneEvent | WrongStepEvent | ChallengeHintEvent | ChallengeEndedEvent;

/** A step as it was done. */
export interface StepTaken {
  /** What was asked for. */
  readonly step: ChallengeStep;
  /** When it was asked for, in ms since the first frame. */
  readonly askedMs: number;
  /** How long it took, in ms. */
  readonly tookMs: number;
}

/** What is known of a challenge that has ended. */
export interface ChallengeSeen {
  /** The steps that were done, in their order. */
  readonly steps: readonly StepTaken[];
  /**
   * The best look at the face while it looked straight at the camera: its embedding is what is compared with enrolled ones. Absent where there was
   * none.
   */
  readonly best?: BestShot;
  /** The mean over those looks; absent where it was not asked for or could not be told. */
  readonly liveness?: Liveness;
}

/** How a challenge ended. */
export type ChallengeResult =
  | (ChallengeSeen & {
      /** All steps were done in the order asked for, by one person. */
      readonly passed: true;
      readonly best: BestShot;
    })
  | (ChallengeSeen & {
      readonly passed: false;
      /** Why not. */
      readonly reason: ChallengeFailure;
      /** The step that was asked for, if one was. */
      readonly step?: ChallengeStep;
    });
