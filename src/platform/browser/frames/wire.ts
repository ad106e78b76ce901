import type { WireError } from '../../../core/errors.ts';
import type { SourceInfo } from '../../../video/frame-source.ts';

/** What is asked of whoever decodes a file, over a port of its own. */
export type FramesRequest =
  | { readonly type: 'open'; readonly source: Blob | string; readonly name: string }
  /** Decodes from a frame on; what was asked before is over. `run` counts these requests. */
  | { readonly type: 'read'; readonly run: number; readonly from: number }
  /** So many more frames may be sent: the back pressure. */
  | { readonly type: 'want'; readonly run: number; readonly frames: number }
  /** Decodes an image. */
  | { readonly type: 'picture'; readonly id: number; readonly blob: Blob }
  | { readonly type: 'ping' }
  | { readonly type: 'close' };

/** What it answers. */
export type FramesReply =
  | { readonly type: 'opened'; readonly info: SourceInfo; readonly times: WireTimes | undefined }
  | FrameReply
  | { readonly type: 'ended'; readonly run: number }
  /** `run` 0: it could not be opened. */
  | { readonly type: 'failed'; readonly run: number; readonly error: WireError }
  | { readonly type: 'picture'; readonly id: number; readonly image: ImageBitmap }
  | { readonly type: 'no-picture'; readonly id: number; readonly error: WireError }
  | { readonly type: 'pong' }
  /** The last message. */
  | { readonly type: 'closed' };

/** A frame on its way; whoever gets it closes it. */
export interface FrameReply {
  readonly type: 'frame';
  readonly run: number;
  readonly index: number;
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  readonly image: VideoFrame | ImageBitmap;
}

/** The times of a file's frames and the end of the last one, in seconds. */
export interface WireTimes {
  readonly times: Float64Array;
  readonly end: number;
}
