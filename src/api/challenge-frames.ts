import { dot, toCosine } from '../core/dot.ts';
import type { FrameDetails, FrameFace, MeasuredFace } from '../core/frames.ts';
import { livenessOf, passesLiveness } from '../core/liveness.ts';
import { type Level, passesLevel } from '../core/pair-confidence.ts';
import type { HostPicture, WireInput } from '../core/wire-image.ts';
import type {
  ChallengeEvent,
  ChallengeFailure,
  ChallengeHint,
  ChallengeResult,
  ChallengeSeen,
} from '../video/challenge/events.ts';
import { FaceFinder } from '../video/challenge/find-face.ts';
import { lookOf } from '../video/challenge/look-of.ts';
import {
  type ChallengeClaim,
  type ChallengeMove,
  type ChallengeRules,
  type ChallengeSight,
  type ChallengeState,
  confirmClaim,
  overdueAt,
  START,
  stepChallenge,
} from '../video/challenge/steps.ts';
import { HINT_TEXTS, STEP_TEXTS } from '../video/challenge/words.ts';
import type { BestShot } from '../video/events.ts';
import type { Frame } from '../video/frame-source.ts';
import { shotOf } from '../video/shot-of.ts';
import type { HeldFrame, Stages } from '../video/stages.ts';
import { detailsFor } from './analyse.ts';
import { similarity } from './compare.ts';
import type { ResolvedChallenge } from './resolve-challenge.ts';
import type { Session } from './session.ts';
import { videoStages } from './video-stages.ts';
import { shotAsAsked } from './watch-told.ts';

/** A face of less reliability is not taken for what later ones are compared with. */
const LEAST_RELIABILITY = 0.3;

/** What is looked at in each frame. */
const LOOK: FrameDetails = { details: detailsFor({ angle: true, mesh: true }), keep: 'none' };

/** What a challenge is made of. */
export interface ChallengeParts {
  readonly options: ResolvedChallenge;
  readonly rules: ChallengeRules;
  /** From when on two faces are one person's. */
  readonly level: Level;
  readonly tell: (event: ChallengeEvent) => void;
}

/** Looks at the frames of one challenge. */
export class ChallengeRun {
  readonly #session: Session;
  readonly #parts: ChallengeParts;
  readonly #stages: Stages<WireInput>;
  readonly #finder: FaceFinder;
  #state: ChallengeState = START;
  /** That of the last frame, and what has passed since without one. */
  #timeMs = 0;
  /** The last frame's. */
  #frameMs = 0;
  /** What faces are compared with: the first that looked straight on. */
  #first: { readonly embedding: Float32Array; readonly reliability: number } | undefined;
  #best: BestShot | undefined;
  readonly #liveness: number[] = [];

  constructor(session: Session, parts: ChallengeParts) {
    this.#session = session;
    this.#parts = parts;
    this.#stages = videoStages(session);
    this.#finder = new FaceFinder(parts.options.minFaceSize);
  }

  /** Takes a frame, whose picture stays its owner's. Answers how it ended, if it has. */
  async see(frame: Frame<HostPicture>, signal: AbortSignal): Promise<ChallengeResult | undefined> {
    this.#timeMs = this.#frameMs = frame.timeMs;
    const sent = this.#session.host.pictureToSend(frame.image);
    const held = await this.#stages.take(sent, { greyScale: 0 }, signal);
    try {
      const found = await this.#finder.find(held, this.#timeMs, signal);
      const sight = await this.#sightOf(held, found, signal);
      const move = stepChallenge(this.#state, sight, this.#parts.rules);
      const over = this.#take(move);
      if (over || !move.claim || !found.face) return over;
      const isSame = await this.#check(held, found.face, move.claim, frame, signal);
      if (isSame === undefined) return undefined;
      return this.#take(confirmClaim(this.#state, move.claim, isSame, sight, this.#parts.rules));
    } finally {
      held.giveBack();
    }
  }

  /** No frame has come for so long, in ms. Answers how it ended, if time is up. */
  wait(sinceMs: number): ChallengeResult | undefined {
    this.#timeMs = this.#frameMs + sinceMs;
    const reason = overdueAt(this.#state, this.#timeMs, this.#parts.rules);
    return reason && this.#fail(reason);
  }

  /** The source has ended. */
  end(): ChallengeResult {
    return this.#fail('ended');
  }

  async #sightOf(
    held: HeldFrame,
    { face, hint }: { readonly face?: FrameFace; readonly hint?: ChallengeHint },
    signal: AbortSignal,
  ): Promise<ChallengeSight> {
    const timeMs = this.#timeMs;
    if (hint || !face) return { timeMs, hint: hint ?? 'no-face' };
    const [measured] = await held.measure([face], LOOK, signal);
    const look = lookOf(measured!.face);
    return look ? { timeMs, face: look } : { timeMs, hint: 'no-face' };
  }

  /** Whether a face is the first one's; undefined: it does not tell. */
  async #check(
    held: HeldFrame,
    face: FrameFace,
    claim: ChallengeClaim,
    { index }: Frame<HostPicture>,
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    const [measured] = await held.measure([face], this.#wanted(claim), signal);
    const { embedding, reliability = this.#session.assumedReliability } = measured!.face;
    if (!embedding) return undefined;
    if (!this.#first && reliability < LEAST_RELIABILITY) return undefined;
    const template = { embedding, reliability };
    this.#first ??= template;
    const cosine = toCosine(dot(embedding, this.#first.embedding));
    const alike = similarity(this.#session, cosine, [reliability, this.#first.reliability]);
    const isSame = passesLevel(this.#parts.level, alike);
    if (isSame && claim === 'straight') this.#keep(measured!, index);
    return isSame;
  }

  #wanted(claim: ChallengeClaim): FrameDetails {
    const { returnDetails = {}, minLiveness, photo } = this.#parts.options;
    if (claim === 'peak') return { details: detailsFor({}, true), keep: 'none' };
    const liveness = (returnDetails.liveness ?? false) || minLiveness !== undefined;
    const details = { ...returnDetails, angle: true, quality: true, liveness };
    return { details: detailsFor(details, true), keep: photo ? 'photos' : 'crops' };
  }

  #keep(measured: MeasuredFace, frameIndex: number): void {
    const { liveness, position } = measured.face;
    if (liveness) this.#liveness.push(liveness.score);
    const shot = shotOf(measured, { timeMs: this.#timeMs, frameIndex, box: position });
    if (shot && shot.score > (this.#best?.score ?? -1)) this.#best = shotAsAsked(shot, this.#parts.options);
  }

  /** Takes over a state, and tells what it brought. */
  #take({ state, changes }: ChallengeMove): ChallengeResult | undefined {
    this.#state = state;
    const { rules, tell } = this.#parts;
    const timeMs = this.#timeMs;
    for (const change of changes) {
      if (change.type === 'failed') return this.#fail(change.reason);
      if (change.type === 'passed') return this.#pass();
      if (change.type === 'hint') {
        tell({ ...change, timeMs, text: change.hint ? HINT_TEXTS[change.hint] : '' });
      } else if (change.type === 'wrong') {
        tell({ ...change, timeMs });
      } else {
        const { type, step, index } = change;
        const common = { timeMs, step, index, steps: rules.steps.length };
        if (type === 'done') tell({ type, ...common });
        else tell({ type, ...common, limitMs: rules.stepMs, text: STEP_TEXTS[step] });
      }
    }
    return undefined;
  }

  #pass(): ChallengeResult {
    const { minLiveness } = this.#parts.options;
    const seen = this.#seen();
    if (minLiveness !== undefined && !passesLiveness(seen.liveness, minLiveness))
      return this.#fail('not-live');
    // No face is confirmed before it was measured.
    return this.#tellEnd({ ...seen, passed: true, best: seen.best! });
  }

  #fail(reason: ChallengeFailure): ChallengeResult {
    const { index, askedMs } = this.#state;
    const step = askedMs === undefined ? undefined : this.#parts.rules.steps[index];
    return this.#tellEnd({ ...this.#seen(), passed: false, reason, ...(step && { step }) });
  }

  #tellEnd(result: ChallengeResult): ChallengeResult {
    this.#parts.tell({ type: 'ended', timeMs: this.#timeMs, result });
    return result;
  }

  #seen(): ChallengeSeen {
    const scores = this.#liveness;
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return {
      steps: this.#state.taken,
      ...(this.#best && { best: this.#best }),
      ...(scores.length > 0 && { liveness: livenessOf(mean) }),
    };
  }
}
