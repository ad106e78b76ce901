import type { VideoEvent } from '../video/events.ts';
import type { FollowOptions } from '../video/follow-options.ts';
import { Follower } from '../video/follower.ts';
import type { SourceInfo } from '../video/frame-source.ts';
import type { Identify } from '../video/stages.ts';
import { DEFAULT_APPEARANCE } from '../video/appearance.ts';
import { DEFAULT_TRACKER } from '../video/tracker-options.ts';
import { detailsFor } from './analyse.ts';
import { searchGallery } from './search-gallery.ts';
import type { Session } from './session.ts';
import { VideoSession } from './video-session.ts';
import { videoStages } from './video-stages.ts';
import { enrolShot } from './watch-enrol.ts';
import { resolveWatch, thresholdOf, type ResolvedWatch, type WatchOptions } from './watch-options.ts';
import { postShot } from './watch-post.ts';

/** Starts a session; see {@link NearFace.watch}. */
export function watch(session: Session, source: unknown, raw: WatchOptions | undefined): VideoSession {
  session.throwIfDisposed();
  const options = resolveWatch(raw);
  const { host } = session;
  const identify = identifierOf(session, options);
  return new VideoSession(
    {
      now: () => performance.now(),
      open: (onEvent, signal) =>
        host.openVideo(source, {
          assets: session.assets,
          onEvent,
          signal,
          ...(options.dropFrames !== undefined && { dropFrames: options.dropFrames }),
          ...(options.fps !== undefined && { fps: options.fps }),
        }),
      follow: (info) => new Follower(videoStages(session), followOptions(session, options, info), identify),
      send: (picture) => host.pictureToSend(picture),
      overlay: (width, height) => host.createOverlay(width, height),
      act: (event, signal) => act(session, options, event, signal),
    },
    options.signal,
  );
}

function identifierOf(session: Session, options: ResolvedWatch): Identify | undefined {
  if (options.action === 'none') return undefined;
  const threshold = thresholdOf(options);
  const [first = 'default', ...others] = options.galleries;
  return async ({ embedding, reliability }, signal) => {
    const template = { embedding, reliability, modelId: session.visionInfo.embedding.id };
    const search = { limit: options.topK, threshold, galleries: others, ...(signal && { signal }) };
    const [matches = []] = await searchGallery(session, first, [template], search);
    return matches;
  };
}

/** What goes by the source: live ones are told of as they are seen. */
function followOptions(session: Session, options: ResolvedWatch, { kind }: SourceInfo): FollowOptions {
  const live = kind === 'live';
  const { confidence } = session;
  const { dedupe, returnDetails, maxPersons, ...rest } = options;
  const judge = confidence && {
    ...DEFAULT_APPEARANCE,
    judge: (cosine: number, a: number, b: number) => confidence.confidence(cosine, a, b),
  };
  const { enrol, postTo } = options;
  return {
    ...rest,
    photo: options.photo || enrol?.keep === 'photos' || postTo !== undefined,
    aligned: postTo !== undefined,
    tracker: { ...DEFAULT_TRACKER, maxPersons, ...(judge && { appearance: judge }) },
    live,
    realtime: options.realtime ?? live,
    details: detailsFor(returnDetails),
    startTime: options.startTime ?? (live ? Date.now() : 0),
    ...(dedupe && {
      dedupe: { windowMs: 10_000, maxDuplicates: 1, maxShiftPx: Infinity, ...dedupe },
    }),
  };
}

/** What is done with reports beside telling them. A failure ends neither the tracks nor the session. */
async function act(
  session: Session,
  options: ResolvedWatch,
  event: VideoEvent,
  signal: AbortSignal,
): Promise<readonly VideoEvent[]> {
  if (event.type !== 'best-shot') return [];
  const further: VideoEvent[] = [];
  if (options.action === 'enrol') further.push(await enrolShot(session, options, event, signal));
  if (options.postTo) further.push(await postShot(session.host, options.postTo, event, signal));
  return further;
}
