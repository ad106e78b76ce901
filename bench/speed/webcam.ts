/** Runs in the page: finding the face in a webcam frame, in both modes. */
import { startLibrary } from '../../tools/library-in-page.ts';

/** Width of the frame in pixels. */
const FRAME_WIDTH = 640;
/** Height of the frame in pixels. */
const FRAME_HEIGHT = 480;
const WARM_UPS = 5;

/** Milliseconds per call, the modes taking turns. */
export interface WebcamTimes {
  readonly fastMs: readonly number[];
  readonly accurateMs: readonly number[];
  /** Faces that each mode found. */
  readonly faces: readonly [fast: number, accurate: number];
}

/** Times `detect` on a `VideoFrame` of 640×480 that shows `photo`; WASM, one thread. */
export async function timeWebcam(photo: HTMLCanvasElement, rounds: number): Promise<WebcamTimes> {
  const nf = await startLibrary();
  const frame = await frameOf(photo);
  const times = { fast: [] as number[], accurate: [] as number[] };
  const faces = { fast: 0, accurate: 0 };
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const mode of ['fast', 'accurate'] as const) {
      const startMs = performance.now();
      faces[mode] = (await nf.detect(frame, { mode })).faces.length;
      if (round >= 0) times[mode].push(performance.now() - startMs);
    }
  }
  frame.close();
  await nf.dispose();
  return { fastMs: times.fast, accurateMs: times.accurate, faces: [faces.fast, faces.accurate] };
}

async function frameOf(photo: HTMLCanvasElement): Promise<VideoFrame> {
  const canvas = new OffscreenCanvas(FRAME_WIDTH, FRAME_HEIGHT);
  canvas.getContext('2d')!.drawImage(photo, 0, 0, FRAME_WIDTH, FRAME_HEIGHT);
  return new VideoFrame(canvas, { timestamp: 0, alpha: 'discard' });
}
