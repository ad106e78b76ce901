import type { Container } from './container.ts';

/** How a file says that its pictures are to be shown. */
export type Shown = Pick<Container, 'rotation' | 'isFlipped' | 'width' | 'height'>;

/** Turns, flips and scales frames to how they are shown, on one canvas. A frame that needs none of it stays as it is. */
export class Upright {
  readonly #shown: Shown;
  #canvas: OffscreenCanvas | undefined;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  /** Owns `frame`; the answer is the caller's. */
  frame(frame: VideoFrame, timestamp: number): VideoFrame {
    const { rotation, isFlipped, width, height } = this.#shown;
    const isPlain = rotation === 0 && !isFlipped;
    if (isPlain && frame.displayWidth === width && frame.displayHeight === height) return frame;
    try {
      this.#canvas ??= new OffscreenCanvas(width, height);
      const context = this.#canvas.getContext('2d')!;
      const isTurned = rotation % 180 !== 0;
      const [across, down] = isTurned ? [height, width] : [width, height];
      context.setTransform(isFlipped ? -1 : 1, 0, 0, 1, width / 2, height / 2);
      context.rotate((rotation * Math.PI) / 180);
      context.drawImage(frame, -across / 2, -down / 2, across, down);
      return new VideoFrame(this.#canvas, { timestamp, alpha: 'discard' });
    } finally {
      frame.close();
    }
  }
}
