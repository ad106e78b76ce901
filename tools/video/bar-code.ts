/** Runs in the page: a frame's number as a bar code that survives any codec, drawn and read back. */

/** Numbers to 65,535, and a check of one bit. */
const BITS = 16;
const CELLS = BITS + 3;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Draws `number` over the whole canvas: a white cell, a black one, 16 of its bits from the highest on, and their parity. */
export function drawNumber(context: Context, number: number): void {
  const { width, height } = context.canvas;
  const bits = Array.from({ length: BITS }, (_, k) => (number >> (BITS - 1 - k)) & 1);
  const cells = [1, 0, ...bits, bits.reduce((sum, bit) => sum ^ bit, 0)];
  const cell = width / CELLS;
  cells.forEach((bit, k) => {
    context.fillStyle = bit ? '#fff' : '#000';
    context.fillRect(k * cell, 0, cell + 1, height);
  });
}

/** The number in a picture. @throws Error if there is none */
export function readNumber(picture: CanvasImageSource, width: number, height: number): number {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, height >> 1, width, 1);
  const bits = Array.from({ length: CELLS }, (_, k) =>
    data[4 * Math.floor(((k + 0.5) * width) / CELLS)]! > 127 ? 1 : 0,
  );
  const [white, black, ...rest] = bits;
  const number = rest.slice(0, BITS).reduce<number>((sum, bit) => sum * 2 + bit, 0);
  const parity = rest.reduce<number>((sum, bit) => sum ^ bit, 0);
  if (white !== 1 || black !== 0 || parity !== 0)
    throw new Error(`no bar code, but the cells ${bits.join('')}`);
  return number;
}
