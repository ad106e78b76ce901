import { badParam, throwIfAborted } from '../core/errors.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import { withAnySignal } from '../core/any-signal.ts';
import type { HostPicture } from '../core/wire-image.ts';
import { withinMs } from '../core/within-ms.ts';
import { drawSteps, unforeseen } from '../video/challenge/draw.ts';
import type { ChallengeEvent, ChallengeResult } from '../video/challenge/events.ts';
import type { FrameSource } from '../video/frame-source.ts';
import { ChallengeRun } from './challenge-frames.ts';
import type { ChallengeOptions } from './challenge-options.ts';
import { resolveChallenge } from './resolve-challenge.ts';
import type { Session } from './session.ts';
import { openSource } from './watch-run.ts';

/** While no frame comes, it is looked so often whether time is up, in ms. */
const LOOK_MS = 250;

/** Runs a challenge to its end; see {@link NearFace.challenge}. */
export async function runChallenge(
  session: Session,
  source: unknown,
  raw: ChallengeOptions | undefined,
  tell: (event: ChallengeEvent) => void,
  stopped: AbortSignal,
): Promise<ChallengeResult> {
  const options = resolveChallenge(raw);
  const { signal, fps, threshold, stepTimeoutMs, timeoutMs, mistakes } = options;
  refuseRecorded(source);
  const level = PairConfidence.levelFor(threshold, session.confidence, 1);
  const rules = {
    ...drawSteps(options, unforeseen),
    ...{ stepMs: stepTimeoutMs, wholeMs: timeoutMs, mistakes },
  };
  const run = new ChallengeRun(session, { options, rules, level, tell });
  return withAnySignal([stopped, session.ended, signal], async (stop) => {
    let frames: FrameSource<HostPicture> | undefined;
    try {
      throwIfAborted(stop);
      frames = await openSource(session, source, { fps, signal: stop });
      return await follow(run, frames, stop);
    } catch (error) {
      session.throwIfDisposed();
      throw error;
    } finally {
      await frames?.close().catch(() => undefined);
    }
  });
}

/** What was recorded cannot do what it is asked. */
function refuseRecorded(source: unknown): void {
  const isFile = typeof source === 'string' || source instanceof Blob || source instanceof URL;
  if (isFile || Array.isArray(source))
    throw badParam(
      'source',
      source,
      'a MediaStream, a <video> or an iterable of images, as a camera gives them',
    );
}

async function follow(
  run: ChallengeRun,
  frames: FrameSource<HostPicture>,
  signal: AbortSignal,
): Promise<ChallengeResult> {
  let lastMs = performance.now();
  for (;;) {
    const asked = frames.next(signal);
    let next = await orNone(asked);
    // A source that gives nothing does not hold up the time.
    while (next === 'none') {
      const over = run.wait(performance.now() - lastMs);
      if (over) {
        asked.then((frame) => frame?.close()).catch(() => undefined);
        return over;
      }
      next = await orNone(asked);
    }
    if (!next) return run.end();
    try {
      const over = await run.see(next, signal);
      if (over) return over;
    } finally {
      next.close();
    }
    // How long it was looked at is no time that the person had.
    lastMs = performance.now();
  }
}

/** A frame that was asked for; `none`: it has not come for a while. */
function orNone<Asked>(asked: Promise<Asked>): Promise<Asked | 'none'> {
  return withinMs<Asked | 'none'>(asked, LOOK_MS, 'none');
}
