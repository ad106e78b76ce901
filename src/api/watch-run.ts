import { DEFAULT_APPEARANCE } from '../video/appearance.ts';
import { NearFaceError } from '../core/errors.ts';
import type { HostPicture } from '../core/wire-image.ts';
import type { VideoEvent, Untold } from '../video/events.ts';
import type { FollowOptions } from '../video/follow-options.ts';
import { Follower } from '../video/follower.ts';
import type { FrameSource, SourceInfo } from '../video/frame-source.ts';
import type { Identify } from '../video/stages.ts';
import { DEFAULT_TRACKER } from '../video/tracker-options.ts';
import { openVideo } from '../platform/open-video.ts';
import type { OpenVideo } from '../platform/port.ts';
import { detailsFor } from './analyse.ts';
import type { ReturnDetails } from './options.ts';
import { peopleRule, pickPeople } from './people-rule.ts';
import { cameraWatch, completeWatch, type ResolvedWatch, thresholdOf } from './resolve-watch.ts';
import { searchGallery } from './search-gallery.ts';
import type { Session } from './session.ts';
import type { Reaction, SessionParts } from './session-parts.ts';
import { videoStages } from './video-stages.ts';
import { type EnrolRules, enrolShot } from './watch-enrol.ts';
import type { WatchOptions } from './watch-options.ts';
import { TrackPeople } from './watch-people.ts';
import { postShot } from './watch-post.ts';
import { asAsked } from './watch-told.ts';

/** What a session on a source is made of. @throws NearFaceError `BAD_PARAM` of options, also of those in the camera's record */
export async function openParts(
  session: Session,
  source: unknown,
  called: WatchOptions,
): Promise<SessionParts> {
  const options = await withCamera(session, called);
  const identify = identifierOf(session, options);
  return {
    open: (onEvent, signal) => openSource(session, source, { ...options, onEvent, signal }),
    follow(info) {
      const follow = followOptions(session, options, info);
      const dated = isDated(options, info.kind);
      // What has no date is dated from now on.
      const shiftMs = dated ? 0 : Date.now();
      const people = trackPeople(session, options, shiftMs);
      return {
        follower: new Follower(videoStages(session), follow, identify),
        startTime: follow.startTime,
        tell: (event) => asAsked(event, options),
        reactions: reactionsOf(session, options, people, { dated, shiftMs }),
        ...(people && { people }),
      };
    },
    send: (picture) => session.host.pictureToSend(picture),
  };
}

/** The frames of a source. @throws NearFaceError as {@link HostVideo.openVideo} */
export function openSource(
  { assets }: Session,
  source: unknown,
  { fps, dropFrames, onEvent, signal }: Omit<OpenVideo, 'assets'>,
): Promise<FrameSource<HostPicture>> {
  const given = { ...(fps !== undefined && { fps }), ...(dropFrames !== undefined && { dropFrames }) };
  return openVideo(source, { assets, onEvent, signal, ...given });
}

/** The options with what the camera's record says; an id of which there is no camera is a word of the caller's own. */
async function withCamera(session: Session, called: WatchOptions): Promise<ResolvedWatch> {
  if (called.cameraId === undefined) return completeWatch(called);
  try {
    const camera = await session.gallery.ask('getCamera', [called.cameraId]);
    return cameraWatch(camera, called);
  } catch (error) {
    if (!(error instanceof NearFaceError) || error.code !== 'CAMERA_NOT_FOUND') throw error;
    return completeWatch(called);
  }
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
  const { dedupe, maxPersons, postTo, ...rest } = options;
  const judge = confidence && {
    ...DEFAULT_APPEARANCE,
    judge: (cosine: number, a: number, b: number) => confidence.confidence(cosine, a, b),
  };
  return {
    ...rest,
    photo: options.photo || postTo !== undefined || keepsPhotos(session, options),
    aligned: postTo !== undefined,
    tracker: { ...DEFAULT_TRACKER, maxPersons, ...(judge && { appearance: judge }) },
    live,
    realtime: options.realtime ?? live,
    details: detailsFor(wantedDetails(options)),
    startTime: options.startTime ?? (live ? Date.now() : 0),
    ...(dedupe && {
      dedupe: { windowMs: 10_000, maxDuplicates: 1, maxShiftPx: Infinity, ...dedupe },
    }),
  };
}

/** What is measured of a shot: what is told, and what is stored with it. */
function wantedDetails({ returnDetails = {}, enrol, minLiveness }: ResolvedWatch): ReturnDetails {
  const [told = false, stored = false] = [returnDetails.attributes, enrol?.returnDetails?.attributes];
  const attributes = told === true || stored === true || [...new Set([...(told || []), ...(stored || [])])];
  const liveness = (returnDetails.liveness ?? false) || minLiveness !== undefined;
  return { ...returnDetails, attributes, liveness };
}

const keepOfSightings = ({ keep }: Session, options: ResolvedWatch): WatchOptions['keep'] & string =>
  options.keep ?? keep;
const keepOfFaces = (session: Session, options: ResolvedWatch): WatchOptions['keep'] & string =>
  options.enrol?.keep ?? keepOfSightings(session, options);

function keepsPhotos(session: Session, options: ResolvedWatch): boolean {
  const isNoted = peopleRule(session, pickPeople(options)) !== undefined;
  return (
    (isNoted && keepOfSightings(session, options) === 'photos') ||
    (options.action === 'enrol' && keepOfFaces(session, options) === 'photos')
  );
}

/** Whether the times of events are times of day. */
const isDated = ({ startTime }: ResolvedWatch, kind: SourceInfo['kind']): boolean =>
  kind === 'live' || startTime !== undefined;

function trackPeople(session: Session, options: ResolvedWatch, shiftMs: number): TrackPeople | undefined {
  const rule = peopleRule(session, pickPeople(options));
  const { cameraId } = options;
  return (
    rule && new TrackPeople(session, { rule, keep: keepOfSightings(session, options), cameraId, shiftMs })
  );
}

/** What is done with reports beside telling them. A failure ends neither the tracks nor the session. */
function reactionsOf(
  session: Session,
  options: ResolvedWatch,
  people: TrackPeople | undefined,
  { dated, shiftMs }: { readonly dated: boolean; readonly shiftMs: number },
): readonly Reaction[] {
  const { action, postTo } = options;
  const reactions: Reaction[] = [];
  const rules: EnrolRules = {
    ...{ options, keep: keepOfFaces(session, options), isDated: dated },
    rule: people && peopleRule(session, pickPeople(options)),
  };
  if (action === 'enrol' || people)
    reactions.push((event, stop) => keep(session, rules, people, event, stop));
  if (postTo)
    reactions.push(async (event, stop) =>
      event.type === 'best-shot' ? [await postShot(session.host, postTo, event, shiftMs, stop)] : [],
    );
  return reactions;
}

/** Enrols and notes a report. */
async function keep(
  session: Session,
  rules: EnrolRules,
  people: TrackPeople | undefined,
  event: VideoEvent,
  stop: AbortSignal,
): Promise<readonly Untold[]> {
  if (event.type === 'lost') return people?.leave(event, stop) ?? [];
  if (event.type !== 'best-shot') return [];
  if (rules.options.action !== 'enrol') return people?.note(event, stop) ?? [];
  const personId = await people?.standing(event.trackId, stop);
  const enrolled = await enrolShot(session, rules, event, personId, stop);
  return [enrolled, ...((await people?.note(event, stop, enrolled.record)) ?? [])];
}
