import { badParam } from '../../../core/errors.ts';
import type { SourceInfo, SourceOptions } from '../../../video/frame-source.ts';
import { LiveFrames } from '../../../video/live-frames.ts';
import { videoError } from '../../../video/video-error.ts';
import { feedElement } from './element-frames.ts';
import { livePicture, type Picture } from './picture.ts';

/** Chromium has it in pages. */
interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorMaker = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

const trackProcessor = (): TrackProcessorMaker | undefined =>
  (globalThis as { MediaStreamTrackProcessor?: TrackProcessorMaker }).MediaStreamTrackProcessor;

/** How often it is looked whether a page has stopped a track, which no event tells. */
const LOOK_MS = 500;

/** How a stream is read. */
export interface StreamOptions extends SourceOptions {
  /** `false`: as in a browser without `MediaStreamTrackProcessor`. */
  readonly useProcessor?: boolean | undefined;
}

/**
 * The frames of a camera, or of any other stream: its first track of video that is live. The stream stays its owner's: it is neither stopped nor
 * changed.
 *
 * @throws NearFaceError `BAD_PARAM` if there is no such track
 */
export function openStream(stream: MediaStream, options: StreamOptions): LiveFrames<Picture> {
  const track = stream.getVideoTracks().find(({ readyState }) => readyState === 'live');
  if (!track) {
    const given = `a stream with ${stream.getVideoTracks().length} tracks of video, none of them live`;
    throw badParam('source', given, 'a MediaStream with a live track of video, as getUserMedia gives it');
  }
  const Processor = options.useProcessor === false ? undefined : trackProcessor();
  const live = new LiveFrames<Picture>(infoOf(track, Processor !== undefined), options);
  const stops = [watchTrack(track, live)];
  live.stop = () => stops.forEach((stop) => stop());
  try {
    stops.push(Processor ? readTrack(new Processor({ track }), live) : playTrack(track, live));
  } catch (error) {
    void live.close();
    throw error;
  }
  return live;
}

function infoOf(track: MediaStreamTrack, isProcessed: boolean): SourceInfo {
  const { width = 0, height = 0, frameRate } = track.getSettings();
  return {
    kind: 'live',
    mediaType: '',
    ...{ width, height },
    ...(frameRate && { fps: frameRate }),
    way: isProcessed ? 'processor' : 'video-frame-callback',
  };
}

/** Tells what happens to a track; answers how to stop it. */
function watchTrack(track: MediaStreamTrack, live: LiveFrames<Picture>): () => void {
  const end = (): void => live.end('the camera was unplugged, or its permission withdrawn');
  const mute = (): void => live.mute(true);
  const unmute = (): void => live.mute(false);
  track.addEventListener('ended', end);
  track.addEventListener('mute', mute);
  track.addEventListener('unmute', unmute);
  const looking = setInterval(() => track.readyState === 'ended' && live.end(STOPPED), LOOK_MS);
  return () => {
    clearInterval(looking);
    track.removeEventListener('ended', end);
    track.removeEventListener('mute', mute);
    track.removeEventListener('unmute', unmute);
  };
}

const STOPPED = 'its track of video was stopped';

function readTrack({ readable }: TrackProcessor, live: LiveFrames<Picture>): () => void {
  const reader = readable.getReader();
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return live.end(STOPPED);
      live.offer(livePicture(frame), frame.timestamp / 1000);
    }
  };
  read().catch((error: unknown) => live.end(`its frames cannot be read: ${String(error)}`));
  return () => void reader.cancel().catch(() => undefined);
}

/** By a `<video>` of our own that nobody sees. */
function playTrack(track: MediaStreamTrack, live: LiveFrames<Picture>): () => void {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const stop = feedElement(video, live, {
    name: 'the stream',
    isOver: () => track.readyState === 'ended',
    fps: track.getSettings().frameRate,
  });
  const isBlocked = (error: unknown): boolean =>
    error instanceof DOMException && error.name === 'NotAllowedError';
  video.play().catch((error: unknown) => {
    // Closing it interrupts the play that was asked for.
    if (isBlocked(error)) live.fail(videoError('the stream', 'the browser lets no <video> play here', error));
  });
  return () => {
    stop();
    video.pause();
    video.srcObject = null;
  };
}
