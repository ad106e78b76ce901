import { NearFaceError } from '../../../core/errors.ts';
import type { SourceOptions } from '../../../video/frame-source.ts';
import { LiveFrames } from '../../../video/live-frames.ts';
import { grab, livePicture, type Picture } from './picture.ts';

/** The first frame may be there already, and then no callback speaks of it. */
const HAVE_CURRENT_DATA = 2;
/** No frame is shown for longer, in seconds. */
const FRAME_S = 0.25;
/** While it plays, a browser that says nothing of its frames for so long says nothing at all: WebKitGTK of streams, all of hidden pages. */
const SILENT_MS = 500;
const FPS = 30;

/**
 * The frames that a `<video>` of the page shows, as it is played there: it is neither played, paused nor moved. While it is paused the source
 * waits; it ends as the `<video>` does.
 *
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where the browser does not tell what it shows
 */
export function openElement(video: HTMLVideoElement, options: SourceOptions): LiveFrames<Picture> {
  const { videoWidth: width, videoHeight: height } = video;
  const way = 'video-frame-callback';
  const info = { kind: 'live', mediaType: '', width, height, way } as const;
  const live = new LiveFrames<Picture>(info, options, !video.srcObject);
  try {
    const stops = [watchElement(video, live), feedElement(video, live, { name: 'the <video>' })];
    live.stop = () => stops.forEach((stop) => stop());
  } catch (error) {
    void live.close();
    throw error;
  }
  return live;
}

/** Tells what happens to a `<video>`; answers how to stop it. */
function watchElement(video: HTMLVideoElement, live: LiveFrames<Picture>): () => void {
  const handlers: Readonly<Record<string, () => void>> = {
    ended: () => live.end(),
    error: () => live.end(`the <video> failed: ${video.error?.message || `code ${video.error?.code}`}`),
    pause: () => live.wait(true),
    playing: () => live.wait(false),
  };
  for (const [type, handle] of Object.entries(handlers)) video.addEventListener(type, handle);
  live.wait(video.paused);
  if (video.ended) queueMicrotask(() => live.end());
  return () => {
    for (const [type, handle] of Object.entries(handlers)) video.removeEventListener(type, handle);
  };
}

/** How a `<video>` is read. */
export interface FeedOptions {
  /** For messages. */
  readonly name: string;
  /** What it shows from now on is no picture of its source. */
  readonly isOver?: () => boolean;
  /** How often a timer looks at it where the browser does not tell what it shows. */
  readonly fps?: number | undefined;
}

/** Offers what a `<video>` shows, each time that it shows another frame; answers how to stop it. */
export function feedElement(
  video: HTMLVideoElement,
  live: LiveFrames<Picture>,
  options: FeedOptions,
): () => void {
  if (!('requestVideoFrameCallback' in video)) {
    const text = 'This browser has no requestVideoFrameCallback, which says what a <video> shows; update it';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { missing: 'requestVideoFrameCallback' });
  }
  const feed = new ElementFeed(video, live, options);
  feed.start();
  return () => feed.stop();
}

class ElementFeed {
  readonly #video: HTMLVideoElement;
  readonly #live: LiveFrames<Picture>;
  readonly #options: FeedOptions;
  #request = 0;
  #isStopped = false;
  /** A bitmap is being made: what is shown meanwhile is missed. */
  #isBusy = false;
  #presented: number | undefined;
  /** The time of the picture that was offered last, if it told it. */
  #shownAt: number | undefined;
  /** When the frame is shown that was there at the start; a callback may speak of it again. */
  #startedAt: number | undefined;
  /** What was shown could not be read: while it is paused no callback speaks of it again. */
  #isOwed = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The timer that stands in for callbacks. */
  #looking: ReturnType<typeof setInterval> | undefined;
  #lookedAt: number | undefined;
  #calls = 0;
  #callsBefore = 0;
  #timeBefore = 0;

  constructor(video: HTMLVideoElement, live: LiveFrames<Picture>, options: FeedOptions) {
    this.#video = video;
    this.#live = live;
    this.#options = options;
  }

  start(): void {
    const { readyState, currentTime } = this.#video;
    if (readyState >= HAVE_CURRENT_DATA) {
      this.#startedAt = currentTime;
      this.#offer(currentTime, 0);
    }
    this.#listen();
    this.#timer = setInterval(() => this.#doubt(), SILENT_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    clearInterval(this.#looking);
    this.#video.cancelVideoFrameCallback(this.#request);
  }

  #listen(): void {
    this.#request = this.#video.requestVideoFrameCallback((_, { mediaTime, presentedFrames }) => {
      if (this.#isStopped) return;
      this.#listen();
      this.#trust();
      if (this.#isBusy || this.#options.isOver?.() || this.#isOffered(mediaTime)) return;
      const missed = this.#presented === undefined ? 0 : Math.max(0, presentedFrames - this.#presented - 1);
      if (this.#offer(mediaTime, missed)) this.#presented = presentedFrames;
    });
  }

  /** The browser tells what is shown. */
  #trust(): void {
    this.#calls++;
    if (this.#looking === undefined) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#live.goBy('video-frame-callback');
  }

  /** Looks at the `<video>` by a timer if it plays and nothing was told since the last time. */
  #doubt(): void {
    const { currentTime } = this.#video;
    const isSilent = this.#calls === this.#callsBefore && currentTime !== this.#timeBefore;
    this.#callsBefore = this.#calls;
    this.#timeBefore = currentTime;
    if (this.#isOwed) return this.#look();
    // One that has told is believed while it can be seen: then a source stands still.
    const isBelieved = this.#calls > 0 && document.visibilityState === 'visible';
    if (!isSilent || isBelieved || this.#video.paused || this.#looking !== undefined) return;
    this.#live.goBy('timer');
    this.#looking = setInterval(() => this.#look(), 1000 / (this.#options.fps ?? FPS));
  }

  #look(): void {
    const { currentTime, readyState } = this.#video;
    if (currentTime === this.#lookedAt || readyState < HAVE_CURRENT_DATA || this.#isBusy) return;
    if (this.#options.isOver?.()) return;
    this.#lookedAt = currentTime;
    this.#offer(currentTime, 0);
  }

  /** Whether it is the frame that was there at the start: it began at that time or a little before. */
  #isOffered(mediaTime: number): boolean {
    const began = (this.#startedAt ?? -Infinity) - mediaTime;
    this.#startedAt = undefined;
    return began >= 0 && began < FRAME_S;
  }

  /**
   * Offers what is shown now.
   *
   * @param time - when what is shown began, as far as is known
   * @returns false if it is the picture that was offered last
   */
  #offer(time: number, missed: number): boolean {
    const done = (image: Picture): boolean => {
      this.#isOwed = false;
      const shownAt = this.#timeOf(image, time);
      const isSame = shownAt !== undefined && shownAt === this.#shownAt;
      this.#shownAt = shownAt;
      const picture = livePicture(image);
      if (isSame) picture.close();
      else this.#live.offer(picture, (shownAt ?? time) * 1000, missed);
      return !isSame;
    };
    const failed = (error: unknown): void => {
      this.#startedAt = undefined;
      this.#lookedAt = undefined;
      this.#isOwed = true;
      if (error instanceof NearFaceError) this.#live.fail(error);
    };
    try {
      const image = grab(this.#video, this.#options.name);
      if (!(image instanceof Promise)) return done(image);
      this.#isBusy = true;
      image.then(done, failed).finally(() => (this.#isBusy = false));
    } catch (error) {
      failed(error);
    }
    return true;
  }

  /**
   * When the picture is shown in its file, in seconds, if it tells. A callback that comes late speaks of a picture that is over by then; the
   * picture itself knows (in Chromium; Firefox gives it another time, which is not believed).
   */
  #timeOf(image: Picture, told: number): number | undefined {
    if (!('timestamp' in image) || this.#video.srcObject) return undefined;
    const time = image.timestamp / 1e6;
    return time >= told && time <= this.#video.currentTime + FRAME_S ? time : undefined;
  }
}
