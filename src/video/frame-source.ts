/**
 * Where frames come from, whatever they come from: a camera, a `<video>`, a file, images in a row. One asks for the next frame;
 * nothing is pushed. `Image` is the host's own kind of picture.
 */

/** One frame of a source. Whoever takes it closes it, once. */
export interface Frame<Image> {
  /** Place among the source's frames, from 0; those that were dropped are counted. */
  readonly index: number;
  /** Time since the source's first frame, in milliseconds; never less than that of a frame before. */
  readonly timeMs: number;
  /** Size in pixels as it is shown: turned as the file says, with square pixels. */
  readonly width: number;
  readonly height: number;
  readonly image: Image;
  /** Lets go of the picture. Safe to call twice. */
  close(): void;
}

/**
 * What makes the frames. `timer`: a `<video>` is looked at as often as it should show another frame, as the browser does not tell when;
 * the others are what their names say.
 */
export type FrameWay = 'processor' | 'video-frame-callback' | 'timer' | 'webcodecs' | 'seeking' | 'images';

/** What is known of a source when it is open. */
export interface SourceInfo {
  /** Live sources do not wait for whoever reads them. */
  readonly kind: 'live' | 'file' | 'images';
  /** As in `video/mp4`; empty for what has none. */
  readonly mediaType: string;
  /** Size of its last frame in pixels; 0 where a live source has given none yet. */
  readonly width: number;
  /** The same. */
  readonly height: number;
  /** Frames a second: of a file, its nominal rate, as in 25 or 30000 / 1001; the mean one if the rate varies. */
  readonly fps?: number;
  /** How many frames there are, where that is known. */
  readonly frames?: number;
  /** From the first frame's start to the last one's end. */
  readonly durationMs?: number;
  /** As WebCodecs names it: `avc1.640028`. */
  readonly codec?: string;
  /** How the frames are got. */
  readonly way: FrameWay;
}

/**
 * What happens to a source; no error, since the frames go on or are over. `index` is that of the frame that would come next.
 *
 * - `resized`: from this frame on it has another size
 * - `stalled`: no frame has come for `forMs`; `resumed`: one came at last
 * - `muted`, `unmuted`: the camera was switched off and on by its owner, or the system
 * - `jumped`: somebody moved the `<video>` from `fromMs` to `toMs` of its own time
 * - `taken-away`: the camera was unplugged or stopped, the permission withdrawn, the `<video>` failed; `ended` follows
 * - `ended`: it has no more frames
 */
export type SourceEvent =
  | { readonly type: 'resized'; readonly index: number; readonly width: number; readonly height: number }
  | { readonly type: 'stalled'; readonly index: number; readonly forMs: number }
  | { readonly type: 'resumed' | 'muted' | 'unmuted' | 'ended'; readonly index: number }
  | { readonly type: 'jumped'; readonly index: number; readonly fromMs: number; readonly toMs: number }
  | { readonly type: 'taken-away'; readonly index: number; readonly reason: string };

/** How a source is read. */
export interface SourceOptions {
  /**
   * `true`: of the frames that wait only the newest is kept, and those that were dropped are counted; a file is read at the speed
   * at which it would be played. `false`: every frame in order; a live source keeps a few that wait, since it does not.
   * Default: `true` for live sources.
   */
  readonly dropFrames?: boolean | undefined;
  /** A live source that gives no frame for so many milliseconds has `stalled`. Default: 3000. */
  readonly stallMs?: number | undefined;
  /** Told what happens, as it happens. */
  readonly onEvent?: ((event: SourceEvent) => void) | undefined;
}

/** An open source of frames. */
export interface FrameSource<Image> {
  /** What is known of it now. */
  readonly info: SourceInfo;
  /** How many frames were dropped. */
  readonly dropped: number;
  /**
   * The next frame; `undefined` once the source has ended or was closed. Calls are served in their order.
   *
   * @throws NearFaceError `VIDEO_DECODING_FAILED`, once the frames before the damage were given; `ABORTED`, the frame is then kept
   * for the next call
   */
  next(signal?: AbortSignal): Promise<Frame<Image> | undefined>;
  /**
   * Goes on at a frame, counted from 0 and exact, also after the end or a failure. Only where the source is a file or an array.
   *
   * @throws NearFaceError `BAD_PARAM` if there is no such frame
   */
  seek?(frameIndex: number): Promise<void>;
  /** Until {@link FrameSource.resume}, `next` waits. Frames of a live source go by meanwhile: they are counted, but not as dropped. */
  pause(): void;
  resume(): void;
  /** Lets go of all it holds; frames that were taken stay their taker's. Safe to call twice. */
  close(): Promise<void>;
}
