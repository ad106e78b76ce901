/** Runs in the page: asks the built library whether faces are alive, in photos by URL and in such photos held before a camera. */
import type { Liveness, NearFace } from '../../src/index.ts';
import { type Presentation, present } from '../../tools/drawing/present.ts';
import { Random } from '../../tools/random.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** What the library says of the biggest face of a photo; `score` is absent where it cannot tell. */
export interface SeenFace {
  readonly image: string;
  readonly found: boolean;
  /** Shorter side of its box, in pixels. */
  readonly side?: number;
  readonly score?: number;
}

/** What the Node side calls. */
export class LivenessPage {
  #nf: NearFace | undefined;

  /** Photos of one set; each is drawn as `how` shows it first, where that is given. */
  async see(set: string, images: readonly string[], how?: Presentation, seed = 1): Promise<SeenFace[]> {
    const nf = (this.#nf ??= await startLibrary());
    const seen: SeenFace[] = [];
    for (const [i, image] of images.entries()) {
      const blob = await (await fetch(`/${set}/${encodeURIComponent(image)}`)).blob();
      const shown = how === undefined ? blob : await shownAs(blob, how, new Random(1009 * seed + i));
      const { faces } = await nf.embed(shown, { faces: 'biggest', returnDetails: { liveness: true } });
      seen.push({ image, ...said(faces[0]) });
    }
    return seen;
  }

  /** A photo as `how` shows it, as a data URL, to be looked at. */
  async picture(set: string, image: string, how: Presentation, seed = 1): Promise<string> {
    const blob = await (await fetch(`/${set}/${encodeURIComponent(image)}`)).blob();
    const shown = await shownAs(blob, how, new Random(1009 * seed));
    const bytes = new Uint8Array(await shown.arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  }

  /** Median milliseconds of each stage. */
  timings(): NearFace['info']['timings'] {
    return this.#nf?.info.timings ?? {};
  }
}

async function shownAs(photo: Blob, how: Presentation, random: Random): Promise<Blob> {
  const bitmap = await createImageBitmap(photo);
  const canvas = present(bitmap, how, random);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
}

function said(
  face: { readonly position: { width: number; height: number }; readonly liveness?: Liveness } | undefined,
): Omit<SeenFace, 'image'> {
  if (!face) return { found: false };
  const { width, height } = face.position;
  return {
    found: true,
    side: Math.min(width, height),
    ...(face.liveness && { score: face.liveness.score }),
  };
}

(globalThis as { livenessPage?: LivenessPage }).livenessPage = new LivenessPage();
