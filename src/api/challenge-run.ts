import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { HostPicture } from '../core/wire-image.ts';
import { drawSteps, unforeseen } from '../video/challenge/draw.ts';
import type { ChallengeEvent, ChallengeResult } from '../video/challenge/events.ts';
import type { Frame, FrameSource } from '../video/frame-source.ts';
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
  const stopper = new AbortController();
  const stop = (): void => stopper.abort(signal?.reason);
  for (const each of [stopped, signal]) {
    if (each?.aborted) stop();
    each?.addEventListener('abort', stop, { once: true });
  }
  let frames: FrameSource<HostPicture> | undefined;
  try {
    throwIfAborted(stopper.signal);
    frames = await openSource(session, source, { fps, signal: stopper.signal });
    const run = new ChallengeRun(session, { options, rules, level, tell });
    return await follow(run, frames, stopper.signal);
  } finally {
    for (const each of [stopped, signal]) each?.removeEventListener('abort', stop);
    await frames?.close().catch(() => undefined);
  }
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
  const isLive = frames.info.kind === 'live';
  let lastMs = performance.now();
  for (;;) {
    const next = await nextFrame(frames, isLive, signal);
    // A camera that gives nothing does not hold up the time.
    if (next === 'none') {
      const over = run.wait(performance.now() - lastMs);
      if (over) return over;
      continue;
    }
    if (!next) return run.end();
    lastMs = performance.now();
    try {
      const over = await run.see(next, signal);
      if (over) return over;
    } finally {
      next.close();
    }
  }
}

/** The next frame; `none`: of a live source none has come for a while. */
async function nextFrame(
  frames: FrameSource<HostPicture>,
  isLive: boolean,
  signal: AbortSignal,
): Promise<Frame<HostPicture> | 'none' | undefined> {
  if (!isLive) return frames.next(signal);
  const waiting = new AbortController();
  const end = (): void => waiting.abort();
  const timer = setTimeout(end, LOOK_MS);
  signal.addEventListener('abort', end, { once: true });
  try {
    throwIfAborted(signal);
    return await frames.next(waiting.signal);
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof NearFaceError && error.code === 'ABORTED') return 'none';
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
