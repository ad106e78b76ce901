import type { LivePicture } from '../../../video/live-frames.ts';
import { videoError } from '../../../video/video-error.ts';

/** What frames are in a browser: a `VideoFrame` where it has that, else an `ImageBitmap`. */
export type Picture = VideoFrame | ImageBitmap;

/** A picture with its size as it is shown. */
export function livePicture(image: Picture): LivePicture<Picture> {
  const [width, height] =
    'displayWidth' in image ? [image.displayWidth, image.displayHeight] : [image.width, image.height];
  return { image, width, height, close: () => image.close() };
}

/**
 * What a `<video>` shows now: at once where the browser makes frames of it.
 *
 * @param name - for messages
 * @throws NearFaceError `VIDEO_DECODING_FAILED` if it is from another origin; DOMException if it shows nothing yet
 */
export function grab(video: HTMLVideoElement, name: string): Picture | Promise<Picture> {
  if (typeof VideoFrame !== 'undefined') {
    try {
      return new VideoFrame(video);
    } catch (error) {
      if (isForeign(error)) throw tainted(name, error);
      // Some browsers make bitmaps of what they make no frames of.
    }
  }
  return grabBitmap(video, name);
}

async function grabBitmap(video: HTMLVideoElement, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(video);
  } catch (error) {
    throw isForeign(error) ? tainted(name, error) : error;
  }
}

const isForeign = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'SecurityError';

function tainted(name: string, cause: unknown): Error {
  const why =
    'the video is from another origin, which must send Access-Control-Allow-Origin, and the <video> needs the attribute crossorigin';
  return videoError(name, why, cause);
}
