/** Runs in the page: the faces of the sample photos, cut out, and how they are looked at again. */
import type { Face, ReturnDetails } from '../src/index.ts';

/** A face of a sample photo with what is around it. */
export interface SampleFace {
  readonly cut: ImageBitmap;
  /** The whole photo. */
  readonly things: ImageBitmap;
  readonly sample: number;
  /** The face's place among those of its photo. */
  readonly i: number;
}

/** Around the face, in sides of its box: what is cut out of the photo. */
const AROUND = 1;
const SAMPLES = [1, 2, 3, 4, 5, 6];

/** Every face of the sample photos. */
export async function sampleFaces(): Promise<SampleFace[]> {
  const all: SampleFace[] = [];
  for (const sample of SAMPLES) {
    const photo = await (await fetch(`/photos/sample${sample}.jpg`)).blob();
    const things = await createImageBitmap(photo);
    const { faces } = await window.nf.detect(photo, { returnDetails: { mesh: true } });
    for (const [i, { position }] of faces.entries()) {
      const { left, top, width, height } = position;
      const [x, y] = [Math.round(left - AROUND * width), Math.round(top - AROUND * height)];
      const [w, h] = [Math.round((1 + 2 * AROUND) * width), Math.round((1 + 2 * AROUND) * height)];
      all.push({ cut: await createImageBitmap(things, x, y, w, h), things, sample, i });
    }
  }
  return all;
}

/** The face in the middle; quickly, then for anything that may be one. */
export async function lookAt(
  picture: OffscreenCanvas | ImageBitmap,
  returnDetails: ReturnDetails,
): Promise<Face | undefined> {
  const isInMiddle = ({ position: { left, top, width, height } }: Face): boolean =>
    Math.hypot(left + width / 2 - picture.width / 2, top + height / 2 - picture.height / 2) < width / 2;
  for (const look of [{ mode: 'fast' }, { mode: 'accurate', minScore: 0.1 }] as const) {
    const { faces } = await window.nf.detect(picture, { ...look, returnDetails });
    const found = faces.find(isInMiddle);
    if (found) return found;
  }
  return undefined;
}
