import type { DecoderWords } from '../../image/undecoded.ts';

export const BROWSER: DecoderWords = {
  name: 'the browser',
  reads: 'JPEG, PNG, WebP, GIF, AVIF, BMP, ICO and what else the browser decodes',
  unread: { tiff: 'TIFF', heic: 'HEIC', jxl: 'JPEG XL' },
  answer: 'ImageData or an ImageBitmap',
};
