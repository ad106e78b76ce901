/** Runs in a page: the people of the sample photos, and what they move before. */
import type { NearFace } from '../../src/index.ts';
import type { HeadPhoto } from './draw-scene.ts';

/** A scene's people are cut out of photos where their faces have so many pixels. */
const LEAST_FACE = 70;
const SAMPLES = [1, 2, 3, 4, 5, 6];

/** People who can be told apart, and their heads. */
export interface SamplePeople {
  readonly people: readonly string[];
  readonly heads: Readonly<Record<string, readonly HeadPhoto[]>>;
}

/** Finds the people of the sample photos, which lie in `folder`. */
export async function samplePeople(
  nf: NearFace,
  folder: string,
  samples: readonly number[] = SAMPLES,
): Promise<SamplePeople> {
  const heads: Record<string, readonly HeadPhoto[]> = {};
  for (const sample of samples) {
    const photo = await (await fetch(`${folder}sample${sample}.jpg`)).blob();
    const bitmap = await createImageBitmap(photo);
    const { faces } = await nf.embed(photo);
    for (const [i, { position }] of faces.entries())
      if (position.width >= LEAST_FACE)
        heads[`sample ${sample} face ${i}`] = [{ photo: bitmap, face: position }];
  }
  return { people: await distinct(nf, heads), heads };
}

/** Some people are in several photos. */
async function distinct(nf: NearFace, heads: SamplePeople['heads']): Promise<string[]> {
  const kept: { name: string; embedding: Float32Array }[] = [];
  for (const name of Object.keys(heads)) {
    const [head] = heads[name]!;
    const { faces } = await nf.embed(head!.photo, { boxes: [head!.face] });
    const { embedding } = faces[0]!;
    const cosine = (other: Float32Array): number =>
      other.reduce((sum, value, i) => sum + value * embedding![i]!, 0);
    if (kept.every((other) => cosine(other.embedding) < 0.3)) kept.push({ name, embedding: embedding! });
  }
  return kept.map(({ name }) => name);
}

/** A background without faces. */
export function paintBackground(seed: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(480, 360);
  const context = canvas.getContext('2d')!;
  const gradient = context.createLinearGradient(0, 0, 480, 360);
  gradient.addColorStop(0, `hsl(${seed * 80} 25% 70%)`);
  gradient.addColorStop(1, `hsl(${seed * 80 + 60} 30% 35%)`);
  context.fillStyle = gradient;
  context.fillRect(0, 0, 480, 360);
  for (let i = 0; i < 40; i++) {
    context.fillStyle = `hsl(${(i * 47 + seed * 90) % 360} 20% ${30 + ((i * 13) % 50)}%)`;
    context.fillRect((i * 97 + seed * 31) % 480, (i * 61) % 360, 12 + ((i * 7) % 40), 8 + ((i * 11) % 30));
  }
  return canvas;
}
