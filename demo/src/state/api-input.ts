import type { Box, NearFace } from 'nearface';
import type { ApiInput } from '../model/api-call.ts';
import type { NamedPhoto } from '../model/samples.ts';
import { canvasOf, toJpeg } from './canvas.ts';

/** How much of what is around a face is left in its picture, in widths of the face. */
const MARGIN = 0.5;

/** A photo, its biggest face alone, and the embedding of that. */
export async function inputOf(nf: NearFace, photo: NamedPhoto): Promise<ApiInput> {
  // The biggest comes first.
  const { faces } = await nf.detect(photo.blob, { mode: 'accurate' });
  const [face] = faces;
  if (!face) throw new Error(`${photo.name} shows no face`);
  const selfie = await cut(photo.blob, face.position);
  const [known] = (await nf.embed(selfie, { faces: 'biggest', mode: 'accurate' })).faces;
  if (!known?.embedding) throw new Error(`${photo.name} shows no face`);
  return {
    photo: { ...photo, name: 'photo.jpg' },
    selfie: { name: 'selfie.jpg', blob: selfie },
    facen: new Uint8Array(known.embedding.slice().buffer),
  };
}

async function cut(photo: Blob, { left, top, width, height }: Box): Promise<Blob> {
  const bitmap = await createImageBitmap(photo);
  const margin = MARGIN * width;
  const context = canvasOf(Math.round(width + 2 * margin), Math.round(height + 2 * margin));
  context.drawImage(bitmap, margin - left, margin - top);
  bitmap.close();
  return toJpeg(context.canvas, 0.95);
}
