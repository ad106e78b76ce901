/** Runs in the page: what the built library says of the sample photos' faces, as they are and with things drawn over them. */
import { coverPart, PARTS, type Part } from '../tools/drawing/occluder.ts';
import { Random } from '../tools/random.ts';
import type { Completeness, Point3 } from '../src/index.ts';
import { lookAt, sampleFaces } from './sample-faces.ts';

/** What is drawn over a face: a patch on one part, dark glasses, or a mask from the nose to the chin. */
export type Cover = Part | 'sunglasses' | 'mask';

/** What was drawn, and what of the face was then said to be visible; absent where the face was not found again. */
export interface Seen {
  readonly cover: Cover | 'nothing';
  readonly completeness?: Completeness;
}

const DETAILS = { mesh: true, quality: true } as const;

/** Each face as it is, with each part covered alone, with sunglasses and with a mask; the same on every run. */
export async function coverAll(): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { cut, things, sample, i } of await sampleFaces()) {
    const clean = await lookAt(cut, DETAILS);
    if (!clean?.mesh) continue;
    seen.push({ cover: 'nothing', completeness: clean.quality!.completeness });
    for (const [k, part] of PARTS.entries()) {
      const covered = coverPart(cut, clean.mesh, part, things, new Random(1 + 1000 * sample + 100 * i + k));
      if (covered) seen.push(await described(part, covered));
    }
    seen.push(
      await described(
        'sunglasses',
        drawn(cut, (context) => sunglasses(context, clean.mesh!)),
      ),
    );
    seen.push(
      await described(
        'mask',
        drawn(cut, (context) => mask(context, clean.mesh!)),
      ),
    );
  }
  return seen;
}

async function described(cover: Cover, picture: OffscreenCanvas): Promise<Seen> {
  const face = await lookAt(picture, DETAILS);
  return face ? { cover, completeness: face.quality!.completeness } : { cover };
}

function drawn(
  photo: ImageBitmap,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(photo, 0, 0);
  draw(context);
  return canvas;
}

function sunglasses(context: OffscreenCanvasRenderingContext2D, mesh: readonly Point3[]): void {
  const [left, right] = [mesh[468]!, mesh[473]!];
  const span = Math.hypot(right.x - left.x, right.y - left.y);
  const angle = Math.atan2(right.y - left.y, right.x - left.x);
  context.fillStyle = context.strokeStyle = 'rgb(24,20,22)';
  context.lineWidth = span * 0.06;
  for (const { x, y } of [left, right]) {
    context.beginPath();
    context.ellipse(x, y + 0.05 * span, 0.4 * span, 0.3 * span, angle, 0, 2 * Math.PI);
    context.fill();
  }
  context.beginPath();
  context.moveTo(left.x, left.y);
  context.lineTo(right.x, right.y);
  context.stroke();
}

/** The lower face's outline, and the nose's bridge. */
const MASK = [
  93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 195,
];

function mask(context: OffscreenCanvasRenderingContext2D, mesh: readonly Point3[]): void {
  context.fillStyle = 'rgb(150,190,215)';
  context.beginPath();
  for (const index of MASK) context.lineTo(mesh[index]!.x, mesh[index]!.y);
  context.fill();
}

(globalThis as { coverAll?: typeof coverAll }).coverAll = coverAll;
