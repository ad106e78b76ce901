import { NearFaceError } from '../../core/errors.ts';

/** What gives a canvas's pixels as they were drawn: the canvas itself, or a `VideoFrame` made of it. */
export type Readback = 'canvas' | 'frame';

/** Odd, so that rows that are padded show. */
const SIDE = 19;
/** Levels of 255 by which a channel may be off: some browsers change the lowest bits, which no network notices. */
const TOLERANCE = 8;
const REMEDY =
  'allow this site to read canvases (in Firefox: privacy.resistFingerprinting off, or an exemption for the site), or ' +
  'use another browser or profile; ImageData is analysed as it is given';

/** What {@link chooseReadback} throws where nothing tells the truth. */
export function falsifiedError(): NearFaceError {
  return new NearFaceError(
    'BACKEND_UNAVAILABLE',
    `This browser falsifies what is read from a canvas, as protection against fingerprinting, so that no picture can be seen; ${REMEDY}`,
    { reason: 'canvas-falsified' },
  );
}

/**
 * Draws known pixels and reads them back. Hardened browsers answer with noise or white instead, in which no face would
 * be found. Costs about a millisecond.
 * @throws NearFaceError `BACKEND_UNAVAILABLE` if no way to the pixels tells the truth
 */
export async function chooseReadback(): Promise<Readback> {
  const { context, drawn } = drawPattern();
  if (areAlike(drawn, context.getImageData(0, 0, SIDE, SIDE).data)) return 'canvas';
  if (await framesTellTruth()) return 'frame';
  throw falsifiedError();
}

/** Whether `VideoFrame.copyTo` gives RGBA as it was asked for, which not every browser that has it does. */
export async function framesTellTruth(): Promise<boolean> {
  const { context, drawn } = drawPattern();
  const read = new Uint8ClampedArray(drawn.length);
  // Where there is no VideoFrame, `read` stays black.
  await copyByFrame(context.canvas, read).catch(() => undefined);
  return areAlike(drawn, read);
}

/** Copies a canvas's pixels, RGBA, into `data`. */
export async function copyByFrame(
  canvas: OffscreenCanvas,
  data: Uint8ClampedArray<ArrayBuffer>,
): Promise<void> {
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  try {
    await copyFrame(frame, data);
  } finally {
    frame.close();
  }
}

/** Copies a frame's pixels, RGBA, into `data`. */
export async function copyFrame(frame: VideoFrame, data: Uint8ClampedArray<ArrayBuffer>): Promise<void> {
  await frame.copyTo(data, { format: 'RGBA', colorSpace: 'srgb' });
}

/** Whether two pictures, RGBA, differ by no more than some browsers' least changes. */
export function areAlike(a: Uint8ClampedArray, b: ArrayLike<number>): boolean {
  return a.every((value, i) => Math.abs(value - b[i]!) <= TOLERANCE);
}

/** The error where a worker has no 2d canvas. */
export function noContext(): NearFaceError {
  return new NearFaceError('BACKEND_UNAVAILABLE', 'This browser gives no 2d context to workers');
}

/** Pixels that neither one colour nor noise is like. */
function pattern(): Uint8ClampedArray {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++)
    data.set([(i * 37) % 256, (i * 101) % 256, (i * 59) % 256, 255], 4 * i);
  return data;
}

function drawPattern(): { context: OffscreenCanvasRenderingContext2D; drawn: Uint8ClampedArray } {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw noContext();
  const drawn = pattern();
  for (let i = 0; i < SIDE * SIDE; i++) {
    context.fillStyle = `rgb(${drawn.subarray(4 * i, 4 * i + 3).join()})`;
    context.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
  }
  return { context, drawn };
}
