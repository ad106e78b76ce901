/** Runs in the page: what the built library says of glasses drawn on the sample photos' faces. */
import type { Attributes } from '../src/index.ts';
import { drawGlasses } from '../tools/drawing/glasses.ts';
import type { GlassesKind } from '../tools/drawing/glasses-looks.ts';
import { Random } from '../tools/random.ts';
import { lookAt, sampleFaces } from './sample-faces.ts';

/** What was drawn, and what the glasses were then said to be; absent where the face was not found again. */
export interface Seen {
  readonly drawn: GlassesKind;
  readonly said?: Required<Attributes>['glasses']['value'];
}

/** Glasses of each of `kinds` on every face; the same on every run. */
export async function wearAll(kinds: readonly GlassesKind[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { cut, sample, i } of await sampleFaces()) {
    const mesh = (await lookAt(cut, { mesh: true }))?.mesh;
    if (!mesh) continue;
    for (const [k, drawn] of kinds.entries()) {
      const picture = drawGlasses(cut, mesh, drawn, new Random(1 + 1000 * sample + 100 * i + k));
      const face = await lookAt(picture, { attributes: ['appearance'] });
      const said = face?.attributes?.glasses?.value;
      seen.push({ drawn, ...(said && { said }) });
    }
  }
  return seen;
}

(globalThis as { wearAll?: typeof wearAll }).wearAll = wearAll;
