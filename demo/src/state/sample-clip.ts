import { fetchSample, SAMPLES } from '../model/samples.ts';

/** A stream that is made in the page. */
export interface MadeStream {
  readonly stream: MediaStream;
  stop(): void;
}

const WIDTH = 768;
const HEIGHT = 512;
const FPS = 25;
/** How long each photo is shown; then the clip cuts to the next. */
const SHOT_MS = 12_000;
/** How much of the photo is in the picture: the camera comes nearer. */
const NEAR = 0.7;
const FAR = 0.92;

/** A clip as a camera would give it: it pans over the sample photos, one after the other, without end. */
export async function playSampleClip(): Promise<MadeStream> {
  const photos = await Promise.all(
    SAMPLES.map(async (sample) => createImageBitmap((await fetchSample(sample)).blob)),
  );
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext('2d', { alpha: false })!;
  const started = performance.now();
  const draw = (): void => {
    const timeMs = performance.now() - started;
    const photo = photos[Math.floor(timeMs / SHOT_MS) % photos.length]!;
    const { left, top, width, height } = viewOf(photo, (timeMs % SHOT_MS) / SHOT_MS);
    context.drawImage(photo, left, top, width, height, 0, 0, WIDTH, HEIGHT);
  };
  draw();
  const timer = setInterval(draw, 1000 / FPS);
  const stream = canvas.captureStream(FPS);
  return {
    stream,
    stop() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      for (const photo of photos) photo.close();
    },
  };
}

/** The part of a photo that is shown at a share of its time: once across, and nearer. */
function viewOf(
  photo: { readonly width: number; readonly height: number },
  share: number,
): { left: number; top: number; width: number; height: number } {
  const way = 0.5 - 0.5 * Math.cos(Math.PI * share);
  const part = FAR - (FAR - NEAR) * way;
  const ratio = WIDTH / HEIGHT;
  const widest = Math.min(photo.width, photo.height * ratio);
  const [width, height] = [widest * part, (widest * part) / ratio];
  return {
    left: (photo.width - width) * way,
    top: (photo.height - height) * (0.15 + 0.2 * way),
    width,
    height,
  };
}

/** The clip as a file, so long; it takes as long to make. */
export async function recordSampleClip(durationMs: number): Promise<File> {
  const { stream, stop } = await playSampleClip();
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((done) => (recorder.onstop = done));
  recorder.start();
  await new Promise((done) => setTimeout(done, durationMs));
  recorder.stop();
  await ended;
  stop();
  const type = recorder.mimeType.split(';')[0] || 'video/webm';
  return new File(parts, `samples.${type.endsWith('mp4') ? 'mp4' : 'webm'}`, { type });
}
