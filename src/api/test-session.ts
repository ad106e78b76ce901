/** For tests: sessions over videos that are made up, without a browser. */
import type { HostPicture, WireInput } from '../core/wire-image.ts';
import type { VideoEvent } from '../video/events.ts';
import type { FollowOptions } from '../video/follow-options.ts';
import { Follower } from '../video/follower.ts';
import type { FrameSource } from '../video/frame-source.ts';
import { DEFAULT_TRACKER } from '../video/tracker-options.ts';
import type { Reaction } from './session-parts.ts';
import { type TestPicture, testStages, type TestVideo, type Tick, videoSource } from './test-scene.ts';
import { VideoSession } from './video-session.ts';

export const FOLLOW: FollowOptions = {
  tracker: DEFAULT_TRACKER,
  ...{ motionThreshold: 0.002, motionScale: 0.3, live: false, realtime: false, boxScale: 1, startTime: 0 },
  ...{ minShotScore: 0.3, scoreStep: 0.05, delayMs: 0, refreshMs: 0, photo: false, aligned: false },
  details: { landmarks: false, mesh: false, attributes: [], liveness: false },
};

/** What of a session is another than usual. */
export interface TestParts {
  readonly tick?: Tick;
  readonly follow?: Partial<FollowOptions>;
  readonly reactions?: readonly Reaction[];
  readonly source?: (source: FrameSource<TestPicture>) => FrameSource<TestPicture>;
  readonly tell?: (event: VideoEvent) => VideoEvent;
  readonly now?: () => number;
  /** Told when a stream over the frames ends. */
  readonly overlay?: () => void;
}

/** A session over a made up video. */
export function testSession(
  video: TestVideo,
  {
    tick = () => undefined,
    follow = {},
    reactions = [],
    source = (own) => own,
    now,
    overlay = () => undefined,
    ...how
  }: TestParts = {},
): VideoSession {
  const follower = new Follower(testStages(tick), { ...FOLLOW, ...follow }, undefined);
  return new VideoSession({
    now: now ?? (() => performance.now()),
    overlay: () => ({ stream: {}, draw: () => undefined, end: overlay }),
    load: () =>
      Promise.resolve({
        open: () => Promise.resolve(source(videoSource(video, tick)) as unknown as FrameSource<HostPicture>),
        follow: () => ({
          follower: follower as unknown as Follower<WireInput>,
          startTime: 0,
          reactions,
          ...how,
        }),
        send: (picture) => picture as unknown as WireInput,
      }),
  });
}

/** All that a session tells. */
export async function eventsOf(session: VideoSession): Promise<VideoEvent[]> {
  const events: VideoEvent[] = [];
  for await (const event of session) events.push(event);
  return events;
}
