/** A canvas without transparency, black at first, and what draws into it. */
export function canvasOf(width: number, height: number): CanvasRenderingContext2D {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  return canvas.getContext('2d', { alpha: false })!;
}

/** What was drawn, as a picture of a quality of 0..1. */
export function toJpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null): void =>
      blob ? resolve(blob) : reject(new Error('The browser could not make a picture of a canvas'));
    canvas.toBlob(done, 'image/jpeg', quality);
  });
}
