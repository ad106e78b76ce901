import type { BrowserObject } from '../core/browser-object.ts';
import type { ImageInput } from './image-input.ts';

/** Images in a row. */
export type ImageRow = Iterable<ImageInput> | AsyncIterable<ImageInput>;

/**
 * What {@link NearFace.watch} takes: a camera's stream, a `<video>` that plays, a video file (mp4, mov, webm, mkv) or its URL, or
 * images in a row.
 */
export type VideoInput =
  BrowserObject<'MediaStream'> | BrowserObject<'HTMLVideoElement'> | Blob | string | URL | ImageRow;
