import type { HostPicture, WireInput } from '../core/wire-image.ts';
import type { OverlayStream } from '../platform/port.ts';
import type { Untold, VideoEvent } from '../video/events.ts';
import type { Follower } from '../video/follower.ts';
import type { FrameSource, SourceEvent, SourceInfo } from '../video/frame-source.ts';

/**
 * Something that is done with events beside telling them; answers what is to be told of it.
 *
 * @param stop - aborts when the session was stopped and waits no longer: what is not done by then is told of as not done
 */
export type Reaction = (event: VideoEvent, stop: AbortSignal) => Promise<readonly Untold[]>;

/** What follows the faces of a source. */
export interface Following {
  readonly follower: Follower<WireInput>;
  /** What times of events begin at. */
  readonly startTime: number;
  /** Of a live source each goes at its own pace, beside the frames. */
  readonly reactions: readonly Reaction[];
  /** What of an event is told; reactions are given all that was measured. */
  readonly tell?: (event: VideoEvent) => VideoEvent;
  /** Who the tracks are, where that is found out. */
  readonly people?: {
    personOf(trackId: number): string | undefined;
    name(event: VideoEvent): VideoEvent;
  };
}

/** What a session is made of. */
export interface SessionParts {
  /** Opens the source, told what happens to it. */
  open(onEvent: (event: SourceEvent) => void, signal: AbortSignal): Promise<FrameSource<HostPicture>>;
  /** Makes what follows faces, once the source is known. */
  follow(info: SourceInfo): Following;
  /** A picture as it is sent to the stages. */
  send(picture: HostPicture): WireInput;
}

/** How a session is begun. */
export interface SessionStart {
  /** Gets the parts, and the code that they are of. */
  load(): Promise<SessionParts>;
  /** A stream of the frames with boxes drawn over them. */
  overlay(width: number, height: number): OverlayStream;
  readonly now: () => number;
  readonly cameraId?: string;
  readonly signal?: AbortSignal;
}
