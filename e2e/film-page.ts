/** Runs in the page: makes a film of a sample photo that moves a little. */
import { renderClip } from '../tools/video/render-clip.ts';

/** Answers the film as base64. */
async function film(sample: number, frames: number): Promise<string> {
  const photo = await createImageBitmap(await (await fetch(`./samples/sample${sample}.jpg`)).blob());
  const [width, height] = [900, 2 * Math.round((450 * photo.height) / photo.width)];
  const clip = await renderClip({
    ...{ frames, fps: 25, width, height, container: 'webm', codec: 'vp8' },
    draw(context, k) {
      const shift = 12 * Math.sin(k / 12);
      context.drawImage(photo, shift - 12, -12, width + 24, height + 24);
    },
  });
  const bytes = new Uint8Array(await clip.arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
}

export type FilmOfSample = typeof film;

(globalThis as { filmOfSample?: FilmOfSample }).filmOfSample = film;
