/** How many frames are looked at, of how many there were. */
export interface FrameRate {
  /** Frames looked at per second, over the last two seconds or, if that is longer, two frames. */
  readonly fps: number;
  /** Frames that the camera delivered and nobody looked at, since the start. */
  readonly dropped: number;
}

/** Counts the frames of a video that were looked at against those it showed. */
export function createFrameMeter(video: HTMLVideoElement): { count(): FrameRate; stop(): void } {
  const windowMs = 2000;
  const done: number[] = [];
  let [shown, looked, handle, stopped] = [0, 0, 0, false];

  const onFrame = (): void => {
    shown++;
    if (!stopped) handle = video.requestVideoFrameCallback(onFrame);
  };
  handle = video.requestVideoFrameCallback(onFrame);

  return {
    count() {
      const now = performance.now();
      looked++;
      done.push(now);
      while (done.length > 2 && done[0]! < now - windowMs) done.shift();
      const span = now - done[0]!;
      const fps = done.length > 1 ? ((done.length - 1) * 1000) / span : 0;
      return { fps, dropped: Math.max(0, shown - looked) };
    },
    stop() {
      stopped = true;
      video.cancelVideoFrameCallback(handle);
    },
  };
}
