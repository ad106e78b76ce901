import type { RgbaImage } from '../../image/pixels.ts';
import type { EncodeJpeg, EncodePng } from '../port.ts';
import { loadSharp, type Sharp } from './sharp.ts';

/** Encodes by sharp. */
export const encodeJpeg: EncodeJpeg = async (image, quality) => {
  const jpeg = await (await opaque(image)).jpeg({ quality: Math.round(100 * quality) }).toBuffer();
  return new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' });
};

/** The same as PNG. */
export const encodePng: EncodePng = async (image) => {
  const png = await (await opaque(image)).png().toBuffer();
  return new Blob([new Uint8Array(png)], { type: 'image/png' });
};

async function opaque({ width, height, data }: RgbaImage): Promise<ReturnType<Sharp>> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
}
